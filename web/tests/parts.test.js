import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { problemOf } from '../js/app/media.js';
import { defaults, regionOf } from '../js/app/prefs.js';
import { assess, sample, starved } from '../js/call/quality.js';
import { I18n } from '../js/lib/i18n.js';
import { Store } from '../js/lib/store.js';
import { split } from '../js/views/links.js';
import { accepted, ending, introduction, partnerName, peak, peopleOnline, usualWait, widening } from '../js/views/phrases.js';
import { settle } from './fakes.js';

const root = new URL('../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const strings = (language) => JSON.parse(read(`strings/${language}.json`));
const en = new I18n('en', strings('en')), fr = new I18n('fr', strings('fr'));
const sources = readdirSync(new URL('js/', root), { recursive: true }).map(String).filter((f) => f.endsWith('.js')).map((f) => f.replaceAll('\\', '/'));

test('both languages have the same texts with the same blanks', () => {
  const blanks = (text) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort();
  assert.deepEqual(Object.keys(fr.texts).sort(), Object.keys(en.texts).sort());
  for (const key of Object.keys(en.texts)) assert.deepEqual(blanks(fr.texts[key]), blanks(en.texts[key]), key);
});

test('every text that a view names exists', () => {
  for (const file of sources) {
    for (const [, key] of read(`js/${file}`).matchAll(/i18n\.t\('([^']+)'/g)) assert.ok(en.has(key), `${file}: ${key}`);
  }
});

test('every text, icon, class and module is used', () => {
  const code = sources.map((file) => read(`js/${file}`)).join('\n');
  const begun = [...code.matchAll(/`([a-z]+\.(?:[a-z]+\.)*)\$\{/g)].map(([, stem]) => stem);
  const switched = ['call.mic', 'call.camera'].flatMap((key) => [`${key}_on`, `${key}_off`]);
  for (const key of Object.keys(en.texts)) {
    assert.ok(code.includes(`'${key}'`) || switched.includes(key) || begun.some((stem) => key.startsWith(stem)) || /^err\.step\d$/.test(key), `nothing says ${key}`);
  }
  const looks = readdirSync(new URL('css/', root)).map((file) => read(`css/${file}`)).join('\n').replace(/\/\*[\s\S]*?\*\//g, '').replace(/\{[^{}]*\}/g, ' ');
  const slots = ['captions']; // a place that is kept for what a later release shows
  const spelt = ['msg-peer', 'msg-me', 'ring-ghost', 'ring-arc'];
  for (const [, name] of looks.matchAll(/\.([a-z][\w-]*)/g)) {
    assert.ok(new RegExp(`['"\`\\s]${name}['"\`\\s]`).test(code) || slots.includes(name) || spelt.includes(name), `nothing has the class ${name}`);
  }
  for (const [, name] of read('icons.svg').matchAll(/<symbol id="([\w-]+)"/g)) {
    assert.ok(code.includes(`'${name}'`) || code.includes(`#${name}`) || name === 'mic-off', `nothing shows the icon ${name}`);
  }
});

/** How well two colours of the tokens stand off each other, in the manner of WCAG. */
function contrast(one, other) {
  const light = (hex) => {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

test('text stands off its ground by 4.5, signs by 3, in both themes', () => {
  const tokens = Object.fromEntries([...read('css/tokens.css').matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, light, dark]) => [name, [light, dark]]));
  tokens.white = ['#ffffff', '#ffffff'];
  const text = ['ink', 'ink-2', 'ink-3'].flatMap((ink) => ['bg', 'surface', 'sunken'].map((ground) => [ink, ground])).concat([
    ['on-accent', 'accent'], ['on-accent', 'accent-hover'], ['on-soft', 'accent-soft'], ['ink', 'them-soft'], ['danger', 'danger-soft'],
    ['danger', 'bg'], ['white', 'danger-fill'], ['good', 'bg'], ['fair', 'bg'], ['poor', 'bg'], ['accent', 'accent-soft'],
  ]);
  const signs = [['line-strong', 'bg'], ['line-strong', 'surface'], ['them', 'bg'], ['them', 'surface'], ['you', 'bg'], ['focus', 'bg'], ['focus', 'surface']];
  for (const [least, pairs] of [[4.5, text], [3, signs]]) {
    for (const [one, other] of pairs) {
      for (const theme of [0, 1]) {
        const found = contrast(tokens[one][theme], tokens[other][theme]);
        assert.ok(found >= least, `${one} on ${other} is ${found.toFixed(2)} in the ${theme ? 'dark' : 'light'} theme`);
      }
    }
  }
});

test('French puts no plain space before its double signs', () => {
  for (const [key, text] of Object.entries(fr.texts)) assert.doesNotMatch(JSON.stringify(text), / [:;?!»]|« /, key);
});

test('the page loads every module beforehand', () => {
  const page = read('index.html');
  const own = ['account.js']; // the page that mailed links lead to has its own
  for (const file of sources.filter((f) => !own.includes(f))) assert.ok(page.includes(`"/js/${file}"`), file);
});

test('no page has an inline script or an inline style', () => {
  for (const page of ['index.html', 'account.html']) {
    assert.doesNotMatch(read(page), /<style|style=|<script(?![^>]*src=)/, page);
  }
  for (const file of sources) assert.doesNotMatch(read(`js/${file}`), /setAttribute\('style'|innerHTML|insertAdjacentHTML/, file);
});

test('the lower layers know no DOM', () => {
  for (const file of sources.filter((f) => f.startsWith('signalling/') || f.startsWith('call/'))) {
    assert.doesNotMatch(read(`js/${file}`), /\bdocument\b|\bwindow\b|HTML\w*Element/, file);
  }
});

test('plurals and numbers are those of the language', () => {
  assert.equal(peopleOnline(en, 1), '1 person online');
  assert.equal(peopleOnline(en, 1412), '1,412 people online');
  assert.equal(peopleOnline(fr, 1), '1 personne en ligne');
  assert.equal(peopleOnline(fr, 1412).replace(/\s/gu, ' '), '1 412 personnes en ligne');
  assert.equal(peopleOnline(en, undefined), '');
});

test('a clock shows minutes, and hours only when there are some', () => {
  assert.deepEqual([0, 4999, 272000, 3725000].map((ms) => en.clock(ms)), ['0:00', '0:04', '4:32', '1:02:05']);
});

test('the usual wait is left out when nobody counted it', () => {
  assert.equal(usualWait(en, { p50: 2100, p90: 9000 }), 'Usually 2 to 9 seconds');
  assert.equal(usualWait(fr, { p50: 2100, p90: 9000 }), 'En général 2 à 9 secondes');
  assert.equal(usualWait(en, { p50: 300, p90: 700 }), 'Usually 1 second');
  assert.equal(usualWait(en, null), '');
});

test('the search says what is accepted now and when that widens', () => {
  const prefs = { ...defaults(['en', 'fr'], 'Europe/Oslo'), interests: [{ slug: 'a', name: 'A' }, { slug: 'b', name: 'B' }] };
  const search = { since: 1000, policy: 'prefer', anyLanguage: false, notify: false, need: 2, nextNeedAt: 7000 };
  assert.equal(accepted(en, search, prefs), 'Two interests in common, English or French, Europe.');
  assert.equal(accepted(fr, search, prefs), 'Deux centres d’intérêt en commun, anglais ou français, Europe.');
  assert.equal(widening(en, search), 'From 0:06, one is enough.');
  assert.equal(widening(fr, search), 'À partir de 0:06, un seul suffit.');
  assert.equal(widening(en, { ...search, need: 1 }), 'From 0:06, anyone will do.');
  assert.equal(widening(en, { ...search, policy: 'any' }), '');
  assert.equal(accepted(en, { ...search, anyLanguage: true, need: undefined }, { ...prefs, region: '' }), 'Any language.');
});

test('the partner is introduced with language and shared interests', () => {
  const match = { language: 'en', shared: ['a', 'b', 'c'] };
  assert.equal(introduction(en, match), 'Speaks English. Three interests in common.');
  assert.equal(introduction(fr, match), 'Parle anglais. Trois centres d’intérêt en commun.');
});

test('a guest is called so in the language of the page', () => {
  assert.deepEqual(['Guest 8189', 'Mina', ''].map((name) => partnerName(fr, { name })), ['Invité 8189', 'Mina', 'la personne']);
  assert.equal(partnerName(en, { name: 'Guest 8189' }), 'Guest 8189');
  assert.equal(ending(fr, { name: 'Guest 8189', ended: 'left' }), 'Invité 8189 a raccroché');
  assert.equal(ending(en, { name: 'Mina', ended: 'lost' }), 'The connection to Mina is gone');
});

test('the busiest hours may lie around midnight', () => {
  const hours = Array(24).fill(1);
  hours[23] = 9; hours[0] = 9; hours[1] = 9;
  assert.deepEqual(peak(hours), { from: 23, to: 2 });
  assert.equal(peak(null), null);
});

test('addresses in a message are found and never made of their full stop', () => {
  assert.deepEqual(split('see https://a.example/x?y=1. ok'), [
    { text: 'see ', link: false }, { text: 'https://a.example/x?y=1', link: true }, { text: '. ok', link: false }]);
  assert.deepEqual(split('My topo: topo.example/quarry'), [{ text: 'My topo: ', link: false }, { text: 'topo.example/quarry', link: true }]);
  assert.deepEqual(split('no links, e.g. this'), [{ text: 'no links, e.g. this', link: false }]);
});

test('the first visit takes languages and region from the browser', () => {
  assert.deepEqual(defaults(['fr-CA', 'en-US', 'xx'], 'America/Toronto'), { ...defaults([], ''), languages: ['fr', 'en'], region: 'na', page: 'fr' });
  assert.equal(regionOf('America/Sao_Paulo'), 'sa');
  assert.equal(regionOf('Etc/UTC'), '');
});

test('device errors become what a person can act on', () => {
  const named = (name) => Object.assign(new Error(), { name });
  assert.equal(problemOf(named('NotAllowedError')).text, 'refused');
  assert.equal(problemOf(named('NotFoundError')).text, 'none');
  assert.equal(problemOf(named('NotReadableError')).text, 'busy');
});

test('changes of one turn are told together', async () => {
  const store = new Store({ a: 1, b: { c: 1, d: 2 } });
  const told = [];
  const end = store.subscribe((now, before) => told.push([now, before]));
  store.set({ a: 2 });
  store.patch('b', { c: 3 });
  await settle();
  assert.deepEqual(told, [[{ a: 2, b: { c: 3, d: 2 } }, { a: 1, b: { c: 1, d: 2 } }]]);
  end();
  store.set({ a: 3 });
  await settle();
  assert.equal(told.length, 1);
});

test('a sample adds up both kinds and sees a relay on either end', () => {
  const stats = [
    { id: 'v', type: 'inbound-rtp', bytesReceived: 100, packetsReceived: 10, packetsLost: 1, freezeCount: 2 },
    { id: 'a', type: 'inbound-rtp', bytesReceived: 20, packetsReceived: 5, packetsLost: 0 },
    { id: 'o', type: 'remote-inbound-rtp', fractionLost: 0.05 },
    { id: 't', type: 'transport', selectedCandidatePairId: 'p' },
    { id: 'p', type: 'candidate-pair', currentRoundTripTime: 0.12, localCandidateId: 'l', remoteCandidateId: 'r' },
    { id: 'l', type: 'local-candidate', candidateType: 'host' }, { id: 'r', type: 'remote-candidate', candidateType: 'relay' },
  ];
  assert.deepEqual(sample(stats, 5), { at: 5, bytes: 120, packets: 15, lost: 1, frozen: 2, roundTrip: 0.12, remoteLoss: 0.05, route: 'relay' });
});

test('loss, delay, freezes and silence lower the level; silence alone of somebody without devices does not', () => {
  const base = { at: 0, bytes: 0, packets: 0, lost: 0, frozen: 0, roundTrip: 0.05, remoteLoss: 0, route: 'direct' };
  const after = (change) => assess(base, { ...base, bytes: 1000, packets: 100, ...change }, true);
  assert.deepEqual(after({}), { level: 'good', silent: false });
  assert.equal(after({ lost: 5 }).level, 'fair');
  assert.equal(after({ lost: 20 }).level, 'poor');
  assert.equal(after({ roundTrip: 0.5 }).level, 'fair');
  assert.equal(after({ frozen: 1 }).level, 'fair');
  assert.deepEqual(assess(base, base, true), { level: 'poor', silent: true });
  assert.deepEqual(assess(base, base, false), { level: 'good', silent: false });
  assert.equal(starved({ ...base, remoteLoss: 0.2, roundTrip: 0.9 }), true);
});
