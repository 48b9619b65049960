// @ts-check
/** The view between calls: two circles whose distance says how things stand, a sentence, a card, the ways on. */
/** @import { Ctx, View } from '../types/view' */
/** @import { State } from '../types/state' */
import { fill, h, icon } from '../lib/dom.js';
import { moments } from './moments.js';
import { toggles } from './toggles.js';

const patience = 4000; // milliseconds before an empty house is called empty

/** @typedef {keyof typeof moments} Kind */

/** Which moment this is. @param {State} state @param {number} now @returns {Kind} */
export function momentOf(state, now) {
  const { phase, search } = state;
  if (phase === 'connecting') return 'connecting';
  if (phase === 'peer-left') return 'left';
  if (phase === 'error') return 'error';
  return search.online !== undefined && search.online <= 1 && now - search.since > patience ? 'empty' : 'searching';
}

/** @param {Ctx} ctx @returns {View} */
export function momentView(ctx) {
  const { videos } = ctx;
  const buttons = toggles(ctx, 'ib ib-video');
  const controls = h('div', { class: 'disc-ctl' }, buttons.mic, buttons.camera);
  const feed = h('div', { class: 'feed mirror' });
  const off = h('div', { class: 'feed feed-off' }, icon('cam-off', 'i-lg'));
  const you = h('div', { class: 'disc disc-you' }, feed, off);
  const them = h('div', { class: 'disc disc-them' });
  const pair = h('div', { class: 'pair' }, you, them);
  const rest = h('div', { class: 'moment-rest' });
  const root = h('main', { class: 'moment' }, pair, rest);
  /** @type {Kind | ''} */ let shown = '';
  /** @type {ReturnType<typeof moments[Kind]> | null} */ let moment = null;

  /** @param {State} state */
  function draw(state) {
    const kind = momentOf(state, Date.now());
    if (kind !== shown) {
      shown = kind;
      moment = moments[kind](ctx, state);
      fill(them, ...moment.circle);
      pair.querySelector('.lens')?.remove();
      if (moment.lens) pair.append(moment.lens);
      fill(rest, ...moment.body);
      document.body.toggleAttribute('data-empty', kind === 'empty');
      const controlled = (kind === 'searching' || kind === 'empty') && state.mode !== 'text';
      // Moving them would take the focus from whoever holds one.
      if (!controlled) controls.remove(); else if (controls.parentNode !== you) you.append(controls);
    }
    moment?.update?.(state);
    buttons.update(state);
    const picture = state.media.camera && !state.media.cameraOff;
    off.hidden = picture;
    videos.place('local', state.mode === 'text' ? null : feed);
  }
  return {
    root,
    update: draw,
    tick(now) {
      const { value } = ctx.store;
      if (momentOf(value, now) !== shown) draw(value);
      moment?.tick?.(now);
    },
    dispose() { document.body.removeAttribute('data-empty'); },
  };
}
