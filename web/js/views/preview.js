// @ts-check
/** The own picture before anybody else sees it, and the devices below. */
/** @import { Ctx } from '../types/view' */
/** @import { State } from '../types/state' */
import { fill, h, icon } from '../lib/dom.js';
import { devicePicker } from './device_picker.js';
import { toggles } from './toggles.js';
import { trouble, troubleKey } from './trouble.js';

/** @param {Ctx} ctx */
export function preview(ctx) {
  const { i18n, media, videos } = ctx;
  const buttons = toggles(ctx, 'ib ib-video');
  const devices = devicePicker(ctx);
  const feed = h('div', { class: 'feed mirror' });
  const off = h('div', { class: 'feed feed-off' }, icon('cam-off', 'i-lg'));
  const controls = h('div', { class: 'frame-ctl' }, buttons.mic, buttons.camera);
  const note = h('span', { class: 'plate frame-note' }, icon('lock', 'i-sm'), h('span', {}, i18n.t('idle.private')));
  const picture = h('div', { class: 'frame on-video' }, feed, off, note);
  const place = h('div', { class: 'frame-place' });
  // A missing microphone alone leaves the picture where it is.
  const sound = h('div', { class: 'trouble-place' });
  const root = h('section', { class: 'preview', 'aria-label': i18n.t('idle.preview') }, place, sound, devices.root);
  let shown = '', soundShown = '';

  /** @param {State} state */
  function kind({ media: m, phase }) {
    if (m.problem && !m.asking) return `problem ${troubleKey(m)}`;
    if (m.stream) return 'picture';
    return m.asking || phase === 'requesting-media' ? 'asking' : 'closed';
  }

  /** @param {State} state @param {string} which */
  function draw(state, which) {
    videos.place('local', which === 'picture' ? feed : null);
    if (which === 'picture') { picture.append(controls); fill(place, picture); return; }
    if (which.startsWith('problem')) { fill(place, trouble(ctx, state.media, 'frame')); return; }
    const asking = which === 'asking';
    fill(place, h('div', { class: 'frame frame-off' }, h('div', { class: 'off-body off-quiet' },
      h('span', { class: 'off-ico off-ico-you' }, icon('cam')),
      h('p', {}, i18n.t(asking ? 'media.answer' : 'media.closed')),
      asking ? null : h('div', { class: 'row' }, h('button', { type: 'button', class: 'b b-outline', onclick: () => media.open() }, icon('cam'), h('span', {}, i18n.t('media.open'))))),
    controls));
  }

  return {
    root,
    /** @param {State} state @param {State | null} before */
    update(state, before) {
      const which = kind(state);
      if (which !== shown) draw(state, which);
      shown = which;
      const unheard = state.media.problem || state.media.asking ? '' : troubleKey(state.media);
      if (unheard !== soundShown) fill(sound, unheard ? trouble(ctx, state.media, 'card') : null);
      soundShown = unheard;
      off.hidden = state.media.camera || state.media.screen;
      buttons.update(state);
      devices.update(state, before);
    },
    dispose() { devices.dispose(); },
  };
}
