// @ts-check
/** Builds the page from its parts: state, devices, the road, and the views that draw it. */
/** @import { Ctx } from './types/view' */
import { Api } from './app/api.js';
import { Media } from './app/media.js';
import * as prefs from './app/prefs.js';
import { watchPresence } from './app/presence.js';
import { initialState } from './app/state.js';
import { Visit } from './app/visit.js';
import { Call } from './call/call.js';
import * as i18n from './lib/i18n.js';
import { Store } from './lib/store.js';
import { openDevices, openKeys, openPage } from './views/dialogs.js';
import { watchBackground } from './views/background.js';
import { listenToKeys } from './views/keyboard.js';
import { openReport } from './views/report.js';
import { shell } from './views/shell.js';
import { Videos } from './views/videos.js';

const store = new Store(initialState(prefs.load()));
const wide = matchMedia('(min-width: 901px)');
store.patch('chat', { open: wide.matches });
const api = new Api();
const media = new Media(store, navigator.mediaDevices, (kind) => visit.room?.trackChanged(kind));
const visit = new Visit({
  store, api, media,
  signalling: { url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/matching/` },
  makeCall: (options) => new Call(options),
  makeStream: () => new MediaStream(),
});

/** @type {Ctx} */
const ctx = {
  store, visit, media, api, videos: new Videos(), i18n: await i18n.load(store.value.prefs.page),
  changeLanguage,
  openReport: () => openReport(ctx),
  openKeys: () => openKeys(ctx),
  openDevices: () => openDevices(ctx),
  openPage: (page) => openPage(ctx, page),
};

function setDocumentLanguage() {
  document.documentElement.lang = ctx.i18n.language;
  document.documentElement.dir = ctx.i18n.direction;
}

/** @param {string} code */
async function changeLanguage(code) {
  try { ctx.i18n = await i18n.load(code); } catch { return; }
  setDocumentLanguage();
  store.patch('prefs', { page: ctx.i18n.language, interests: await renamed() });
  page.redraw();
}

/** The chosen interests under their names in the language of the page. */
function renamed() {
  return Promise.all(store.value.prefs.interests.map(async (interest) => {
    const found = await api.interests(interest.name, ctx.i18n.language).catch(() => []);
    return found.find((item) => item.slug === interest.slug) ?? interest;
  }));
}

/** The preview opens by itself only for somebody who allowed the camera before. */
async function openPreview() {
  try {
    const { state } = await navigator.permissions.query({ name: /** @type {PermissionName} */ ('camera') });
    if (state === 'granted' && store.value.phase === 'idle') await media.open();
  } catch { /* the browser does not say: the button is there */ }
}

setDocumentLanguage();
const page = shell(/** @type {HTMLElement} */ (document.getElementById('app')), ctx);
store.subscribe((state, before) => {
  if (state.prefs !== before.prefs) prefs.save(state.prefs);
  if (state.chat.open && state.chat.unread > 0) store.patch('chat', { unread: 0 });
});
listenToKeys(ctx, () => page.focusChat());
watchBackground(() => ctx);
watchPresence(store, api, () => !document.hidden);
openPreview();
