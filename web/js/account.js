// @ts-check
/** The page that a mailed link leads to: it verifies an address, or takes a new password. */
import { Api, ApiError } from './app/api.js';
import * as prefs from './app/prefs.js';
import { fill, h } from './lib/dom.js';
import { load } from './lib/i18n.js';

const [purpose = '', token = ''] = location.hash.slice(1).split('/');
history.replaceState(null, '', location.pathname); // the link is a secret: it stays in no history

const api = new Api();
const i18n = await load(prefs.load().page);
const page = /** @type {HTMLElement} */ (document.getElementById('account'));
document.documentElement.lang = i18n.language;
document.documentElement.dir = i18n.direction;

/** @param {string} state @param {string} title @param {string} lead @param {...Node} more */
function show(state, title, lead, ...more) {
  page.dataset['state'] = state;
  fill(page, h('h1', { tabIndex: -1 }, title), h('p', { class: 'dlg-lead', role: 'status' }, lead), ...more);
}

function wayOut() { return h('div', { class: 'dlg-acts' }, h('a', { class: 'b b-outline', href: '/' }, i18n.t('account.open'))); }

/** @param {unknown} error */
function showFailure(error) {
  const stale = error instanceof ApiError && error.status === 400;
  if (stale) show('stale', i18n.t('account.stale'), i18n.t('account.stale.lead'), wayOut());
  else show('failed', i18n.t('account.failed'), i18n.t('account.failed.lead'), wayOut());
}

async function verify() {
  try {
    await api.verifyEmail(token);
    show('verified', i18n.t('account.verified'), i18n.t('account.verified.lead'), wayOut());
  } catch (error) { showFailure(error); }
}

function askForPassword() {
  const password = h('input', { type: 'password', autocomplete: 'new-password', required: true, minLength: 8, maxLength: 128, 'data-testid': 'new-password' });
  const save = h('button', { class: 'b b-primary', type: 'submit', 'data-testid': 'save-password' }, i18n.t('account.save'));
  const form = h('form', { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void change(); } },
    h('label', { class: 'field' }, h('span', { class: 'label' }, i18n.t('account.password')), password),
    h('div', { class: 'dlg-acts' }, save));
  async function change() {
    save.disabled = true;
    try {
      await api.newPassword(token, password.value);
      show('saved', i18n.t('account.saved'), i18n.t('account.saved.lead'), wayOut());
    } catch (error) { showFailure(error); }
  }
  show('reset', i18n.t('account.reset'), i18n.t('account.reset.lead'), form);
  password.focus();
}

if (purpose === 'verify') await verify();
else if (purpose === 'reset') askForPassword();
else show('stale', i18n.t('account.stale'), i18n.t('account.stale.lead'), wayOut());
