// @ts-check
/** What is wrong with camera or microphone, what to do, and what goes on without. Stands where the picture would be. */
/** @import { Ctx } from '../types/view' */
/** @import { I18n } from '../lib/i18n.js' */
/** @import { MediaState } from '../types/state' */
import { h, icon, mark, write } from '../lib/dom.js';

/**
 * What there is to tell: of the camera first, whose trouble takes the place of the picture, else of the microphone.
 * @param {I18n} i18n @param {MediaState} media
 */
function wordsOf(i18n, media) {
  const { problem, microphone } = media;
  const unheard = unheardFor(media);
  const of = problem ?? unheard;
  if (!of) return null;
  const own = problem ? `err.${of.text}` : `mic.${of.text}`;
  const both = problem && problem.text === unheard?.text ? `${own}.both` : '';
  const text = [`${own}.text`, `err.${of.text}.text`].find((key) => i18n.has(key));
  return {
    code: of.code, title: i18n.t(i18n.has(both) ? both : own), text: text ? i18n.t(text) : '',
    rest: i18n.t(!problem ? 'mic.without' : microphone ? 'err.audio' : 'err.without'),
  };
}

/** Differs when trouble() would draw something else; '' while all is well. @param {MediaState} media */
export function troubleKey(media) {
  const { problem, microphone } = media;
  const unheard = unheardFor(media);
  return problem || unheard ? [problem?.text, problem?.code, unheard?.text, unheard?.code, microphone].join(' ') : '';
}

/** Why one is not heard. An old microphone goes on where another could not be had. @param {MediaState} media */
function unheardFor({ microphone, soundProblem }) { return microphone ? null : soundProblem; }

/** @param {Ctx} ctx @param {MediaState} media @param {string} look classes of the frame */
export function trouble({ i18n, media: devices }, media, look) {
  const words = wordsOf(i18n, media);
  const body = words?.text ? h('p', {}, words.text)
    : h('ol', { class: 'steps' }, ...[1, 2, 3].map((n) => h('li', {}, h('span', {}, i18n.t(`err.step${n}`)))));
  return h('div', { class: `frame-off ${look}`, role: 'alert', 'data-testid': 'error', 'data-code': words?.code },
    h('div', { class: 'off-body' },
      h('span', { class: 'off-ico' }, icon('cam-off')),
      h('h2', {}, words?.title), body,
      h('div', { class: 'row' }, h('button', { type: 'button', class: 'b b-outline', onclick: () => devices.open(true) }, icon('retry'), h('span', {}, i18n.t('err.retry')))),
      h('p', { class: 'off-foot' }, words?.rest)));
}

/**
 * The same in a call, in one line on the picture: a camera that was lost since it began, and that one is not heard.
 * @param {Ctx} ctx @param {MediaState} first how things stood when the call began
 */
export function deviceNote({ i18n, media }, first) {
  let { problem: seen } = first;
  let now = first;
  /** @type {MediaState['soundProblem']} */ let silent = null; // the person closed the note about it
  const title = h('span'), advice = h('span', { class: 'advice' });
  const close = h('button', {
    type: 'button', class: 'ib ib-note', 'aria-label': i18n.t('rep.close'),
    onclick: () => { seen = now.problem; silent = now.soundProblem; draw(); },
  }, icon('x', 'i-sm'));
  const root = h('div', { class: 'plate device-note', role: 'alert', hidden: true }, icon('alert', 'i-sm'), h('span', {}, title, ' ', advice),
    h('button', { type: 'button', class: 'b b-note', 'data-testid': 'device-retry', onclick: () => media.open(true) }, i18n.t('err.retry')), close);

  function draw() {
    const camera = now.problem !== seen ? now.problem : null;
    const sound = now.soundProblem !== silent ? now.soundProblem : null;
    const words = now.asking ? null : wordsOf(i18n, { ...now, problem: camera, soundProblem: sound });
    root.hidden = !words;
    mark(root, 'data-testid', words ? 'error' : null);
    mark(root, 'data-code', words?.code ?? null);
    write(title, words ? stop(words.title) : '');
    write(advice, words?.text ?? '');
  }
  return {
    root,
    /** @param {MediaState} state */
    update(state) {
      now = state;
      if (state.problem === null) seen = null;
      draw();
    },
  };
}

/** A title as a sentence. @param {string} title */
function stop(title) { return title.endsWith('.') ? title : `${title}.`; }
