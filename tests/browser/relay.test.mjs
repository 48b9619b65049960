// Calls that go through a real relay and nothing else.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { inOneCall, openBrowser, Person, sendHome, SITE, SITE_OTHER, SITE_RELAY, until } from './support/person.mjs';

const browsers = {};
before(async () => {
  for (const colour of ['red', 'green']) browsers[colour] = await openBrowser(colour);
});
afterEach(sendHome);
after(() => Promise.all(Object.values(browsers).map((browser) => browser.close())));

test('where the policy is relay, picture and sound go through the relay', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'gaming', { site: SITE_RELAY });
  const bob = await Person.searching(browsers.green, 'gaming', { site: SITE_RELAY });

  await inOneCall(ada, bob);

  await Promise.all([ada.sees('green'), bob.sees('red'), ada.hears(), bob.hears()]);
  for (const person of [ada, bob]) {
    assert.deepEqual(await person.route(), { local: 'relay', remote: 'relay' });
    await until('the page says so', async () => (await person.find('connection-quality').getAttribute('data-route')) === 'relay');
  }
  await Promise.all([ada.leave(), bob.leave()]);
});

test('whoever hides the address shows the relay’s to the other', { timeout: 120_000 }, async () => {
  const ada = await Person.open(browsers.red);
  await ada.choose('chess');
  await ada.find('hide-address').check({ force: true });
  await ada.find('start').click();
  const bob = await Person.searching(browsers.green, 'chess', { site: SITE_OTHER });

  await inOneCall(ada, bob);

  await Promise.all([ada.sees('green'), bob.sees('red')]);
  assert.equal((await ada.route()).local, 'relay');
  assert.equal((await bob.route()).remote, 'relay');
  await Promise.all([ada.leave(), bob.leave()]);
});

test('hiding the address is remembered for the next visit', { timeout: 60_000 }, async () => {
  const ada = await Person.open(browsers.red, { site: SITE });
  await ada.find('hide-address').check({ force: true });

  await ada.page.reload();

  assert.equal(await ada.find('hide-address').isChecked(), true);
  await ada.leave();
});
