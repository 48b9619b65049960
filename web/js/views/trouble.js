// @ts-check
/** What is wrong with camera or microphone, what to do, and what goes on without. Stands where the picture would be. */
/** @import { Ctx } from '../types/view' */
/** @import { MediaState } from '../types/state' */
import { h, icon } from '../lib/dom.js';

/** @param {Ctx} ctx @param {MediaState} media @param {string} look classes of the frame */
export function trouble(ctx, media, look) {
  const { i18n } = ctx;
  const { code, text } = media.problem ?? { code: '', text: 'busy' };
  const body = text === 'refused'
    ? h('ol', { class: 'steps' }, ...[1, 2, 3].map((n) => h('li', {}, h('span', {}, i18n.t(`err.step${n}`)))))
    : h('p', {}, i18n.t(`err.${text}.text`));
  return h('div', { class: `frame-off ${look}`, role: 'alert', 'data-testid': 'error', 'data-code': code },
    h('div', { class: 'off-body' },
      h('span', { class: 'off-ico' }, icon('cam-off')),
      h('h2', {}, i18n.t(`err.${text}`)), body,
      h('div', { class: 'row' }, h('button', { type: 'button', class: 'b b-outline', onclick: () => ctx.media.open(true) }, icon('retry'), h('span', {}, i18n.t('err.retry')))),
      h('p', { class: 'off-foot' }, i18n.t(media.microphone ? 'err.audio' : 'err.without'))));
}
