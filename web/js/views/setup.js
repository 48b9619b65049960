// @ts-check
/** The first view: what one likes, who one is, how one looks, and Start. */
/** @import { Ctx, View } from '../types/view' */
/** @import { State } from '../types/state' */
import { h, icon, mark, write } from '../lib/dom.js';
import { interestField } from './interests.js';
import { peopleFields } from './people_fields.js';
import { preview } from './preview.js';
import { usualWait } from './phrases.js';

/** @param {Ctx} ctx @returns {View} */
export function setupView(ctx) {
  const { store, visit, i18n } = ctx;
  const interests = interestField(ctx);
  const people = peopleFields(ctx);
  const picture = preview(ctx);

  const consent = h('input', { type: 'checkbox', 'data-testid': 'consent', onchange: () => store.patch('prefs', { consent: consent.checked }) });
  const [before, after] = i18n.t('idle.consent').split('{rules}');
  const rules = h('a', { href: '#rules', onclick: (/** @type {Event} */ e) => { e.preventDefault(); ctx.openPage('rules'); } }, i18n.t('idle.consent.rules'));
  const consentLine = h('label', { class: 'check' }, consent, h('span', { class: 'box', 'aria-hidden': 'true' }, icon('check', 'i-sm')), h('span', {}, before, rules, after));
  const missing = h('p', { class: 'hint consent-missing', role: 'alert' });
  const startText = h('span');
  const start = h('button', { type: 'submit', class: 'b b-primary b-lg', 'data-testid': 'start', onclick: () => go('video') }, startText);
  const text = h('button', { type: 'button', class: 'b b-outline b-lg', 'data-testid': 'start-text', onclick: () => go('text') }, icon('chat'), h('span', {}, i18n.t('idle.text')));
  const eta = h('span', { class: 'hint eta' });
  let busy = false;

  /** Starts once the last word is looked up and the age is confirmed. @param {'video' | 'text'} mode */
  async function go(mode) {
    if (busy || store.value.phase !== 'idle') return;
    if (!store.value.prefs.consent) {
      write(missing, i18n.t('idle.consent.missing'));
      consent.focus();
      return;
    }
    busy = true;
    draw(store.value);
    const fine = await interests.settle();
    busy = false;
    draw(store.value);
    if (fine) visit.start(mode);
  }

  // The line goes only with the next visit, so that nothing moves under the finger that has just ticked it.
  const known = store.value.prefs.consent;
  const root = h('main', { class: 'setup' },
    h('div', { class: 'intro' }, h('h1', { tabIndex: -1 }, i18n.t('idle.title')), h('p', { class: 'lead' }, i18n.t('idle.lead'))),
    h('form', { class: 'fields', onsubmit: (/** @type {Event} */ e) => e.preventDefault() }, interests.root, people.root),
    picture.root,
    h('div', { class: 'go' }, known ? null : consentLine, missing, h('div', { class: 'go-row' }, start, text, eta)));

  /** @param {State} state */
  function draw({ media, phase, presence }) {
    const { problem, soundProblem, camera, microphone } = media;
    write(startText, i18n.t(problem && !camera ? (microphone ? 'idle.start.audio' : 'idle.start.nocam') : soundProblem && !microphone ? 'idle.start.nomic' : 'idle.start'));
    mark(start, 'aria-busy', String(busy || phase === 'requesting-media'));
    start.disabled = text.disabled = phase === 'requesting-media';
    write(eta, usualWait(i18n, presence.wait_ms));
  }

  return {
    root,
    update(state, previous) {
      consent.checked = state.prefs.consent;
      if (state.prefs.consent) write(missing, '');
      interests.update(state, previous);
      people.update(state, previous);
      picture.update(state, previous);
      draw(state);
    },
    dispose() { picture.dispose(); },
  };
}
