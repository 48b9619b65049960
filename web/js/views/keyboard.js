// @ts-check
/** The keys of the page. None of them works while somebody writes, and all can be turned off. */
/** @import { Ctx } from '../types/view' */

const twice = 600; // milliseconds between the two Escapes

/** @param {Ctx} ctx @param {() => void} focusChat */
export function listenToKeys(ctx, focusChat) {
  const { store, visit, media } = ctx;
  let escapedAt = -Infinity;
  addEventListener('keydown', (event) => {
    const { phase, prefs, mode } = store.value;
    if (!prefs.keys || event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const busy = document.querySelector('dialog[open], :popover-open') !== null || document.fullscreenElement !== null;
    if (event.key === 'Escape') {
      const again = event.timeStamp - escapedAt < twice;
      escapedAt = busy || again ? -Infinity : event.timeStamp;
      if (again && !busy) visit.next();
      return;
    }
    const target = /** @type {HTMLElement} */ (event.target);
    if (busy || target.closest('input, textarea, select, [contenteditable]')) return;
    const inCall = phase === 'connected' || phase === 'reconnecting';
    const key = event.key.toLowerCase();
    if (event.key === '?') ctx.openKeys();
    else if (key === 'm' && mode !== 'text') media.toggleSound();
    else if (key === 'v' && mode !== 'text') media.togglePicture();
    else if (event.key === 'Enter' && inCall && !target.closest('button, a, [role=log]')) focusChat();
    else return;
    event.preventDefault();
  });
}
