// @ts-check
/** The header: brand, status, clock, and at the end either the settings of the page or report and block. */
/** @import { Ctx } from '../types/view' */
/** @import { Phase, State } from '../types/state' */
import { fill, h, icon, mark, svg, write } from '../lib/dom.js';
import { languages } from '../lib/i18n.js';
import { ending, partnerName, peopleOnline } from './phrases.js';

const themes = /** @type {const} */ (['system', 'light', 'dark']);
/** @type {Phase[]} */ export const callPhases = ['connected', 'reconnecting'];

/** The one node for the status, which outlives every view and every language. */
export function statusLine() {
  const text = h('span');
  const root = h('p', { class: 'status', role: 'status', 'data-testid': 'status', 'data-state': 'idle', 'data-match-id': '' },
    h('span', { class: 'dot', 'aria-hidden': 'true' }), text);
  return {
    root,
    /** @param {Ctx} ctx @param {State} state */
    update({ i18n }, { phase, match, presence, hold }) {
      const inMatch = phase === 'connecting' || callPhases.includes(phase);
      mark(root, 'data-state', phase);
      mark(root, 'data-match-id', inMatch ? match?.roomId ?? '' : '');
      const name = partnerName(i18n, match);
      const texts = {
        'idle': peopleOnline(i18n, presence.online) || i18n.t('status.ready'),
        'requesting-media': i18n.t('status.requesting'),
        'searching': i18n.t('status.searching'),
        'connecting': i18n.t('status.connecting', { name }),
        'connected': i18n.t(match?.mode === 'text' ? 'status.text' : 'status.connected', { name }),
        'reconnecting': i18n.t(hold?.who === 'self' ? 'status.offline' : 'status.reconnecting', { name }),
        'peer-left': ending(i18n, match),
        'error': i18n.t('status.error'),
      };
      write(text, texts[phase]);
    },
  };
}

/** @param {Ctx} ctx @param {HTMLElement} status */
export function header(ctx, status) {
  const { i18n, store, visit } = ctx;
  const clock = h('span', { class: 'clock', role: 'timer', 'aria-label': i18n.t('call.time'), hidden: true });
  const language = h('select', { 'data-testid': 'language-select', onchange: () => ctx.changeLanguage(language.value) },
    ...languages.map(({ code, name }) => h('option', { value: code, lang: code }, name)));
  language.value = i18n.language;
  const themeButton = h('button', {
    type: 'button', class: 'ib ib-quiet', 'data-testid': 'theme',
    onclick: () => store.patch('prefs', { theme: themes[(themes.indexOf(store.value.prefs.theme) + 1) % themes.length] ?? 'system' }),
  }, icon('theme'));
  const keys = h('button', { type: 'button', class: 'ib ib-quiet wide-only', 'aria-label': i18n.t('app.keys'), title: i18n.t('app.keys'), onclick: () => ctx.openKeys() }, icon('keys'));
  const settings = [
    h('label', { class: 'pick pick-quiet' }, icon('globe'), h('span', { class: 'vh' }, i18n.t('app.language')), language, icon('down', 'i-sm')),
    themeButton, keys,
  ];
  const safety = [
    h('button', { type: 'button', class: 'b b-quiet b-safety', 'data-testid': 'report', onclick: () => ctx.openReport() }, icon('flag'), h('span', {}, i18n.t('call.report'))),
    h('button', { type: 'button', class: 'b b-quiet b-safety', 'data-testid': 'block', onclick: () => visit.block() }, icon('block'), h('span', {}, i18n.t('call.block'))),
  ];
  const end = h('div', { class: 'top-end' });
  const brand = h('a', { class: 'brand', href: '/', 'aria-label': 'Seendr', onclick: (/** @type {Event} */ e) => { e.preventDefault(); if (store.value.phase !== 'idle' && !callPhases.includes(store.value.phase)) visit.stop(); } },
    svg('svg', { class: 'mark', 'aria-hidden': 'true' }, svg('use', { href: '/icons.svg#mark' })), h('span', { class: 'wordmark' }, 'Seendr'));
  const root = h('header', { class: 'top' }, brand, status, clock, end);
  let shown = '';

  return {
    root, language,
    /** @param {State} state */
    update(state) {
      const inCall = callPhases.includes(state.phase);
      const which = inCall ? 'safety' : 'settings';
      if (which !== shown) fill(end, ...(inCall ? safety : settings));
      shown = which;
      clock.hidden = !inCall;
      const label = i18n.t(`app.theme.${state.prefs.theme}`);
      mark(themeButton, 'aria-label', label);
      mark(themeButton, 'title', label);
    },
    tick() {
      const { match } = store.value;
      if (match?.since) write(clock, i18n.clock(Date.now() - match.since));
    },
  };
}

/** @param {Ctx} ctx */
export function footer({ i18n, store, openPage }) {
  const host = h('span');
  const page = (/** @type {'rules' | 'privacy' | 'questions'} */ name) => h('a', { href: `#${name}`, onclick: (/** @type {Event} */ e) => { e.preventDefault(); openPage(name); } }, i18n.t(`foot.${name}`));
  const update = () => write(host, i18n.t('foot.host', { host: store.value.presence.host || location.hostname }));
  update();
  return {
    root: h('footer', { class: 'foot' }, host, h('nav', { 'aria-label': i18n.t('foot.nav') }, page('rules'), page('privacy'), page('questions'))),
    update,
  };
}
