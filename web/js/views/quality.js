// @ts-check
/** How good the connection is: bars, a word, and the way it takes. Never by colour alone. */
/** @import { Ctx } from '../types/view' */
/** @import { State } from '../types/state' */
import { h, mark, svg, write } from '../lib/dom.js';
import { partnerName } from './phrases.js';

/** @param {Ctx} ctx */
export function qualityView({ i18n }) {
  const bars = svg('svg', { class: 'qbars', viewBox: '0 0 18 16', 'aria-hidden': 'true' },
    ...[[0, 10], [7, 5], [14, 0]].map(([x = 0, y = 0]) => svg('rect', { x, y, width: 4, height: 16 - y, rx: 1.2 })));
  const word = h('b'), route = h('span', { class: 'route' });
  const root = h('span', { class: 'quality', 'data-testid': 'connection-quality', 'data-level': 'good', 'data-route': 'direct' }, bars, h('span', {}, word, ' ', route));
  return {
    root,
    /** @param {State} state */
    update({ quality, hold, match }) {
      const lost = hold !== null && !match?.flowing;
      const level = lost ? 'poor' : quality?.level ?? 'good';
      const way = quality?.route ?? 'direct';
      mark(root, 'data-level', level);
      mark(root, 'data-route', way);
      write(word, i18n.t(lost || quality?.silent ? 'q.lost' : `q.${level}`));
      write(route, i18n.t(lost && hold?.who === 'partner' ? 'q.wait' : quality?.saving ? 'q.saving' : match?.mode === 'text' ? 'q.server' : way === 'relay' ? 'q.relay' : 'q.direct', { name: partnerName(i18n, match) }));
    },
  };
}
