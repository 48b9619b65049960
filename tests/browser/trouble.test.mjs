// What goes wrong around a call: a camera in use, unplugged or forbidden, refused playback, two tabs, a page left.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { inOneCall, openBrowser, Person, sendHome, SITE, until } from './support/person.mjs';

const browsers = {};
before(async () => {
  for (const colour of ['red', 'green']) browsers[colour] = await openBrowser(colour);
});
afterEach(sendHome);
after(() => Promise.all(Object.values(browsers).map((browser) => browser.close())));

/** Opens the page anew with `change` made to the browser before the page's own scripts run. */
async function openWith(browser, change) {
  const person = await Person.open(browser);
  await person.context.addInitScript(change);
  await person.page.reload();
  return person;
}

async function told(person, code) {
  await person.find('error').waitFor();
  assert.equal(await person.find('error').getAttribute('data-code'), code);
}

// Run in the page.
function holdCamera() {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wishes) => (wishes.video ? Promise.reject(new DOMException('in use', 'NotReadableError')) : ask(wishes));
}
function refusePlayback() {
  const play = HTMLMediaElement.prototype.play;
  window.refused = 0;
  window.allowed = false;
  window.heard = false;
  HTMLMediaElement.prototype.play = function () {
    if (this.tagName !== 'AUDIO') return play.call(this);
    if (!window.allowed) { window.refused += 1; return Promise.reject(new DOMException('no gesture', 'NotAllowedError')); }
    window.heard = true;
    return play.call(this);
  };
}
function unplugCamera() {
  const { mediaDevices } = navigator;
  const list = mediaDevices.enumerateDevices.bind(mediaDevices);
  mediaDevices.enumerateDevices = async () => (await list()).filter((device) => device.kind !== 'videoinput');
  window.plugIn = () => { mediaDevices.enumerateDevices = list; mediaDevices.dispatchEvent(new Event('devicechange')); };
  const [track] = document.querySelector('[data-testid=local-video]').srcObject.getVideoTracks();
  track.stop();
  track.dispatchEvent(new Event('ended'));
}

test('a camera that another program holds is said, and one is heard', { timeout: 120_000 }, async () => {
  const ada = await openWith(browsers.red, holdCamera);
  await ada.choose('chess');
  await ada.find('start').click();
  await told(ada, 'NotReadableError');
  const bob = await Person.searching(browsers.green, 'chess');

  await inOneCall(ada, bob);

  await Promise.all([ada.sees('green'), bob.hears()]);
  await Promise.all([ada.leave(), bob.leave()]);
});

test('a camera unplugged in a call is said, and is back when it is plugged in', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'travel');
  const bob = await Person.searching(browsers.green, 'travel');
  await inOneCall(ada, bob);
  await bob.sees('red');
  assert.equal(await ada.find('error').count(), 0);

  await ada.page.evaluate(unplugCamera);

  await told(ada, 'TrackEndedError');
  await Promise.all([ada.sees('green'), bob.hears()]);
  await ada.page.evaluate(() => window.plugIn());
  await bob.sees('red');
  assert.equal(await ada.find('error').count(), 0, 'nothing is wrong any more');
  assert.equal(await ada.status.getAttribute('data-state'), 'connected');
  await Promise.all([ada.leave(), bob.leave()]);
});

test('a camera forbidden in a call is said as that', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'python');
  const bob = await Person.searching(browsers.green, 'python');
  await inOneCall(ada, bob);
  await bob.sees('red');

  const page = await ada.context.newCDPSession(ada.page);
  const { targetInfo } = await page.send('Target.getTargetInfo');
  const whole = await browsers.red.newBrowserCDPSession();
  await whole.send('Browser.setPermission', {
    permission: { name: 'camera' }, setting: 'denied', origin: new URL(SITE).origin, browserContextId: targetInfo.browserContextId,
  });
  await until('it is said', async () => (await ada.find('error').count()) === 1 && (await ada.find('error').getAttribute('data-code')) === 'NotAllowedError');
  await Promise.all([ada.sees('green'), bob.hears()]);
  await Promise.all([ada.leave(), bob.leave()]);
});

test('sound that the browser refuses to play starts with the next key', { timeout: 120_000 }, async () => {
  const ada = await openWith(browsers.red, refusePlayback);
  await ada.choose('gaming');
  await ada.find('start').click();
  const bob = await Person.searching(browsers.green, 'gaming');
  await inOneCall(ada, bob);
  await until('playback is refused', () => ada.page.evaluate(() => window.refused > 0));

  await ada.page.evaluate(() => { window.allowed = true; });
  await ada.page.keyboard.press('Shift');

  await until('the sound plays', () => ada.page.evaluate(() => window.heard));
  await Promise.all([ada.leave(), bob.leave()]);
});

test('two pages of one person take turns, and a call in one is told in the other', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'music');
  await ada.state('searching');
  const again = Object.assign(new Person(), { context: ada.context, page: await ada.context.newPage(), errors: [] });
  again.page.on('pageerror', (error) => again.errors.push(String(error)));
  await again.page.goto(SITE);
  await again.find('start').click();

  await Promise.all([again.state('searching'), ada.state('error')]);
  assert.equal(await ada.find('error').getAttribute('data-code'), 'replaced');
  await ada.find('next').click();
  await Promise.all([ada.state('searching'), again.state('error')]);

  const bob = await Person.searching(browsers.green, 'music');
  await inOneCall(ada, bob);
  await again.find('next').click();
  await again.state('searching');
  await again.state('error');
  assert.equal(await again.find('error').getAttribute('data-code'), 'already_in_room');
  assert.equal(await ada.status.getAttribute('data-state'), 'connected', 'the call goes on');
  assert.deepEqual(again.errors, []);
  await Promise.all([ada.leave(), bob.leave()]);
});

test('whoever leaves the page is gone at once, and finds it fresh on the way back', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'cooking');
  const bob = await Person.searching(browsers.green, 'cooking');
  await inOneCall(ada, bob);
  await ada.forgetStates();

  await bob.page.goto('about:blank');
  await ada.state('peer-left');
  assert.ok(!(await ada.states()).includes('reconnecting'), 'nobody waits for who said goodbye');
  await bob.page.goBack();

  await bob.state('idle');
  await bob.find('start').click();
  await bob.state('searching');
  await Promise.all([ada.leave(), bob.leave()]);
});
