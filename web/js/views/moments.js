// @ts-check
/** What each moment shows beside the own circle. */
/** @import { Ctx } from '../types/view' */
/** @import { State } from '../types/state' */
import { h, icon, write } from '../lib/dom.js';
import { initial, lens, ring } from './circles.js';
import { accepted, hadInCommon, introduction, partnerName, peak, personName, widening } from './phrases.js';
import { dayCard, localHours, whoCard } from './search_cards.js';
import { sharedList } from './shared.js';
import { trouble, troubleKey } from './trouble.js';

/**
 * @typedef {object} Moment
 * @property {Node[]} circle       what stands in the other circle
 * @property {Element} [lens]
 * @property {(Node | null)[]} body
 * @property {(state: State) => void} [update]
 * @property {(now: number) => void} [tick]
 */

/** @param {string} testid @param {string} look @param {string | null} sign @param {string} text @param {() => void} press */
function action(testid, look, sign, text, press) {
  return h('button', { type: 'button', class: `b ${look}`, 'data-testid': testid || undefined, onclick: press },
    sign ? icon(sign, sign === 'next' ? 'flip' : '') : null, h('span', {}, text));
}

/** @param {string} title @param {...(Node | string | null)} lead */
function say(title, ...lead) {
  return h('div', { class: 'say' }, h('h1', { tabIndex: -1 }, title), h('p', { class: 'lead' }, ...lead));
}

/** @param {Ctx} ctx @returns {Moment} */
function searching(ctx) {
  const { i18n, visit, store } = ctx;
  const clock = h('span', { class: 'big' });
  const lead = h('p', { class: 'lead' });
  const notice = h('p', { class: 'notice', role: 'status' });
  const problem = h('div', { class: 'trouble-place' });
  const who = whoCard(ctx);
  const anyone = action('anyone', 'b-outline', 'people', i18n.t('search.any'), () => visit.anyone());
  let problemShown = '';
  return {
    circle: [h('div', { class: 'disc-in' }, clock, h('span', { class: 'hint' }, i18n.t('search.elapsed')))],
    body: [
      h('div', { class: 'say' }, h('h1', { tabIndex: -1 }, i18n.t('search.title')), lead), notice, problem, who.root,
      h('div', { class: 'acts' }, anyone, action('edit', 'b-outline', 'edit', i18n.t('search.edit'), () => visit.edit()),
        action('stop', 'b-quiet', null, i18n.t('search.cancel'), () => visit.stop())),
    ],
    update(state) {
      const wider = widening(i18n, state.search);
      const sentence = accepted(i18n, state.search, state.prefs);
      if (lead.textContent !== [sentence, wider].filter(Boolean).join(' ')) lead.replaceChildren(sentence, ...(wider ? [' ', h('span', { class: 'nb' }, wider)] : []));
      write(notice, !state.online ? i18n.t('rec.self') : state.notice ? i18n.t(`notice.${state.notice.key}`, { name: personName(i18n, state.notice.name) }) : '');
      const key = state.mode === 'text' ? '' : troubleKey(state.media);
      if (key !== problemShown) problem.replaceChildren(...(key ? [trouble(ctx, state.media, 'card')] : []));
      problemShown = key;
      anyone.hidden = state.search.policy === 'any' || state.prefs.interests.length === 0;
      who.update(state);
    },
    tick(now) { write(clock, i18n.clock(now - store.value.search.since)); },
  };
}

/** @param {Ctx} ctx @param {State} state @returns {Moment} */
function empty(ctx, state) {
  const { i18n, visit, store } = ctx;
  const clock = h('span', { class: 'big' });
  const busiest = peak(localHours(state.presence.usual_by_hour));
  const lead = busiest ? i18n.t('empty.lead', { h1: i18n.hour(busiest.from), h2: i18n.hour(busiest.to) }) : i18n.t('empty.lead_short');
  const tell = action('tell-me', 'b-primary', 'bell', i18n.t('empty.tell'), () => {
    store.patch('search', { notify: true });
    if ('Notification' in globalThis) Notification.requestPermission().catch(() => {});
  });
  const widen = action('any-language', 'b-outline', 'globe', i18n.t('empty.widen'), () => visit.anyLanguage());
  const day = dayCard(ctx);
  const after = h('p', { class: 'hint after', role: 'status' });
  return {
    circle: [h('div', { class: 'disc-in' }, icon('moon', 'i-lg'), clock), ring('ghost')],
    body: [say(i18n.t('empty.title'), lead), day.root,
      h('div', { class: 'acts' }, tell, widen, action('stop', 'b-quiet', null, i18n.t('search.cancel'), () => visit.stop())), after],
    update(now) {
      tell.hidden = now.search.notify;
      widen.hidden = now.search.anyLanguage;
      write(after, i18n.t(!now.online ? 'rec.self' : now.search.notify ? 'empty.told' : 'empty.tab'));
      day.update(now);
    },
    tick(now) { write(clock, i18n.time(new Date(now))); },
  };
}

