// @ts-check
/** The drawn parts of the pair of circles. */
import { svg } from '../lib/dom.js';

/** The place where both circles overlap, with the number of shared interests. @param {number} n @param {string} text */
export function lens(n, text) {
  const label = svg('text', { x: 35.5, y: 94, 'text-anchor': 'middle' });
  if (n > 0) label.textContent = text;
  return svg('svg', { class: 'lens', viewBox: '0 0 71 167', 'aria-hidden': 'true' },
    svg('path', { d: 'M35.5 .2a115.5 115.5 0 0 1 0 166.6a115.5 115.5 0 0 1 0-166.6z' }), label);
}

/** @param {'ghost' | 'arc'} kind */
export function ring(kind) {
  const circle = svg('circle', kind === 'ghost' ? { cx: 50, cy: 50, r: 49, pathLength: 144 } : { cx: 50, cy: 50, r: 49.36, pathLength: 100 });
  return svg('svg', { class: `ring ring-${kind}`, viewBox: '0 0 100 100', 'aria-hidden': 'true' }, circle);
}

/** The letter that stands for somebody who is not seen. @param {string} name */
export function initial(name) { return [...name.trim()][0]?.toLocaleUpperCase() ?? '?'; }
