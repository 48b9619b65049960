// @ts-check
/** How a call opens: the partner's circle grows into the stage, one's own shrinks into the corner. */

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** @typedef {{ them: DOMRect, you: DOMRect }} Circles */

/** Where the two circles are now, or null where nothing is to move. @param {HTMLElement} app @returns {Circles | null} */
export function circlesOf(app) {
  const them = app.querySelector('.disc-them'), you = app.querySelector('.disc-you');
  return them && you && !still() && !document.hidden ? { them: them.getBoundingClientRect(), you: you.getBoundingClientRect() } : null;
}

/** @param {HTMLElement} app that shows the call now @param {Circles} from */
export function grow(app, { them, you }) {
  const stage = app.querySelector('.stage'), self = app.querySelector('.self');
  if (!stage || !self) return; // a text chat has no pictures
  const style = getComputedStyle(document.documentElement);
  const times = { duration: Number.parseFloat(style.getPropertyValue('--slow')) || 480, easing: style.getPropertyValue('--ease').trim() || 'ease-out' };
  const room = stage.getBoundingClientRect();
  const x = them.left + them.width / 2 - room.left, y = them.top + them.height / 2 - room.top;
  const far = Math.hypot(Math.max(x, room.width - x), Math.max(y, room.height - y));
  const open = [`circle(${them.width / 2}px at ${x}px ${y}px)`, `circle(${far}px at ${x}px ${y}px)`];
  stage.animate({ backgroundColor: ['transparent', getComputedStyle(stage).backgroundColor] }, times);
  for (const feed of stage.querySelectorAll(':scope > .feed')) feed.animate({ clipPath: open }, times);
  const to = self.getBoundingClientRect();
  const move = `translate(${you.left - to.left}px, ${you.top - to.top}px) scale(${you.width / to.width}, ${you.height / to.height})`;
  self.animate({ transform: [move, 'none'], transformOrigin: ['0 0', '0 0'], borderRadius: ['50%', getComputedStyle(self).borderRadius] }, times);
}
