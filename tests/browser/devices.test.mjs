// Cameras that are refused, missing or not wanted: the visit goes on.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { inOneCall, openBrowser, Person, sendHome, SITE_OTHER, until } from './support/person.mjs';

const browsers = {};
before(async () => {
  browsers.red = await openBrowser('red');
  browsers.green = await openBrowser('green');
  browsers.none = await openBrowser('blue', { devices: 'none' });
});
afterEach(sendHome);
after(() => Promise.all(Object.values(browsers).map((browser) => browser.close())));

async function told(person, code) {
  await person.find('error').filter({ hasText: /\S/ }).first().waitFor();
  assert.equal(await person.find('error').first().getAttribute('data-code'), code);
}

test('a refused camera is said, and one sees the other all the same', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'chess', { permissions: [] });
  await told(ada, 'NotAllowedError');
  await ada.state('searching');

  const bob = await Person.searching(browsers.green, 'chess', { site: SITE_OTHER });
  await inOneCall(ada, bob);

  assert.equal(await ada.find('toggle-mic').getAttribute('aria-pressed'), 'true', 'a device that is not there is off');
  assert.equal(await ada.find('toggle-camera').getAttribute('aria-pressed'), 'true');
  await Promise.all([ada.sees('green'), ada.hears()]);
  await bob.says('I see nobody');
  await ada.reads('I see nobody');
  await Promise.all([ada.leave(), bob.leave()]);
});

test('without a camera one is heard', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.none, 'travel');
  await told(ada, 'NotFoundError');
  const bob = await Person.searching(browsers.green, 'travel');

  await inOneCall(ada, bob);

  await Promise.all([ada.sees('green'), ada.hears(), bob.hears()]);
  await Promise.all([ada.leave(), bob.leave()]);
});

test('two who want only text never open a device', { timeout: 120_000 }, async () => {
  const people = [];
  for (const browser of [browsers.red, browsers.green]) {
    const person = await Person.open(browser);
    await person.choose('python');
    await person.find('start-text').click();
    people.push(person);
  }
  const [ada, bob] = people;

  await inOneCall(ada, bob);

  await ada.says('words will do');
  await bob.reads('words will do');
  await bob.says('they will');
  await ada.reads('they will');
  for (const person of people) {
    const live = await person.page.evaluate(() => [...document.querySelectorAll('video')]
      .flatMap((video) => video.srcObject?.getTracks() ?? []).filter((track) => track.readyState === 'live').length);
    assert.equal(live, 0);
  }
  await Promise.all(people.map((person) => person.leave()));
});

test('text and video do not meet', { timeout: 120_000 }, async () => {
  const ada = await Person.open(browsers.red);
  await ada.choose('music');
  await ada.find('start-text').click();
  await ada.state('searching');
  const bob = await Person.searching(browsers.green, 'music');
  await bob.state('searching');

  await bob.page.waitForTimeout(7000); // Longer than anybody holds out for a shared interest.

  assert.equal(await ada.status.getAttribute('data-state'), 'searching');
  assert.equal(await bob.status.getAttribute('data-state'), 'searching');
  await Promise.all([ada.leave(), bob.leave()]);
});

test('a preview shows oneself before anybody else does, and says that one will not be heard', { timeout: 60_000 }, async () => {
  const ada = await Person.open(browsers.red, { permissions: ['camera'] });
  await told(ada, 'NotAllowedError');
  assert.equal(await ada.find('toggle-mic').getAttribute('aria-pressed'), 'true');
  assert.equal(await ada.find('toggle-camera').getAttribute('aria-pressed'), 'false');
  await until('the preview is there', async () => (await ada.picture('local-video')).colour === 'red');
  await ada.choose('gaming');
  await ada.find('start').click();

  await ada.state('searching');

  await told(ada, 'NotAllowedError');
  await until('the own picture is there', async () => (await ada.picture('local-video')).colour === 'red');
  await ada.find('stop').click();
  await ada.state('idle');
  await ada.leave();
});
