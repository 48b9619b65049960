// The whole visit without a mouse.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { inOneCall, openBrowser, Person, sendHome, until } from './support/person.mjs';

const browsers = {};
before(async () => {
  for (const colour of ['red', 'green']) browsers[colour] = await openBrowser(colour);
});
afterEach(sendHome);
after(() => Promise.all(Object.values(browsers).map((browser) => browser.close())));

/** Presses Tab until the element with `testid` has the focus. */
async function tabTo(person, testid, key = 'Tab') {
  for (let n = 0; n < 60; n += 1) {
    const there = await person.page.evaluate((id) => document.activeElement?.closest('[data-testid]')?.dataset.testid === id
      || document.activeElement?.dataset?.testid === id, testid);
    if (there) return;
    await person.page.keyboard.press(key);
  }
  assert.fail(`${testid} cannot be reached with ${key}`);
}

const focused = (person) => person.page.evaluate(() => document.activeElement?.tagName);

test('from the first key to the next stranger by keyboard alone', { timeout: 120_000 }, async () => {
  const bob = await Person.searching(browsers.green, 'chess');
  const ada = await Person.open(browsers.red);
  const keys = ada.page.keyboard;

  await tabTo(ada, 'interest-input');
  await keys.type('che');
  await ada.find('interest-suggestion').filter({ hasText: /chess/i }).first().waitFor();
  for (let n = 0; n < 8; n += 1) {
    await keys.press('ArrowDown');
    const chosen = await ada.page.locator('[data-testid=interest-suggestion][aria-selected=true]').textContent();
    if (/chess/i.test(chosen)) break;
  }
  await keys.press('Enter');
  await ada.find('interest-chip').filter({ hasText: /chess/i }).waitFor();
  await keys.press('Backspace');
  assert.equal(await ada.find('interest-chip').count(), 0, 'Backspace takes the last one away');
  await keys.type('chess');
  await keys.press('Enter');
  await ada.find('interest-chip').filter({ hasText: /chess/i }).waitFor();
  await tabTo(ada, 'consent');
  await keys.press('Space');
  await tabTo(ada, 'start');
  await keys.press('Enter');

  await inOneCall(ada, bob);
  await until('the focus is on the heading', async () => (await focused(ada)) === 'H1');
  await keys.press('m');
  assert.equal(await ada.find('toggle-mic').getAttribute('aria-pressed'), 'true');
  await keys.press('m');
  assert.equal(await ada.find('toggle-mic').getAttribute('aria-pressed'), 'false');
  await keys.press('Enter');
  await until('the chat field has the focus', async () => (await focused(ada)) !== 'H1');
  await keys.type('mmm, no mouse');
  await keys.press('Enter');
  await bob.reads('mmm, no mouse');
  assert.equal(await ada.find('toggle-mic').getAttribute('aria-pressed'), 'false', 'keys are words while one writes');

  await tabTo(ada, 'report', 'Shift+Tab');
  await keys.press('Enter');
  await ada.find('report-submit').waitFor();
  await keys.press('Escape');
  await ada.find('report-submit').waitFor({ state: 'hidden' });
  await tabTo(ada, 'report'); // The dialog has given the focus back, so no key is needed.

  await ada.page.waitForTimeout(700); // So that this Escape is not the second of two.
  await keys.press('Escape');
  await keys.press('Escape');
  await Promise.all([ada.state('searching'), bob.state('peer-left')]);
  await tabTo(ada, 'stop');
  await keys.press('Enter');
  await ada.state('idle');
  await Promise.all([ada.leave(), bob.leave()]);
});
