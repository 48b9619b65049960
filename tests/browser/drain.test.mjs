// A process is stopped while two people talk: the page goes elsewhere by itself, and the call goes on.
import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { inOneCall, openBrowser, Person, sendHome, SITE, SITE_OTHER, TEST_DIRECTORY, until } from './support/person.mjs';
import { finished, stopAll } from './support/processes.mjs';
import { Gate, processOf, serve, servicesOf } from './support/servers.mjs';

const browsers = {};
before(async () => {
  for (const colour of ['red', 'green']) browsers[colour] = await openBrowser(colour);
});
afterEach(async () => {
  await sendHome();
  Gate.closeAll();
});
after(async () => {
  await Promise.all(Object.values(browsers).map((browser) => browser.close()));
  await stopAll();
});

test('the page goes at its moment, and comes back to the call on another process', { timeout: 180_000 }, async () => {
  const settings = { ...servicesOf(join(TEST_DIRECTORY, 'data')), SEENDR_SERVER_DRAIN_MS: '6000' };
  const leaving = await serve(process.env.TEST_BINARY, [], settings, openSync(join(TEST_DIRECTORY, 'leaving.log'), 'a'));
  const gate = await Gate.to(leaving);
  const ada = await Person.searching(browsers.red, 'cooking', { site: gate.site });
  const bob = await Person.searching(browsers.green, 'cooking', { site: SITE });
  const id = await inOneCall(ada, bob);
  await Promise.all([ada.sees('green'), bob.sees('red')]);
  await Promise.all([ada.forgetStates(), bob.forgetStates()]);

  gate.leadTo(SITE_OTHER);
  const child = processOf(leaving);
  child.kill('SIGTERM');
  const closes = await until('the socket ends', async () => {
    const codes = await ada.page.evaluate(() => window.closes);
    return codes.length > 0 && codes;
  });

  assert.deepEqual(closes, [4000], 'the page closed it, not the server');
  assert.equal(await finished(child), 0);
  assert.equal(await inOneCall(ada, bob), id, 'it is the same call');
  for (const person of [ada, bob]) {
    const states = await person.states();
    assert.ok(!states.includes('peer-left') && !states.includes('searching'), states.join(', '));
    assert.equal(await person.page.evaluate(() => window.peers.length), 1, 'the same peer connection');
  }
  await ada.says('I moved');
  await bob.reads('I moved');
  await bob.says('so I see');
  await ada.reads('so I see');
  await Promise.all([ada.sees('green'), bob.sees('red'), ada.hears(), bob.hears()]);
  await Promise.all([ada.leave(), bob.leave()]);
});
