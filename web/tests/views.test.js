// What the views say, drawn into a document of their own.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { page } from './dom.js';
import { mockTime, settle } from './fakes.js';
import { defaults } from '../js/app/prefs.js';
import { freshMatch, initialState } from '../js/app/state.js';
import { I18n } from '../js/lib/i18n.js';
import { Store } from '../js/lib/store.js';
import { interestField } from '../js/views/interests.js';
import { moments } from '../js/views/moments.js';
import { peopleFields } from '../js/views/people_fields.js';
import { qualityView } from '../js/views/quality.js';
import { toggles } from '../js/views/toggles.js';
import { deviceNote } from '../js/views/trouble.js';

const strings = (language) => JSON.parse(readFileSync(new URL(`../strings/${language}.json`, import.meta.url), 'utf8'));

/** The context of a view, in a match with Mina or before one. */
function context({ language = 'en', ...more } = {}) {
  const store = new Store({ ...initialState(defaults(['en'], '')), ...more });
  return { store, i18n: new I18n(language, strings(language)), visit: {}, media: {} };
}
const match = (more = {}) => ({ ...freshMatch({ room_id: 'r1', partner: { display_name: 'Mina' } }, 'video'), since: 1, until: 61001, ...more });

/** Draws a moment and says what of it is seen. */
function drawn(kind, ctx) {
  const moment = moments[kind](ctx, ctx.store.value);
  moment.update?.(ctx.store.value);
  const root = page(...moment.body);
  return { root, moment, shows: (testid) => root.querySelector(`[data-testid=${testid}]`)?.seen ?? null };
}

test('after a call the title says how it ended, and what can still be done is there', () => {
  const cases = [
    [{}, 'Mina left the call', true, true, false],
    [{ ended: 'lost' }, 'The connection to Mina is gone', true, true, false],
    [{ ended: 'over', blocked: true, blockId: '4' }, 'Mina is blocked.', true, false, true],
    [{ ended: 'over' }, 'The call is over', true, true, false], // as after a block that failed
    [{ ended: 'over', reported: true, blocked: true }, 'Mina is blocked.', false, false, false],
    [{ ended: 'over', reported: true }, 'The call is over', false, true, false],
  ];
  for (const [more, title, report, block, undo] of cases) {
    const { root, shows } = drawn('left', context({ phase: 'peer-left', match: match(more) }));
    assert.equal(root.querySelector('h1').textContent, title);
    assert.deepEqual([shows('report') !== '', shows('block') !== '', shows('undo-block') !== ''], [report, block, undo], title);
  }
});

test('a connection is called lost only while no picture comes', () => {
  const hold = { who: 'partner', until: 0, total: 15000 };
  const quality = { level: 'fair', route: 'direct', silent: false, saving: false };
  for (const [flowing, level, words] of [[true, 'fair', 'Weak direct connection'], [false, 'poor', 'Lost waiting for Mina']]) {
    const ctx = context({ hold, quality, match: match({ flowing }) });
    const view = qualityView(ctx);
    view.update(ctx.store.value);
    assert.equal(view.root.getAttribute('data-level'), level);
    assert.equal(view.root.textContent, words);
  }
});

test('somebody who is not heard is told so before, during and after the search', () => {
  const refused = { code: 'NotAllowedError', text: 'refused' };
  const base = initialState(defaults(['en'], '')).media;
  const media = { ...base, camera: true, soundProblem: refused };

  const search = drawn('searching', context({ phase: 'searching', media }));
  assert.match(search.shows('error'), /keeps the microphone closed.*Try again/);
  assert.equal(drawn('searching', context({ phase: 'searching', media, mode: 'text' })).shows('error'), null);
  const both = drawn('searching', context({ phase: 'searching', media: { ...base, problem: refused, soundProblem: refused } }));
  assert.match(both.shows('error'), /keeps camera and microphone closed/);

  const buttons = toggles(context(), '');
  buttons.update({ media });
  assert.deepEqual([buttons.mic, buttons.camera].map((b) => [b.getAttribute('aria-pressed'), b.getAttribute('aria-label')]),
    [['true', 'Unmute microphone'], ['false', 'Turn camera off']]);

  const note = deviceNote(context(), media);
  note.update(media);
  assert.match(note.root.seen, /^Your browser keeps the microphone closed\. Allow it/);
  note.root.querySelector('.ib-note').click();
  assert.equal(note.root.seen, '', 'it can be put away');
  note.update({ ...media, soundProblem: { code: 'TrackEndedError', text: 'stopped' } });
  assert.match(note.root.seen, /^The microphone stopped working\. Plug it in/);
  note.update({ ...media, soundProblem: null, microphone: true });
  assert.equal(note.root.seen, '');
});

