// @ts-check
/** One match, from `match_found` to its end: the call, the chat, and the holds while somebody's line is gone. */
/** @import { ClientFrame, MatchFound, Mode, ServerFrame } from '../types/protocol' */
/** @import { Hold, Phase, State } from '../types/state' */
/** @import { Store } from '../lib/store.js' */
/** @import { Call, CallOptions, CallState } from '../call/call.js' */
/** @import { Kind } from '../call/peer.js' */
import { Chat } from './chat.js';
import { QualityWatch } from './quality_watch.js';
import { freshChat, freshMatch } from './state.js';

/**
 * @typedef {object} RoomEnv
 * @property {Store<State>} store
 * @property {(frame: ClientFrame) => boolean} send
 * @property {(frame: ClientFrame) => Promise<ServerFrame>} request
 * @property {(kind: Kind) => MediaStreamTrack | null} track   what this person sends now
 * @property {(options: CallOptions) => Call} makeCall
 * @property {() => MediaStream} makeStream
 * @property {() => void} onFailed   no connection came about, or none came back
 */

const selfGrace = 15000; // milliseconds the server keeps our place; it tells the partner, not us
const firstCredentials = 2700000; // milliseconds after which TURN credentials are renewed, unless the server said how long they live

export class Room {
  /** @type {Call | null} */ #call = null;
  /** @type {MediaStream} */ #remote;
  #quality;
  #selfLost = false;
  /** @type {Hold | null} */ #partnerHold = null;
  #broken = false;
  #closed = false;
  /** @type {any} */ #credentials;

  /** @param {RoomEnv} env @param {MatchFound} frame @param {Mode} mode */
  constructor(env, frame, mode) {
    this.env = env;
    this.id = frame.room_id;
    this.mode = mode;
    this.#remote = env.makeStream();
    const { open } = env.store.value.chat;
    env.store.set({ match: freshMatch(frame, mode), chat: { ...freshChat(), open }, hold: null, quality: null, notice: null });
    this.chat = new Chat({ store: env.store, roomId: this.id, send: env.send, request: env.request });
    if (frame.shared_interests?.length) this.chat.note('chat.intro');
    // The first frame that names the room is what tells the server that we are there.
    this.tellMedia();
    if (mode !== 'text') this.#startCall(frame);
    this.#quality = new QualityWatch(env.store, () => this.#call, env.request);
    this.#show();
    this.#renewLater(firstCredentials);
  }

  get #match() { return this.env.store.value.match; }

  /** @param {MatchFound} frame */
  #startCall(frame) {
    this.#call = this.env.makeCall({
      polite: frame.polite ?? false,
      config: { iceServers: frame.ice_servers ?? [], iceTransportPolicy: frame.ice_policy === 'relay' ? 'relay' : 'all' },
      track: this.env.track,
      send: (signal) => this.env.send({ action: 'signal', room_id: this.id, ...signal }),
      onState: (state) => this.#callChanged(state),
      onTrack: (track) => {
        this.#remote.addTrack(track);
        this.env.store.patch('match', { remote: this.#remote });
      },
      onFresh: () => { this.#remote = this.env.makeStream(); },
    });
  }

  /** A frame of the server that names this room. @param {ServerFrame} frame */
  receive(frame) {
    switch (frame.type) {
      case 'signal': this.#call?.receive(frame); break;
      case 'chat_message': this.chat.receive(frame); break;
      case 'typing': this.chat.partnerTyping(frame.active); break;
      case 'media_state':
        this.env.store.patch('match', { partner: { audio: frame.audio, video: frame.video, screen: frame.screen } });
        break;
      case 'partner_state': this.#partnerState(frame.state, frame.grace_ms ?? 0); break;
    }
  }

  /** Our own track of this kind is another one now. @param {Kind} kind */
  trackChanged(kind) {
    this.#call?.replace(kind, this.env.track(kind));
    this.tellMedia();
  }

  tellMedia() {
    const audio = this.mode !== 'text' && this.env.track('audio') !== null;
    const video = this.mode !== 'text' && this.env.track('video') !== null;
    this.env.send({ action: 'media_state', room_id: this.id, audio, video, screen: this.env.store.value.media.screen });
  }

  linkLost() {
    this.#selfLost = true;
    this.#show();
  }

  /** The server put us back into this room: everything on the way is said again, on fresh ICE servers. @param {MatchFound} frame */
  async linkBack(frame) {
    this.#selfLost = false;
    this.tellMedia();
    this.chat.resend();
    this.#show();
    await this.#renew(frame.ice_servers);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#credentials);
    this.#quality.close();
    this.chat.close();
    this.#call?.close();
    this.env.store.set({ hold: null, quality: null });
    this.env.store.patch('match', { remote: null, flowing: false, until: Date.now() });
  }

  /** @param {'reconnecting' | 'reconnected'} state @param {number} graceMs */
  #partnerState(state, graceMs) {
    const wasAway = this.#partnerHold !== null;
    this.#partnerHold = state === 'reconnecting' ? { who: 'partner', until: Date.now() + graceMs, total: graceMs } : null;
    if (state === 'reconnecting' && !wasAway) this.chat.note('chat.held');
    if (state === 'reconnected' && wasAway) {
      this.chat.partnerBack();
      this.env.store.set({ notice: { key: 'back', name: this.#match?.name ?? '' } });
    }
    this.#show();
  }

  /** @param {CallState} state */
  #callChanged(state) {
    if (this.#closed) return;
    if (state === 'failed') { this.env.onFailed(); return; }
    this.#broken = state === 'interrupted';
    this.env.store.patch('match', { flowing: state === 'connected' });
    this.#show();
  }

  /** The phase and the hold follow from whose line is gone. */
  #show() {
    if (this.#closed) return;
    const match = this.#match;
    const up = this.#call === null || this.#call.state === 'connected' || (match?.since ?? 0) > 0;
    if (up && match?.since === 0) this.env.store.patch('match', { since: Date.now() });
    const hold = this.#hold();
    /** @type {Phase} */ const phase = !up ? 'connecting' : hold ? 'reconnecting' : 'connected';
    this.env.store.set({ phase, hold });
  }

  /** @returns {Hold | null} */
  #hold() {
    const { hold } = this.env.store.value;
    if (this.#selfLost) return hold?.who === 'self' ? hold : { who: 'self', until: Date.now() + selfGrace, total: selfGrace };
    if (this.#partnerHold) return this.#partnerHold;
    return this.#broken ? { who: 'media', until: 0, total: 0 } : null;
  }

  /** @param {RTCIceServer[]} [known] */
  async #renew(known) {
    if (!this.#call) return;
    try {
      const answer = await this.env.request({ action: 'ice_servers', room_id: this.id });
      if (answer.type === 'ice_servers') {
        known = answer.ice_servers;
        if (answer.ttl_s) this.#renewLater(answer.ttl_s * 750);
      }
    } catch { /* what came with the match serves as well */ }
    if (!this.#closed) this.#call.renew(known);
  }

  /** @param {number} ms */
  #renewLater(ms) {
    clearTimeout(this.#credentials);
    if (this.#call) this.#credentials = setTimeout(() => this.#renew(), ms);
  }
}
