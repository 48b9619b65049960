// The connection to the server breaks while two people talk: the call outlives it.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { inOneCall, openBrowser, Person, sendHome, SITE, SITE_OTHER, until } from './support/person.mjs';
import { Gate } from './support/servers.mjs';

const browsers = {};
before(async () => {
  for (const colour of ['red', 'green']) browsers[colour] = await openBrowser(colour);
});
afterEach(async () => {
  await sendHome();
  Gate.closeAll();
});
after(() => Promise.all(Object.values(browsers).map((browser) => browser.close())));

/** Whether the message about the partner is seen and lies beside one's own picture. */
const apart = (person) => person.page.evaluate(() => {
  const [message, self] = ['.hold-soft .hold-in', '.self'].map((place) => document.querySelector(place)?.getBoundingClientRect());
  return Boolean(message?.width) && (message.right <= self.left || message.top >= self.bottom);
});

/** Cuts Ada off while she talks with Bob, and lets her come back through `site`. */
async function cutOff({ comesBackTo, bobAt }) {
  const gate = await Gate.to(SITE);
  const ada = await Person.searching(browsers.red, 'cooking', { site: gate.site });
  const bob = await Person.searching(browsers.green, 'cooking', { site: bobAt });
  const id = await inOneCall(ada, bob);
  await Promise.all([ada.sees('green'), bob.sees('red')]);
  await Promise.all([ada.forgetStates(), bob.forgetStates()]);

  await bob.page.setViewportSize({ width: 390, height: 844 }); // a phone with its chat open has the least room
  gate.leadTo(comesBackTo);
  gate.cut(2500);
  await bob.state('reconnecting');
  await until('the message covers nothing', () => apart(bob));
  const [there, here] = await Promise.all([ada.received(), bob.received()]);
  await until('frames go on while the line is cut', async () => {
    const [a, b] = await Promise.all([ada.received(), bob.received()]);
    return a.frames >= there.frames + 10 && b.frames >= here.frames + 10;
  });

  assert.equal(await inOneCall(ada, bob), id, 'it is the same call');
  for (const person of [ada, bob]) {
    const states = await person.states();
    assert.ok(!states.includes('peer-left') && !states.includes('searching'), states.join(', '));
    assert.equal(await person.page.evaluate(() => window.peers.length), 1, 'the same peer connection');
  }
  await ada.says('I am back');
  await bob.reads('I am back');
  await bob.says('so I see');
  await ada.reads('so I see');
  await Promise.all([ada.sees('green'), bob.sees('red'), ada.hears(), bob.hears()]);
  await Promise.all([ada.leave(), bob.leave()]);
}

test('one comes back to the same process', { timeout: 180_000 }, () => cutOff({ comesBackTo: SITE, bobAt: SITE }));

test('one comes back to another process', { timeout: 180_000 }, () => cutOff({ comesBackTo: SITE_OTHER, bobAt: SITE }));

test('whoever does not come back is given up', { timeout: 180_000 }, async () => {
  const gate = await Gate.to(SITE);
  const ada = await Person.searching(browsers.red, 'travel', { site: gate.site });
  const bob = await Person.searching(browsers.green, 'travel', { site: SITE_OTHER });
  await inOneCall(ada, bob);

  const began = Date.now();
  gate.cut(60_000);
  await bob.state('reconnecting');
  await bob.state('peer-left');

  const waited = Date.now() - began;
  assert.ok(waited > 10_000 && waited < 25_000, `given up after ${waited} ms`);
  await Promise.all([ada.leave(), bob.leave()]);
});
