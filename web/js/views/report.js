// @ts-check
/** The report dialog: a reason, a note, whether to block too. Open while the picture of the other is hidden. */
/** @import { Ctx } from '../types/view' */
/** @import { State } from '../types/state' */
import { h, icon, write } from '../lib/dom.js';
import { openDialog } from './dialog.js';
import { partnerName } from './phrases.js';

const reasons = ['nudity', 'harassment', 'minor', 'spam', 'other'];

/** @param {Ctx} ctx */
export function openReport({ i18n, store, visit }) {
  const name = partnerName(i18n, store.value.match);
  const submit = h('button', { type: 'submit', class: 'b b-danger-fill', 'data-testid': 'report-submit', disabled: true });
  const radios = reasons.map((reason) => h('label', { class: 'radio' },
    h('input', { type: 'radio', name: 'reason', value: reason, required: true, onchange: () => { submit.disabled = false; } }),
    h('span', { class: 'rd', 'aria-hidden': 'true' }), h('span', {}, i18n.t(`rep.${reason}`))));
  const note = h('textarea', { rows: 2, maxLength: 500 });
  const block = h('input', { type: 'checkbox', checked: true });
  const form = h('form', {
    onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const reason = new FormData(form).get('reason');
      if (typeof reason !== 'string') return;
      dialog.close();
      visit.report(reason, note.value.trim(), block.checked);
    },
  },
  h('fieldset', { class: 'reasons', 'data-testid': 'report-reason' }, h('legend', { class: 'vh' }, i18n.t('rep.reason')), ...radios),
  h('label', { class: 'field' }, h('span', { class: 'label-row' }, h('span', { class: 'label' }, i18n.t('rep.note')), h('span', { class: 'hint' }, i18n.t('rep.optional'))), note),
  h('label', { class: 'check' }, block, h('span', { class: 'box', 'aria-hidden': 'true' }, icon('check', 'i-sm')), h('span', {}, i18n.t('rep.block', { name }))),
  h('div', { class: 'dlg-acts' }, h('button', { type: 'button', class: 'b b-outline', onclick: () => dialog.close() }, i18n.t('search.cancel')), submit));

  const lead = h('span');
  /** The call may end while somebody writes. @param {State} state */
  function speakOfCall({ phase }) {
    const after = phase === 'peer-left';
    write(submit, i18n.t(after ? 'rep.send_after' : 'rep.send'));
    write(lead, i18n.t(after ? 'rep.lead_after' : 'rep.lead', { name }));
  }
  speakOfCall(store.value);

  document.body.toggleAttribute('data-hide', true);
  const dialog = openDialog({
    title: i18n.t('rep.title', { name }), close: i18n.t('rep.close'), lead, body: [form],
    onClose: () => { stop(); document.body.removeAttribute('data-hide'); },
  });
  form.querySelector('input')?.focus();
  const roomId = store.value.match?.roomId;
  // With another person on the screen this dialog would report the wrong one.
  const stop = store.subscribe((state) => { if (state.match?.roomId !== roomId) dialog.close(); else speakOfCall(state); });
}
