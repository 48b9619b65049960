// @ts-check
/** The conversation of one match: what was said, what is on its way, who is typing. Goes through the server. */
/** @import { ClientFrame, ServerFrame } from '../types/protocol' */
/** @import { Message, State } from '../types/state' */
/** @import { Store } from '../lib/store.js' */
import { RequestError } from '../signalling/signalling.js';

const typingEvery = 3000; // milliseconds between two `typing` frames of somebody who goes on typing
const typingLasts = 6000; // milliseconds after which a typing partner is taken to have stopped
const mostTries = 4;

/**
 * @typedef {object} ChatOptions
 * @property {Store<State>} store
 * @property {string} roomId
 * @property {(frame: ClientFrame) => boolean} send
 * @property {(frame: ClientFrame) => Promise<ServerFrame>} request
 */

export class Chat {
  #typedAt = 0;
  #typingSent = false;
  #counter = 0;
  #closed = false;
  /** @type {any} */ #quiet;
  /** @type {any} */ #partnerQuiet;
  /** @type {Set<string>} being sent at this moment */ #flying = new Set();
  /** @type {Set<string>} with the server, but the partner is away */ #held = new Set();
  /** @type {Set<string>} of the partner, seen already */ #seen = new Set();

  /** @param {ChatOptions} options */
  constructor(options) { this.options = options; }

  get #chat() { return this.options.store.value.chat; }

  /** @param {string} text */
  say(text) {
    const trimmed = text.trim();
    if (trimmed === '') return;
    const id = `${this.options.roomId}-${++this.#counter}`.slice(-60);
    this.#append({ id, from: 'me', text: trimmed, waiting: true });
    this.typing(false);
    this.#deliver(id, trimmed, 0);
  }

  /** A line of our own, said by nobody. @param {string} key of the string files; the view fills it in */
  note(key) { this.#append({ id: `note-${++this.#counter}`, from: 'system', text: key, waiting: false }); }

  /** @param {{ text: string, client_msg_id?: string }} frame */
  receive(frame) {
    const id = frame.client_msg_id ?? `peer-${++this.#counter}`;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    this.partnerTyping(false);
    this.#append({ id: `p-${id}`, from: 'peer', text: frame.text, waiting: false });
    if (!this.#chat.open) this.options.store.patch('chat', { unread: this.#chat.unread + 1 });
  }

  /** The line is back: what never arrived goes out again, under the same id. */
  resend() {
    for (const message of this.#chat.messages) {
      if (message.from === 'me' && message.waiting && !this.#flying.has(message.id) && !this.#held.has(message.id)) {
        this.#deliver(message.id, message.text, 0);
      }
    }
  }

  /** The partner is back and has what the server kept. */
  partnerBack() {
    for (const id of this.#held) this.#arrived(id);
    this.#held.clear();
  }

  /** Somebody types here, or has stopped. @param {boolean} active */
  typing(active) {
    clearTimeout(this.#quiet);
    const now = Date.now();
    if (active) this.#quiet = setTimeout(() => this.typing(false), typingLasts - 1000);
    if (active ? now - this.#typedAt < typingEvery && this.#typingSent : !this.#typingSent) return;
    this.#typedAt = now;
    this.#typingSent = active;
    this.options.send({ action: 'typing', room_id: this.options.roomId, active });
  }

  /** @param {boolean} active */
  partnerTyping(active) {
    clearTimeout(this.#partnerQuiet);
    if (active) this.#partnerQuiet = setTimeout(() => this.partnerTyping(false), typingLasts);
    if (this.#chat.typing !== active) this.options.store.patch('chat', { typing: active });
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#quiet);
    clearTimeout(this.#partnerQuiet);
  }

  /** @param {Message} message */
  #append(message) { this.options.store.patch('chat', { messages: [...this.#chat.messages, message] }); }

  /** @param {string} id */
  #arrived(id) {
    const messages = this.#chat.messages.map((m) => (m.id === id ? { ...m, waiting: false } : m));
    this.options.store.patch('chat', { messages });
  }

  /** @param {string} id @param {string} text @param {number} tries */
  async #deliver(id, text, tries) {
    this.#flying.add(id);
    try {
      await this.options.request({ action: 'chat_message', room_id: this.options.roomId, text, client_msg_id: id });
      if (this.#closed) return;
      if (this.options.store.value.hold?.who === 'partner') this.#held.add(id);
      else this.#arrived(id);
    } catch (error) {
      // A lost line is mended by resend(); a full server is asked again a few times.
      const again = error instanceof RequestError && (error.code === 'rate_limited' || error.code === 'timeout' || error.code === 'overloaded');
      if (again && tries < mostTries && !this.#closed) {
        setTimeout(() => { if (!this.#closed) this.#deliver(id, text, tries + 1); }, error.retryAfterMs ?? 1000);
      }
    } finally {
      this.#flying.delete(id);
    }
  }
}
