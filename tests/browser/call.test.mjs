// Two strangers in one call: picture, sound, words, and on to the next.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { inOneCall, openBrowser, Person, sendHome, SITE, SITE_OTHER, until } from './support/person.mjs';

const browsers = {};
before(async () => {
  for (const colour of ['red', 'green', 'blue']) browsers[colour] = await openBrowser(colour);
});
afterEach(sendHome);
after(() => Promise.all(Object.values(browsers).map((browser) => browser.close())));

for (const [where, others] of [['one process', SITE], ['two processes', SITE_OTHER]]) {
  test(`two people on ${where} see, hear and write to each other`, { timeout: 120_000 }, async () => {
    const ada = await Person.searching(browsers.red, 'chess');
    const bob = await Person.searching(browsers.green, 'chess', { site: others });

    await inOneCall(ada, bob);

    await Promise.all([ada.sees('green'), bob.sees('red'), ada.hears(), bob.hears()]);
    assert.equal((await ada.picture('local-video')).colour, 'red');
    for (const person of [ada, bob]) {
      assert.equal(await person.find('local-video').evaluate((video) => video.muted), true);
      assert.equal(await person.find('connection-quality').getAttribute('data-route'), 'direct');
    }
    await ada.says('hello <b>there</b>');
    await bob.reads('hello <b>there</b>');
    await ada.reads('hello <b>there</b>', 'me');
    assert.equal(await bob.find('chat-log').locator('b', { hasText: 'there' }).count(), 0, 'words are text, never markup');
    await bob.says('hello yourself');
    await ada.reads('hello yourself');
    await Promise.all([ada.leave(), bob.leave()]);
  });
}

test('next leads to another person, without asking for the camera again', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'cooking');
  const bob = await Person.searching(browsers.green, 'cooking', { site: SITE_OTHER });
  const first = await inOneCall(ada, bob);
  await ada.sees('green');
  await ada.says('good bye');
  await bob.reads('good bye');
  const asked = await ada.page.evaluate(() => window.deviceRequests);

  const cleo = await Person.searching(browsers.blue, 'cooking');
  await cleo.state('searching');
  await ada.find('next').click();
  await bob.state('peer-left');
  const second = await inOneCall(ada, cleo);

  assert.notEqual(second, first);
  await Promise.all([ada.sees('blue'), cleo.sees('red')]);
  assert.equal(await ada.page.evaluate(() => window.deviceRequests), asked);
  const older = await ada.page.evaluate(() => window.peers.slice(0, -1).map((peer) => peer.connectionState));
  assert.deepEqual(older.filter((state) => state !== 'closed'), []);
  assert.equal(await ada.page.locator('[data-testid=chat-message][data-from=peer], [data-testid=chat-message][data-from=me]').count(), 0);
  assert.equal(await bob.matchId(), '');
  await Promise.all([ada.leave(), bob.leave(), cleo.leave()]);
});

test('a muted microphone and a camera that is off send nothing', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'travel');
  const bob = await Person.searching(browsers.green, 'travel');
  await inOneCall(ada, bob);
  await Promise.all([bob.sees('red'), bob.hears()]);

  await ada.find('toggle-camera').click();
  await ada.find('toggle-mic').click();
  assert.equal(await ada.find('toggle-camera').getAttribute('aria-pressed'), 'true');
  assert.equal(await ada.find('toggle-mic').getAttribute('aria-pressed'), 'true');

  await until('the camera sends nothing', async () => {
    const before = await ada.sent('video');
    await ada.page.waitForTimeout(1500);
    return (await ada.sent('video')) - before < 2000;
  });
  await until('the microphone is silent', async () => {
    const before = await bob.received();
    await bob.page.waitForTimeout(1500);
    return (await bob.received()).energy - before.energy < 1e-6;
  });
  await ada.find('toggle-camera').click();
  await ada.find('toggle-mic').click();
  await Promise.all([bob.sees('red'), bob.hears()]);
  await Promise.all([ada.leave(), bob.leave()]);
});

test('stop ends the call for both and turns the devices off', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'python');
  const bob = await Person.searching(browsers.green, 'python');
  await inOneCall(ada, bob);
  await ada.sees('green');
  await ada.page.evaluate(() => {
    window.tracks = window.peers.flatMap((peer) => peer.getSenders().map((sender) => sender.track)).filter(Boolean);
  });

  await ada.find('stop').click();

  await Promise.all([ada.state('idle'), bob.state('peer-left')]);
  assert.deepEqual(await ada.page.evaluate(() => window.tracks.map((track) => track.readyState)), ['ended', 'ended']);
  assert.deepEqual(await ada.page.evaluate(() => window.peers.filter((peer) => peer.connectionState !== 'closed').length), 0);
  await Promise.all([ada.leave(), bob.leave()]);
});

test('a page that is closed ends the call at once', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'music');
  const bob = await Person.searching(browsers.green, 'music', { site: SITE_OTHER });
  await inOneCall(ada, bob);

  const closed = Date.now();
  await ada.page.goto('about:blank');
  await bob.state('peer-left');

  assert.ok(Date.now() - closed < 5000, `noticed after ${Date.now() - closed} ms`);
  await Promise.all([ada.leave(), bob.leave()]);
});