test('a word that fits nothing, too many interests and a list out of reach are said at the field', async () => {
  const ctx = context();
  const known = [{ slug: 'chess', name: 'Chess' }];
  let offline = false;
  ctx.api = { interests: async (prefix) => { if (offline) throw new Error('offline'); return known.filter((i) => prefix && i.slug.startsWith(prefix)); } };
  const field = interestField(ctx);
  field.update(ctx.store.value, null);
  const said = field.root.querySelector('[role=status]');
  const heard = () => [said.textContent, field.input.getAttribute('aria-invalid')];
  const enter = (word) => { field.input.value = word; return field.settle(); };

  assert.deepEqual(heard(), ['', null]);
  assert.equal(await enter('xyzzy'), false);
  assert.deepEqual(heard(), ['“xyzzy” is not in the list yet', 'true']);
  assert.equal(field.input.value, 'xyzzy', 'the word can be corrected');
  assert.match(field.root.querySelector('[role=listbox]').seen, /“xyzzy” is not in the list yet/);

  field.input.value = 'plugh';
  field.input.fire('keydown', { key: 'Enter' });
  await settle();
  assert.deepEqual(heard(), ['“plugh” is not in the list yet', 'true']);

  assert.equal(await enter('chess'), true, 'what was corrected is forgotten');
  assert.deepEqual(heard(), ['', null]);
  assert.deepEqual(ctx.store.value.prefs.interests, known);

  ctx.store.patch('prefs', { interests: Array.from({ length: 10 }, (_, n) => ({ slug: `i${n}`, name: `I${n}` })) });
  assert.equal(await enter('chess'), false);
  assert.deepEqual(heard(), ['At most 10 interests.', 'true']);

  offline = true;
  await enter('music');
  assert.deepEqual(heard(), ['The list cannot be reached. Try again.', 'true']);
});

test('the alert of a limit stays as it is while the seconds go by', () => {
  const time = mockTime(1000000);
  try {
    const { root, moment } = drawn('error', context({ phase: 'error', problem: { code: 'rate_limited', retryAt: 1007000 } }));
    const alert = root.querySelector('[role=alert]'), ticking = root.querySelector('[aria-hidden=true]');
    const limited = 'Too many searchesThere is a limit so that everybody gets a turn.Try again in 7 seconds.';
    assert.deepEqual([alert.textContent, ticking.textContent], [limited, 'Try again in 7 seconds.']);
    time.now += 6000;
    moment.tick(time.now);
    assert.deepEqual([alert.textContent, ticking.textContent], [limited, 'Try again in 1 second.']);
    assert.equal(root.querySelector('[data-testid=next]').disabled, true);
    time.now += 1000;
    moment.tick(time.now);
    assert.deepEqual([alert.querySelector('h1').textContent, ticking.textContent], ['You can search again', '']);
    assert.equal(root.querySelector('[data-testid=next]').disabled, false);
  } finally { time.end(); }
});

test('without a relay the address cannot be hidden, which is said beside the switch', () => {
  const cases = [[undefined, true, false, ''], [true, true, false, ''], [false, false, true, 'This server has no relay, so calls go directly and the other computer sees your address.']];
  for (const [relay, checked, disabled, words] of cases) {
    const ctx = context({ presence: { relay } });
    ctx.store.patch('prefs', { hideAddress: true });
    const fields = peopleFields(ctx);
    fields.update(ctx.store.value, null);
    const hide = fields.root.querySelector('[data-testid=hide-address]');
    assert.deepEqual([hide.checked, hide.disabled, fields.root.querySelector('[id=no-relay]').seen], [checked, disabled, words]);
    assert.equal(ctx.store.value.prefs.hideAddress, true, 'the choice is kept for another server');
  }
});

test('what others look for is offered, or ideas when nobody looks for anything else', async () => {
  const ctx = context();
  ctx.api = { interests: async () => [{ slug: 'art', name: 'Art' }, { slug: 'chess', name: 'Chess', searching: 2 }, { slug: 'go', name: 'Go', searching: 5 }] };
  const field = interestField(ctx);
  await settle();
  const offered = () => field.root.querySelector('.popular').seen;
  assert.equal(offered(), 'Popular nowGoChess');
  ctx.store.patch('prefs', { interests: [{ slug: 'go', name: 'Go' }, { slug: 'chess', name: 'Chess' }] });
  field.update(ctx.store.value, null);
  assert.equal(offered(), 'IdeasArt');
});
