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

/** Whether the element with the focus shows it: itself, its drawn box, or the frame around it. */
const showsFocus = (person) => person.page.evaluate(() => {
  const at = document.activeElement;
  if (!at || at === document.body) return true;
  const places = [at, at.nextElementSibling, at.closest('.combo, .pick')].filter(Boolean);
  return places.some((place) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(place);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  }) || at.outerHTML.slice(0, 120);
});

async function everyStopShows(person, stops) {
  for (let n = 0; n < stops; n += 1) {
    await person.page.keyboard.press('Tab');
    assert.equal(await showsFocus(person), true, 'the focus is seen');
  }
}

/** What lies over the element with the focus, as Start's bar on a phone would; '' when nothing does. */
const covered = (person) => person.page.evaluate(() => {
  const at = document.activeElement;
  if (!at || at === document.body) return '';
  const { left, top, width, height } = (at.matches('[type=checkbox]') ? at.nextElementSibling : at).getBoundingClientRect();
  const there = document.elementFromPoint(left + width / 2, top + height / 2);
  return (at.closest('label, .combo') ?? at).contains(there) ? '' : `${at.outerHTML.slice(0, 80)} below ${there?.className}`;
});

async function noStopIsCovered(person, [width, height], stops) {
  await person.page.setViewportSize({ width, height });
  await person.page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  for (let n = 0; n < stops; n += 1) {
    await person.page.keyboard.press('Tab');
    assert.equal(await covered(person), '', `${width} by ${height}`);
  }
}

const at = (person, selector) => person.page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);

test('the menu and the dialogs are used by keys, keep the focus and give it back', { timeout: 120_000 }, async () => {
  const ada = await Person.open(browsers.red);
  const keys = ada.page.keyboard;
  await everyStopShows(ada, 18);
  for (const size of [[390, 844], [640, 400]]) await noStopIsCovered(ada, size, 18);
  await ada.page.setViewportSize({ width: 1280, height: 720 });
  await ada.choose('music');
  await ada.find('start').click();
  const bob = await Person.searching(browsers.green, 'music');
  await inOneCall(ada, bob);
  await until('the focus is on the heading', async () => (await focused(ada)) === 'H1');
  await everyStopShows(ada, 14);

  const more = '[aria-haspopup=menu]';
  for (let n = 0; n < 30 && !(await at(ada, more)); n += 1) await keys.press('Tab');
  await keys.press('Enter');
  await until('the first item has the focus', () => at(ada, '[role=menu] > .item:first-child'));
  for (const [key, wanted] of [['ArrowUp', '.item:last-child'], ['Home', '.item:first-child'], ['End', '.item:last-child'], ['ArrowDown', '.item:first-child']]) {
    await keys.press(key);
    assert.ok(await at(ada, `[role=menu] > ${wanted}`), `${key} goes to ${wanted}`);
    assert.equal(await showsFocus(ada), true);
  }
  await keys.press('Escape');
  await until('the button has the focus again', () => at(ada, more));

  await keys.press('?');
  await ada.page.locator('dialog[open]').waitFor();
  for (let n = 0; n < 8; n += 1) {
    await keys.press('Tab');
    const inside = await ada.page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null);
    assert.ok(inside, 'the focus stays in the dialog');
  }
  await keys.press('m');
  assert.equal(await ada.find('toggle-mic').getAttribute('aria-pressed'), 'false', 'the keys rest while a dialog is open');
  await keys.press('Escape');
  await until('the button has the focus again', () => at(ada, more));
  assert.equal(await ada.status.getAttribute('data-state'), 'connected', 'an Escape that closes something is not half of Next');

  await ada.find('report').click();
  await until('the first reason has the focus', () => at(ada, '[data-testid=report-reason] input'));
  const during = await ada.find('report-submit').textContent();
  await bob.leave();
  await ada.state('peer-left');
  await until('nothing of a call is said any more', async () => (await ada.find('report-submit').textContent()) !== during);
  await keys.press('Escape');
  await until('with its button gone the title has the focus', async () => (await focused(ada)) === 'H1');
  await ada.leave();
});

test('what goes away or is wrong is told where one is', { timeout: 120_000 }, async () => {
  const ada = await Person.open(browsers.red);
  const keys = ada.page.keyboard;
  await ada.find('language-select').focus();
  await ada.find('language-select').selectOption('fr');
  await until('the page is French', () => ada.page.evaluate(() => document.documentElement.lang === 'fr'));
  await until('its list has the focus again', () => at(ada, '[data-testid=language-select]'));

  await ada.find('interest-input').fill('zzqx');
  await ada.find('interest-input').press('Enter');
  await until('the word is said to fit nothing', async () => /zzqx/.test(await ada.page.locator('#interest-said').textContent()));
  assert.equal(await ada.find('interest-input').getAttribute('aria-invalid'), 'true');
  assert.match(await ada.find('interest-input').inputValue(), /zzqx/, 'it can be corrected');

  await ada.choose('échecs');
  assert.equal(await ada.find('interest-input').getAttribute('aria-invalid'), null);
  await ada.find('start').click();
  await ada.state('searching');
  await ada.find('toggle-mic').focus();
  await ada.find('any-language').waitFor();
  assert.ok(await at(ada, '[data-testid=toggle-mic]'), 'a new title takes the focus from nobody');
  const title = await ada.page.locator('h1').textContent();
  await until('it is said', async () => (await ada.page.locator('body > [role=status]').textContent()) === title);
  for (const testid of ['any-language', 'tell-me']) {
    await ada.find(testid).focus();
    await keys.press('Enter');
    await until(`without ${testid} the title has the focus`, async () => (await focused(ada)) === 'H1');
  }
  await ada.leave();
});

test('nothing moves for those who want it still', { timeout: 60_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'travel');
  await ada.state('searching');
  const moving = () => ada.page.evaluate(() => document.getAnimations().length);
  await until('the circles drift', async () => (await moving()) > 0);

  await ada.page.emulateMedia({ reducedMotion: 'reduce' });

  await until('they stand still', async () => (await moving()) === 0);
  await ada.leave();
});

test('a call grows out of the circle, at once for those who want no motion', { timeout: 120_000 }, async () => {
  const grown = []; // the clip paths that were animated
  for (const reducedMotion of ['no-preference', 'reduce']) {
    const ada = await Person.open(browsers.red, { reducedMotion });
    await ada.page.evaluate(() => {
      window.grown = 0;
      const animate = Element.prototype.animate;
      Element.prototype.animate = function (...how) { window.grown += 1; return animate.apply(this, how); };
    });
    await ada.choose('cooking');
    await ada.find('start').click();
    const bob = await Person.searching(browsers.green, 'cooking');
    await inOneCall(ada, bob);
    grown.push(await ada.page.evaluate(() => window.grown > 0));
    await Promise.all([ada.leave(), bob.leave()]);
  }
  assert.deepEqual(grown, [true, false]);
});

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
