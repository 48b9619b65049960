// @ts-check
/** The two cards of a search: who else looks, and when people usually come. A card without numbers is not there. */
/** @import { Ctx } from '../types/view' */
/** @import { State } from '../types/state' */
import { fill, h, mark, write } from '../lib/dom.js';
import { interestName, peak, peopleOnline, usualWait } from './phrases.js';

/** @param {Ctx} ctx */
export function whoCard({ i18n }) {
  const rows = h('dl');
  const wait = h('span'), online = h('span');
  const foot = h('p', { class: 'card-foot' }, wait, online);
  const root = h('section', { class: 'card who', 'aria-label': i18n.t('search.who'), hidden: true }, rows, foot);
  let shown = '';
  return {
    root,
    /** @param {State} state */
    update({ search, prefs, presence }) {
      const counts = Object.entries(search.interests ?? {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
      const most = Math.max(1, ...counts.map(([, n]) => n));
      const key = JSON.stringify(counts);
      if (key !== shown) {
        shown = key;
        fill(rows, ...counts.map(([slug, n]) => {
          const bar = h('span');
          bar.style.inlineSize = `${Math.round((n / most) * 100)}%`;
          return h('div', { class: 'who-row' }, h('dt', {}, interestName(prefs.interests, slug)), h('dd', { class: 'bar', 'aria-hidden': 'true' }, bar),
            h('dd', { class: 'n' }, i18n.t('search.people', { n })));
        }));
      }
      write(wait, usualWait(i18n, search.eta_ms ?? presence.wait_ms));
      write(online, peopleOnline(i18n, search.online ?? presence.online));
      foot.hidden = !wait.textContent && !online.textContent;
      mark(foot, 'class', counts.length > 0 ? 'card-foot' : 'card-foot card-foot-only');
      root.hidden = counts.length === 0 && foot.hidden;
    },
  };
}

/** The server counts in UTC. @param {number[] | null | undefined} byHour @returns {number[] | null} */
export function localHours(byHour) {
  if (!byHour || byHour.length !== 24) return null;
  const shift = Math.round(-new Date().getTimezoneOffset() / 60);
  return byHour.map((_, hour) => byHour[(((hour - shift) % 24) + 24) % 24] ?? 0);
}

/** @param {Ctx} ctx */
export function dayCard({ i18n }) {
  const now = h('span', { class: 'hint' });
  const bars = h('div', { class: 'bars', role: 'img' });
  const hours = h('div', { class: 'hours', 'aria-hidden': 'true' }, ...[0, 6, 12, 18, 24].map((n) => h('span', {}, i18n.t('empty.hour', { n }))));
  const root = h('figure', { class: 'card day', hidden: true },
    h('figcaption', { class: 'card-head' }, h('span', {}, i18n.t('empty.day')), now), bars, hours);
  let shown = '';
  return {
    root,
    /** @param {State} state */
    update({ presence, search }) {
      const byHour = localHours(presence.usual_by_hour);
      const busiest = peak(byHour);
      root.hidden = !byHour || !busiest;
      if (!byHour || !busiest) return;
      write(now, search.online === undefined ? '' : i18n.t('empty.now', { n: search.online }));
      const hour = new Date().getHours();
      const key = `${hour} ${byHour}`;
      if (key === shown) return;
      shown = key;
      const most = Math.max(...byHour);
      mark(bars, 'aria-label', i18n.t('empty.alt', { h1: i18n.hour(busiest.from), h2: i18n.hour(busiest.to) }));
      fill(bars, ...byHour.map((n, at) => {
        const bar = h('i', { class: at === hour ? 'is-now' : (at - busiest.from + 24) % 24 < 3 ? 'is-peak' : '' });
        bar.style.blockSize = `${Math.max(4, Math.round((n / most) * 100))}%`;
        return bar;
      }));
    },
  };
}
