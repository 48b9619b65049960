// @ts-check
/** A native popover that stands at its button: below it where there is room, else above. */
import { mark } from './dom.js';

const gap = 8;

/** @param {HTMLElement} button @param {HTMLElement} pop @param {(open: boolean) => void} [onToggle] */
export function attachPopover(button, pop, onToggle) {
  pop.setAttribute('popover', 'auto');
  mark(button, 'aria-expanded', 'false');
  button.addEventListener('click', () => pop.togglePopover());
  pop.addEventListener('beforetoggle', (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === 'open') requestAnimationFrame(() => place(button, pop));
  });
  pop.addEventListener('toggle', (event) => {
    const open = /** @type {ToggleEvent} */ (event).newState === 'open';
    mark(button, 'aria-expanded', String(open));
    if (open) place(button, pop);
    onToggle?.(open);
  });
  addEventListener('resize', () => { if (pop.matches(':popover-open')) place(button, pop); });
}

/** @param {HTMLElement} button @param {HTMLElement} pop */
function place(button, pop) {
  const at = button.getBoundingClientRect();
  const width = pop.offsetWidth, height = pop.offsetHeight;
  const rtl = getComputedStyle(button).direction === 'rtl';
  const wanted = pop.dataset['align'] === 'end' ? (rtl ? at.left : at.right - width) : rtl ? at.right - width : at.left;
  const below = at.bottom + gap + height <= innerHeight;
  pop.style.left = `${Math.max(gap, Math.min(wanted, innerWidth - width - gap))}px`;
  pop.style.top = `${Math.max(gap, below ? at.bottom + gap : at.top - gap - height)}px`;
}
