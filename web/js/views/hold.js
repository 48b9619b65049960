// @ts-check
/** What is said over the picture while somebody's line is gone, with the seconds that are left. */
/** @import { Ctx } from '../types/view' */
import { h, mark, svg, write } from '../lib/dom.js';
import { partnerName } from './phrases.js';

const round = 276.5; // length of the circle's line

/** @param {Ctx} ctx @param {(text: string) => void} announce */
export function holdView({ i18n, store }, announce) {
  const arc = svg('circle', { class: 'count-fg', cx: 48, cy: 48, r: 44 });
  const number = h('span');
  const count = h('div', { class: 'count' }, svg('svg', { viewBox: '0 0 96 96', 'aria-hidden': 'true' }, svg('circle', { class: 'count-bg', cx: 48, cy: 48, r: 44 }), arc), number);
  const title = h('h2'), text = h('p');
  const root = h('div', { class: 'hold', hidden: true }, h('div', { class: 'hold-in' }, count, h('div', {}, title, text)));
  let saidLast = false;

  function draw() {
    const { hold, match } = store.value;
    root.hidden = hold === null;
    if (!hold) { saidLast = false; return; }
    // While the picture still comes, nothing covers it: the message stands at its edge.
    mark(root, 'class', match?.flowing ? 'hold hold-soft' : 'hold');
    const name = partnerName(i18n, match);
    const left = Math.max(0, Math.ceil((hold.until - Date.now()) / 1000));
    count.hidden = hold.who === 'media';
    write(number, String(left));
    /** @type {SVGElement} */ (arc).style.strokeDashoffset = String(round * (1 - Math.max(0, hold.until - Date.now()) / (hold.total || 1)));
    write(title, i18n.t(hold.who === 'self' ? 'rec.self_title' : hold.who === 'media' ? 'rec.media_title' : 'rec.title', { name }));
    write(text, i18n.t(hold.who === 'self' ? 'rec.self' : hold.who === 'media' ? 'rec.media' : 'rec.text', { name, n: left }));
    if (hold.who === 'partner' && left > 0 && left <= 5 && !saidLast) {
      saidLast = true;
      announce(i18n.t('rec.last', { name, n: left }));
    }
  }
  return { root, draw };
}
