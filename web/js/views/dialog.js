// @ts-check
/** A modal dialog with a title and a close button. The browser gives the focus back when it closes; a title takes it where the browser cannot. */
import { h, icon } from '../lib/dom.js';

/**
 * @param {object} parts
 * @param {string} parts.title @param {string} parts.close
 * @param {(Node | null)[]} parts.body
 * @param {Node | string} [parts.lead]
 * @param {() => void} [parts.onClose]
 */
export function openDialog({ title, close, body, lead, onClose }) {
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'dlg-title' },
    h('div', { class: 'dlg-top' }, h('h2', { id: 'dlg-title' }, title),
      h('button', { type: 'button', class: 'ib ib-quiet dlg-close', 'aria-label': close, onclick: () => dialog.close() }, icon('x'))),
    lead ? h('p', { id: 'dlg-lead', class: 'dlg-lead' }, lead) : null, ...body);
  if (lead) dialog.setAttribute('aria-describedby', 'dlg-lead');
  dialog.addEventListener('close', () => {
    dialog.remove();
    onClose?.();
    // What opened it went away meanwhile, as when the partner leaves: reading goes on at the title.
    if (document.activeElement === document.body) /** @type {HTMLElement | null} */ (document.querySelector('#app h1'))?.focus({ preventScroll: true });
  });
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
