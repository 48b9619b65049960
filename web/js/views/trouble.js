// @ts-check
/** What is wrong with camera or microphone, what to do, and what goes on without. Stands where the picture would be. */
/** @import { Ctx } from '../types/view' */
/** @import { MediaState } from '../types/state' */
import { h, icon, mark, write } from '../lib/dom.js';

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

/**
 * The same in a call, in one line on the picture: a device that was lost since it began.
 * @param {Ctx} ctx @param {MediaState} first how things stood when the call began
 */
export function deviceNote({ i18n, media }, first) {
  const text = h('span');
  const root = h('div', { class: 'plate device-note', role: 'alert', hidden: true }, icon('alert', 'i-sm'), text,
    h('button', { type: 'button', class: 'b b-note', 'data-testid': 'device-retry', onclick: () => media.open(true) }, i18n.t('err.retry')));
  let known = first.problem, heard = first.microphone;
  return {
    root,
    /** @param {MediaState} now */
    update({ problem, microphone, asking }) {
      if (problem === null) known = null;
      heard ||= microphone;
      const camera = problem !== null && problem !== known;
      const lost = !asking && (camera || (heard && !microphone));
      root.hidden = !lost;
      mark(root, 'data-testid', lost ? 'error' : null);
      mark(root, 'data-code', lost ? (camera ? problem.code : 'TrackEndedError') : null);
      const key = `err.${camera ? problem.text : 'stopped'}`;
      write(text, lost ? [i18n.t(key), i18n.has(`${key}.text`) && i18n.t(`${key}.text`)].filter(Boolean).join(' ') : '');
    },
  };
}
