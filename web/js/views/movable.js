// @ts-check
/** Lets a small picture be dragged to another corner of its stage. */

/** @param {HTMLElement} element that stands in a positioned parent */
export function movable(element) {
  /** @type {{ x: number, y: number } | null} */ let from = null;
  element.addEventListener('pointerdown', (event) => {
    from = { x: event.clientX, y: event.clientY };
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    if (from) element.style.translate = `${event.clientX - from.x}px ${event.clientY - from.y}px`;
  });
  const drop = () => {
    if (!from) return;
    from = null;
    const stage = element.parentElement?.getBoundingClientRect();
    const at = element.getBoundingClientRect();
    element.style.translate = '';
    if (!stage) return;
    const rtl = getComputedStyle(element).direction === 'rtl';
    const right = at.left + at.width / 2 > stage.left + stage.width / 2;
    element.dataset['inline'] = right === rtl ? 'start' : 'end';
    element.dataset['block'] = at.top + at.height / 2 > stage.top + stage.height / 2 ? 'end' : 'start';
  };
  element.addEventListener('pointerup', drop);
  element.addEventListener('pointercancel', drop);
}