/** @param {Ctx} ctx @param {State} state @returns {Moment} */
function connecting(ctx, state) {
  const { i18n, visit } = ctx;
  const { match } = state;
  const name = partnerName(i18n, match);
  const shared = match?.shared.length ?? 0;
  return {
    circle: [h('div', { class: 'disc-in disc-lit', 'aria-hidden': 'true' }, h('span', { class: 'initial' }, initial(name))), ring('arc')],
    lens: lens(shared, i18n.number.format(shared)),
    body: [
      say(i18n.t('conn.title', { name }), match ? introduction(i18n, match) : ''), sharedList(ctx, state),
      match?.hidden ? h('p', { class: 'hint quiet-line' }, icon('lock', 'i-sm'), h('span', {}, i18n.t('conn.private', { name }))) : null,
      h('div', { class: 'acts' }, action('next', 'b-outline', 'next', i18n.t('call.next'), () => visit.next()),
        action('stop', 'b-quiet', null, i18n.t('search.cancel'), () => visit.stop())),
    ],
  };
}

/** @param {Ctx} ctx @param {State} state @returns {Moment} */
function left(ctx, state) {
  const { i18n, visit } = ctx;
  const name = partnerName(i18n, state.match);
  const together = state.match?.since ? state.match.until - state.match.since : 0;
  const title = h('h1', { tabIndex: -1 });
  const notice = h('p', { class: 'notice', role: 'status' });
  const undo = action('undo-block', 'b-outline', 'retry', i18n.t('after.undo'), () => visit.undoBlock());
  const block = action('block', 'b-quiet', 'block', i18n.t('left.block', { name }), () => visit.block());
  const report = action('report', 'b-quiet', 'flag', i18n.t('left.report', { name }), () => ctx.openReport());
  const safety = h('p', { class: 'after safety' }, h('span', { class: 'hint' }, i18n.t('left.wrong')), report, block);
  return {
    circle: [h('div', { class: 'disc-in' }, ...(together > 0 ? [h('span', { class: 'big' }, i18n.clock(together)), h('span', { class: 'hint' }, i18n.t('left.together'))] : [])), ring('ghost')],
    body: [
      h('div', { class: 'say' }, title, h('p', { class: 'lead' }, hadInCommon(i18n, state.match?.shared.length ?? 0))), sharedList(ctx, state), notice, undo,
      h('div', { class: 'acts' }, action('next', 'b-primary', 'next', i18n.t('left.next'), () => visit.next()),
        action('edit', 'b-outline', 'edit', i18n.t('search.edit'), () => visit.edit()),
        action('stop', 'b-quiet', null, i18n.t('left.stop'), () => visit.stop())),
      safety,
    ],
    update(now) {
      const { ended = 'left', blocked = false, reported = false } = now.match ?? {};
      write(title, i18n.t(blocked ? 'left.blocked' : `left.title.${ended}`, { name }));
      write(notice, now.notice ? i18n.t(`notice.${now.notice.key}`, { name: personName(i18n, now.notice.name) }) : '');
      undo.hidden = !now.match?.blockId;
      block.hidden = blocked;
      report.hidden = reported;
    },
  };
}

/** @param {Ctx} ctx @param {State} state @returns {Moment} */
function error(ctx, state) {
  const { i18n, visit } = ctx;
  const code = state.problem?.code ?? 'internal';
  const title = h('h1', { tabIndex: -1 });
  const again = action('next', 'b-primary', 'retry', i18n.t('err.retry'), () => visit.next());
  const known = i18n.has(`stop.${code}`) ? code : 'internal';
  const final = known === 'banned' || known === 'protocol';
  const retryAt = state.problem?.retryAt ?? 0;
  const limited = known === 'rate_limited';
  const seconds = () => Math.ceil((retryAt - Date.now()) / 1000);
  // An alert is read anew whenever it changes: readers hear the seconds once, the ticking number is for the eye.
  const spoken = h('p', { class: 'vh' }, limited && seconds() > 0 ? i18n.t('limits.wait', { n: seconds() }) : '');
  const ticking = h('p', { class: 'notice', 'aria-hidden': 'true' });
  const alert = h('div', { class: 'say', role: 'alert', 'data-testid': 'error', 'data-code': code }, title, h('p', { class: 'lead' }, i18n.t(`stop.${known}.text`)), spoken);
  again.hidden = final;
  function tick() {
    const left = seconds();
    // The limit is said with its seconds; anything else may be tried again at once.
    write(title, i18n.t(limited && left > 0 ? 'limits.searches' : `stop.${known}`));
    write(ticking, limited && left > 0 ? i18n.t('limits.wait', { n: left }) : '');
    if (left <= 0) write(spoken, '');
    again.disabled = left > 0;
  }
  tick();
  return {
    circle: [h('div', { class: 'disc-in' }, icon('alert', 'i-lg')), ring('ghost')],
    body: [alert, ticking, h('div', { class: 'acts' }, again, action('stop', 'b-quiet', null, i18n.t('left.stop'), () => visit.stop()))],
    tick,
  };
}

export const moments = { searching, empty, connecting, left, error };
