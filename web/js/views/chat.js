// @ts-check
/** The conversation: a log that readers hear, a field, and what is not delivered yet. Text stays text. */
/** @import { Ctx } from '../types/view' */
/** @import { Message, State } from '../types/state' */
import { h, icon, mark } from '../lib/dom.js';
import { interestName, partnerName, whereFrom } from './phrases.js';
import { split } from './links.js';

/** @param {Ctx} ctx @param {State} first */
export function chatView(ctx, first) {
  const { i18n, store, visit } = ctx;
  const text = first.match?.mode === 'text';
  const name = partnerName(i18n, first.match);
  const typing = h('p', { class: 'typing', hidden: true }, h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')), h('span', {}, i18n.t('chat.typing', { name })));
  const log = h('div', { class: 'log', role: 'log', 'data-testid': 'chat-log', tabIndex: 0, 'aria-label': i18n.t('call.chat') });
  const input = h('input', {
    id: 'say', type: 'text', autocomplete: 'off', maxLength: 2000, 'enterkeyhint': 'send', 'data-testid': 'chat-input',
    placeholder: i18n.t('chat.placeholder', { name }),
    oninput: () => visit.room?.chat.typing(input.value.trim() !== ''),
  });
  const send = h('button', { type: 'submit', class: 'ib ib-send', 'data-testid': 'chat-send', 'aria-label': i18n.t('chat.send') }, icon('send'));
  const composer = h('form', {
    class: 'composer',
    onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      visit.room?.chat.say(input.value);
      input.value = '';
      input.focus();
    },
  }, h('label', { class: 'vh', htmlFor: 'say' }, i18n.t('chat.field')), input, send);
  const head = text
    ? [h('h2', {}, name), h('span', { class: 'hint' }, first.match ? whereFrom(i18n, first.match) : ''), h('span', { class: 'hint chat-gone' }, i18n.t('chat.gone'))]
    : [h('h2', {}, i18n.t('call.chat')), h('span', { class: 'hint chat-gone' }, i18n.t('chat.gone')),
      h('button', { type: 'button', class: 'ib ib-quiet chat-close', 'aria-label': i18n.t('chat.close'), onclick: () => store.patch('chat', { open: false }) }, icon('x'))];
  // The end stays in sight when the keyboard of a phone takes room.
  let atEnd = true;
  log.addEventListener('scroll', () => { atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60; });
  const sized = new ResizeObserver(() => { if (atEnd) log.scrollTop = log.scrollHeight; });
  sized.observe(log);
  const root = h('section', { class: 'chat', 'aria-label': i18n.t('call.chat') }, h('header', { class: 'chat-top' }, ...head), log, typing, composer);
  /** @type {Map<string, HTMLElement>} */ const drawn = new Map();

  /** Texts of our own are keys. @param {Message} message */
  function system({ text: key }) {
    const match = store.value.match;
    const names = (match?.shared ?? []).map((slug) => interestName(store.value.prefs.interests, slug).toLocaleLowerCase(i18n.language));
    return i18n.t(key, { name, list: i18n.list.format(names) });
  }

  /** @param {Message} message */
  function line(message) {
    const { from } = message;
    if (from === 'system') return h('p', { class: 'msg msg-sys', 'data-testid': 'chat-message', 'data-from': from }, system(message));
    const who = h('span', { class: 'vh' }, `${from === 'me' ? i18n.t('call.you') : name}: `);
    const parts = split(message.text).map((part) => (part.link ? link(part.text) : h('span', {}, part.text)));
    return h('div', { class: `msg msg-${from}`, 'data-testid': 'chat-message', 'data-from': from, dir: 'auto' }, who, ...parts);
  }

  /** A link is text that can be copied: where it leads is the reader's decision. @param {string} address */
  function link(address) {
    const copy = h('button', {
      type: 'button', class: 'ib ib-link', 'aria-label': i18n.t('chat.copy'), title: i18n.t('chat.copy'),
      onclick: () => navigator.clipboard?.writeText(address).then(() => mark(copy, 'data-done', true), () => {}),
    }, icon('copy', 'i-sm'));
    return h('span', { class: 'link' }, h('span', { class: 'link-t', dir: 'ltr' }, address), copy);
  }

  return {
    root, input,
    /** @param {State} state @param {State | null} before */
    update({ chat, match }, before) {
      if (match?.roomId !== first.match?.roomId) return;
      const grown = chat.messages.length !== drawn.size;
      for (const [n, message] of chat.messages.entries()) {
        let element = drawn.get(message.id);
        if (!element) {
          element = line(message);
          drawn.set(message.id, element);
          log.append(element);
        }
        const tight = chat.messages[n + 1]?.from === message.from && message.from !== 'system';
        element.classList.toggle('msg-tight', tight);
        element.classList.toggle('msg-wait', message.waiting);
      }
      typing.hidden = !chat.typing;
      if (grown && (atEnd || chat.messages.at(-1)?.from === 'me')) log.scrollTop = log.scrollHeight;
      if (chat.open && !before?.chat.open) requestAnimationFrame(() => { log.scrollTop = log.scrollHeight; });
    },
    dispose() { sized.disconnect(); },
  };
}
