// @ts-check
/** The smaller dialogs: keys, devices within a call, and the pages that the footer leads to. */
/** @import { Ctx } from '../types/view' */
import { h, icon } from '../lib/dom.js';
import { devicePicker } from './device_picker.js';
import { openDialog } from './dialog.js';

/** @param {Ctx} ctx */
export function openKeys({ i18n, store }) {
  const rows = [['Esc Esc', 'next'], ['M', 'mic'], ['V', 'camera'], ['Enter', 'chat'], ['?', 'list']].map(([keys = '', what]) => h('div', { class: 'key-row' },
    h('dt', {}, ...keys.split(' ').map((key) => h('kbd', {}, i18n.has(`keys.${key}`) ? i18n.t(`keys.${key}`) : key))), h('dd', {}, i18n.t(`keys.${what}`))));
  const on = h('input', { type: 'checkbox', checked: store.value.prefs.keys, onchange: () => store.patch('prefs', { keys: on.checked }) });
  openDialog({
    title: i18n.t('app.keys'), close: i18n.t('rep.close'), lead: i18n.t('keys.lead'),
    body: [h('dl', { class: 'keys' }, ...rows),
      h('label', { class: 'check' }, on, h('span', { class: 'box', 'aria-hidden': 'true' }, icon('check', 'i-sm')), h('span', {}, i18n.t('keys.on')))],
  });
}

/** @param {Ctx} ctx */
export function openDevices(ctx) {
  const { i18n, store } = ctx;
  const picker = devicePicker(ctx);
  picker.update(store.value, null);
  const stop = store.subscribe((state, before) => picker.update(state, before));
  openDialog({
    title: i18n.t('more.devices'), close: i18n.t('rep.close'), body: [picker.root],
    onClose: () => { stop(); picker.dispose(); },
  });
}

/** @param {Ctx} ctx @param {string} page */
export function openPage({ i18n }, page) {
  const paragraphs = [];
  for (let n = 1; i18n.has(`page.${page}.${n}`); n++) paragraphs.push(h('p', {}, i18n.t(`page.${page}.${n}`)));
  openDialog({ title: i18n.t(`foot.${page}`), close: i18n.t('rep.close'), body: [h('div', { class: 'prose' }, ...paragraphs)] });
}
