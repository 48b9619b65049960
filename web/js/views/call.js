// @ts-check
/** The call: the stage with the partner, oneself in the corner, the controls below, the chat beside. */
/** @import { Ctx, View } from '../types/view' */
import { h, icon, mark, write } from '../lib/dom.js';
import { chatView } from './chat.js';
import { initial } from './circles.js';
import { movable } from './movable.js';
import { holdView } from './hold.js';
import { moreMenu } from './menu.js';
import { partnerName, whereFrom } from './phrases.js';
import { qualityView } from './quality.js';
import { sharedList } from './shared.js';
import { toggles } from './toggles.js';
import { deviceNote } from './trouble.js';

/** @param {Ctx} ctx @param {(text: string) => void} announce @returns {View & { focusChat: () => void }} */
export function callView(ctx, announce) {
  const { i18n, store, visit, videos, media } = ctx;
  const first = store.value;
  const { match } = first;
  const text = match?.mode === 'text';
  const name = partnerName(i18n, match);
  const title = i18n.t(text ? 'status.text' : 'status.connected', { name });

  const remote = h('div', { class: 'feed remote' });
  const nobody = h('div', { class: 'feed feed-off feed-them' }, h('span', { class: 'initial' }, initial(name)));
  const local = h('div', { class: 'feed mirror' });
  const localOff = h('div', { class: 'feed feed-off' }, icon('cam-off'));
  const self = h('div', { class: 'self' }, local, localOff, h('span', { class: 'plate self-name' }, i18n.t('call.you')));
  movable(self);
  const note = deviceNote(ctx, first.media);
  const flags = h('span', { class: 'meta flags' });
  const third = h('div', { class: 'third' }, note.root,
    h('div', { class: 'plate plate-name' }, h('span', { class: 'name' }, name), h('span', { class: 'meta' }, match ? whereFrom(i18n, match) : ''), flags),
    sharedList(ctx, first));
  const hold = holdView(ctx, announce);
  const stage = h('section', { class: 'stage on-video', 'aria-label': i18n.t('call.stage', { name }) }, remote, nobody, third, self, hold.root);

  const chat = chatView(ctx, first);
  const quality = qualityView(ctx);
  const buttons = toggles(ctx, 'ib ib-ctl');
  const screen = control('screen', 'wide-only', () => media.toggleScreen());
  const flip = control('flip', 'phone-only chat-hides', () => media.flip());
  mark(flip, 'aria-label', i18n.t('call.flip'));
  const badge = h('span', { class: 'badge', hidden: true });
  const chatButton = control('chat', 'ctl-chat', () => store.patch('chat', { open: !store.value.chat.open }));
  chatButton.append(h('span', { class: 'vh' }, i18n.t('call.chat')), badge);
  const more = moreMenu(ctx, first, { stage, blurred: (on) => remote.classList.toggle('blurred', on) });
  more.root.classList.add('chat-hides');
  const controls = h('div', { class: 'controls', role: 'group', 'aria-label': i18n.t('call.controls') },
    h('div', { class: 'ctl-start' }, quality.root),
    h('div', { class: 'ctl-mid' }, ...(text ? [] : [buttons.mic, buttons.camera, screen, flip, chatButton, more.root])),
    h('div', { class: 'ctl-end' },
      h('button', { type: 'button', class: 'b b-danger', 'data-testid': 'stop', onclick: () => visit.stop() }, icon('leave'), h('span', {}, i18n.t('call.leave'))),
      h('button', { type: 'button', class: 'b b-primary', 'data-testid': 'next', onclick: () => visit.next() }, h('span', {}, i18n.t('call.next')), icon('next', 'flip'))));
  // The text of a text chat is the stage; the video elements wait in the park.
  const root = h('main', { class: 'call' }, h('h1', { class: 'vh', tabIndex: -1 }, title), ...(text ? [] : [stage]), chat.root, controls);

  /** @param {string} sign @param {string} more @param {() => void} press */
  function control(sign, more, press) {
    return h('button', { type: 'button', class: `ib ib-ctl ${more}`, onclick: press }, icon(sign));
  }

  const sees = () => !text && videos.remote.readyState >= 2 && videos.remote.videoWidth > 0;
  const redraw = () => { nobody.hidden = sees() && Boolean(store.value.match?.partner.video || store.value.match?.partner.screen); };
  for (const event of ['loadeddata', 'resize', 'emptied']) videos.remote.addEventListener(event, redraw);

  return {
    root,
    focusChat() {
      store.patch('chat', { open: true });
      setTimeout(() => chat.input.focus(), 0);
    },
    update(state, before) {
      if (state.match?.roomId !== match?.roomId) return;
      videos.place('local', text ? null : local);
      videos.place('remote', text ? null : remote);
      chat.update(state, before);
      quality.update(state);
      note.update(state.media);
      buttons.update(state);
      hold.draw();
      redraw();
      const { screen: sharing, camera, cameraOff, devices } = state.media;
      localOff.hidden = sharing || (camera && !cameraOff);
      local.classList.toggle('mirror', !sharing);
      remote.classList.toggle('whole', state.match?.partner.screen === true);
      mark(screen, 'aria-pressed', String(sharing));
      mark(screen, 'aria-label', i18n.t(sharing ? 'call.screen_stop' : 'call.screen'));
      screen.hidden = !('getDisplayMedia' in (navigator.mediaDevices ?? {}));
      flip.hidden = devices.cameras.length < 2;
      mark(chatButton, 'aria-expanded', String(state.chat.open));
      badge.hidden = state.chat.unread === 0 || state.chat.open;
      if (state.chat.unread !== before?.chat.unread) badge.replaceChildren(String(state.chat.unread), h('span', { class: 'vh' }, ` ${i18n.t('call.unread')}`));
      const { audio, video, screen: theirs } = state.match?.partner ?? {};
      write(flags, [video === false && !theirs && i18n.t('call.partner_dark'), audio === false && i18n.t('call.partner_muted')].filter(Boolean).join(' · '));
      flags.hidden = flags.textContent === '';
    },
    tick() { hold.draw(); redraw(); },
    dispose() {
      more.dispose();
      chat.dispose();
      for (const event of ['loadeddata', 'resize', 'emptied']) videos.remote.removeEventListener(event, redraw);
    },
  };
}
