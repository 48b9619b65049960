// axe-core on every state of the page, light and dark, wide and on a phone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, afterEach, before, test } from 'node:test';
import { inOneCall, openBrowser, Person, sendHome } from './support/person.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const looks = [
  ['light', { width: 1280, height: 800 }], ['dark', { width: 1280, height: 800 }],
  ['light', { width: 375, height: 740 }], ['dark', { width: 375, height: 740 }],
];

const browsers = {};
before(async () => {
  for (const colour of ['red', 'green']) browsers[colour] = await openBrowser(colour);
});
afterEach(sendHome);
after(() => Promise.all(Object.values(browsers).map((browser) => browser.close())));

// Runs in the page once it is drawn in its new look.
async function audit(runOnly) {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
  return (await window.axe.run(document, { runOnly, resultTypes: ['violations'] })).violations;
}

// Runs in the page: what is wider than its place, or than the page.
function sticksOut() {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > wide) return `the page is ${document.documentElement.scrollWidth} px wide`;
  for (const element of document.querySelectorAll('button, h1, h2, p, label, .plate, .card')) {
    const { left, right, width } = element.getBoundingClientRect();
    if (width > 1 && getComputedStyle(element).clipPath === 'none' && (right > wide + 1 || left < -1)) return `${element.className}: ${element.textContent}`;
  }
  return '';
}

/** Nothing to complain about, and nothing that must be scrolled sideways, whatever the page looks like. */
async function isClean(person, what) {
  const { page } = person;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(axe);
  for (const [colorScheme, viewport] of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    const violations = await page.evaluate(audit, tags);
    const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(' | ')}`);
    assert.deepEqual(found, [], `${what}, ${colorScheme}, ${viewport.width} px`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${what} is ${over} px too wide at ${viewport.width} px`);
  }
  await page.setViewportSize(looks[0][1]);
}

test('before and during the search', { timeout: 240_000 }, async () => {
  const ada = await Person.open(browsers.red);
  await isClean(ada, 'idle');
  await ada.choose('chess');
  await isClean(ada, 'idle with an interest');
  await ada.find('start').click();
  await ada.state('searching');
  await isClean(ada, 'searching');
  await ada.leave();
});

test('long words fit a small phone', { timeout: 120_000 }, async () => {
  const small = { locale: 'fr-FR', viewport: { width: 320, height: 640 } };
  const people = [];
  for (const browser of [browsers.red, browsers.green]) {
    const person = await Person.open(browser, small);
    await person.choose('cuisine');
    assert.equal(await person.page.evaluate(sticksOut), '', 'idle');
    await person.find('start-text').click();
    people.push(person);
  }
  const [ada, bob] = people;
  await inOneCall(ada, bob);
  assert.equal(await ada.page.evaluate(sticksOut), '', 'in a text chat');
  await ada.find('report').click();
  assert.equal(await ada.page.evaluate(sticksOut), '', 'reporting');
  await ada.page.keyboard.press('Escape');
  await bob.leave();
  await ada.state('peer-left');
  assert.equal(await ada.page.evaluate(sticksOut), '', 'after it');
  await ada.find('next').click();
  await ada.state('searching');
  assert.equal(await ada.page.evaluate(sticksOut), '', 'searching');
  await ada.leave();
});

test('with refused devices', { timeout: 240_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'chess', { permissions: [] });
  await ada.find('error').first().waitFor();
  await ada.state('searching');
  await isClean(ada, 'refused');
  await ada.leave();
});

test('in a call, while reporting, and after it', { timeout: 240_000 }, async () => {
  const ada = await Person.searching(browsers.red, 'travel');
  const bob = await Person.searching(browsers.green, 'travel');
  await inOneCall(ada, bob);
  await bob.says('hello');
  await ada.reads('hello');
  await isClean(ada, 'in a call');
  await ada.page.locator('[aria-haspopup=menu]').click();
  await isClean(ada, 'with the menu open');
  await ada.page.keyboard.press('Escape');
  await ada.find('report').click();
  await ada.find('report-submit').waitFor();
  await isClean(ada, 'reporting');
  await ada.page.keyboard.press('Escape');
  await bob.leave();
  await ada.state('peer-left');
  await isClean(ada, 'after the call');
  await ada.leave();
});
