// @ts-check
/** The menu behind "More": a real menu, with arrows, Home, End and Escape. */
/** @import { Ctx } from '../types/view' */
/** @import { State } from '../types/state' */
import { h, icon, mark } from '../lib/dom.js';
import { attachPopover } from '../lib/popover.js';
import { partnerName } from './phrases.js';

/** @param {Ctx} ctx @param {State} first @param {{ stage: HTMLElement, blurred: (on: boolean) => void }} stage */
export function moreMenu(ctx, first, { stage, blurred }) {
  const { i18n, videos } = ctx;
  const name = partnerName(i18n, first.match);
  let blur = false;
  const tick = icon('check', 'i-sm tick');
  const blurItem = item('blur', i18n.t('more.blur', { name }), () => {
    blur = !blur;
    blurred(blur);
    mark(blurItem, 'aria-checked', String(blur));
    if (blur) blurItem.append(tick); else tick.remove();
  }, 'menuitemcheckbox');
  mark(blurItem, 'aria-checked', 'false');

  const items = [blurItem];
  if (document.pictureInPictureEnabled) items.push(item('pip', i18n.t('more.pip'), togglePicture, 'menuitem', 'wide-only'));
  if (document.fullscreenEnabled) items.push(item('full', i18n.t('more.full'), () => toggleFull(stage)));
  const devices = item('tune', i18n.t('more.devices'), () => ctx.openDevices());
  const keys = item('keys', i18n.t('app.keys'), () => ctx.openKeys(), 'menuitem', 'wide-only');
  keys.append(h('kbd', {}, '?'));
  const menu = h('div', { class: 'pop menu', role: 'menu', 'aria-label': i18n.t('call.more') }, ...items, h('hr', { role: 'separator' }), devices, keys);
  const button = h('button', { type: 'button', class: 'ib ib-ctl', 'aria-haspopup': 'menu', 'aria-label': i18n.t('call.more'), title: i18n.t('call.more') }, icon('more'));
  menu.dataset['align'] = 'end';
  attachPopover(button, menu, (open) => {
    document.body.toggleAttribute('data-menu', open);
    if (open) entries()[0]?.focus();
  });
  const entries = () => /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('.item')].filter((e) => /** @type {HTMLElement} */ (e).offsetParent !== null));

  /** @param {string} sign @param {string} text @param {() => void} press @param {string} [role] @param {string} [more] */
  function item(sign, text, press, role = 'menuitem', more = '') {
    return h('button', { type: 'button', class: `item ${more}`, role, tabIndex: -1, onclick: () => { menu.hidePopover(); button.focus(); press(); } }, icon(sign), h('span', {}, text));
  }

  function togglePicture() {
    if (document.pictureInPictureElement) document.exitPictureInPicture().catch(() => {});
    else videos.remote.requestPictureInPicture().catch(() => {});
  }

  menu.addEventListener('keydown', (event) => {
    const all = entries();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === 'Tab') menu.hidePopover();
    if (event.key === 'Escape') event.stopPropagation();
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  });

  return { root: h('div', { class: 'more' }, button, menu), dispose() { document.body.removeAttribute('data-menu'); } };
}

/** @param {HTMLElement} stage */
function toggleFull(stage) {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  else stage.requestFullscreen().catch(() => {});
}
