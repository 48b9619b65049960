// Report and block: the call ends, moderators read of it, and the two do not meet again.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { inOneCall, openBrowser, Person, TEST_DIRECTORY, sendHome, SITE_OTHER } from './support/person.mjs';
import { servicesOf } from './support/servers.mjs';

const browsers = {};
before(async () => {
  for (const colour of ['red', 'green', 'blue']) browsers[colour] = await openBrowser(colour);
});
afterEach(sendHome);
after(() => Promise.all(Object.values(browsers).map((browser) => browser.close())));

function reports() {
  const data = join(TEST_DIRECTORY, 'data');
  return execFileSync(process.env.TEST_BINARY, ['admin', 'reports', '--json'], {
    env: { ...process.env, ...servicesOf(data) }, encoding: 'utf8',
  });
}

test('a report ends the call and reaches the moderators', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'python');
  const bob = await Person.searching(browsers.green, 'python', { site: SITE_OTHER });
  await inOneCall(ada, bob);

  await ada.find('report').click();
  assert.equal(await ada.find('report-submit').isDisabled(), true, 'a reason comes first');
  await ada.find('report-reason').locator('input[value=spam]').check({ force: true });
  await ada.page.locator('dialog textarea').fill('sells watches');
  await ada.find('report-submit').click();

  await Promise.all([ada.state('peer-left'), bob.state('peer-left')]);
  assert.match(reports(), /spam[\s\S]*sells watches|sells watches[\s\S]*spam/);
  await Promise.all([ada.leave(), bob.leave()]);
});

test('whom one blocks one does not meet again', { timeout: 120_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'cooking');
  const bob = await Person.searching(browsers.green, 'cooking', { site: SITE_OTHER });
  const met = await inOneCall(ada, bob);

  await ada.find('block').click();
  await Promise.all([ada.state('peer-left'), bob.state('peer-left')]);
  assert.deepEqual((await bob.find('status').textContent()).match(/block/i), null, 'nobody is told of a block');
  await ada.find('next').click();
  await bob.find('next').click();
  await Promise.all([ada.state('searching'), bob.state('searching')]);
  await ada.page.waitForTimeout(7000); // Longer than anybody holds out.
  assert.equal(await ada.status.getAttribute('data-state'), 'searching');
  assert.equal(await bob.status.getAttribute('data-state'), 'searching');

  const cleo = await Person.searching(browsers.blue, 'cooking');
  await cleo.state('connected');
  assert.notEqual(await cleo.matchId(), met);
  await Promise.all([ada.leave(), bob.leave(), cleo.leave()]);
});
