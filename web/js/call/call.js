// @ts-check
/**
 * The media of one match: a peer connection and what to do when it does not come about or breaks. A connection that is
 * not up ten seconds after the match is made anew, once; after that the call is given up.
 */
/** @import { Signal } from '../types/protocol' */
/** @import { Kind, PeerOptions } from './peer.js' */
import { Peer } from './peer.js';

/** @typedef {'connecting' | 'connected' | 'interrupted' | 'failed'} CallState */

/**
 * @typedef {Pick<PeerOptions, 'polite' | 'config' | 'track' | 'send' | 'onTrack' | 'Connection'> & {
 *   onState: (state: CallState) => void,
 *   onFresh: () => void,
 *   setTimeout?: (f: () => void, ms: number) => any,
 *   clearTimeout?: (timer: any) => void,
 * }} CallOptions `onFresh`: the connection was made anew, tracks that came before are dead
 */

export const connectLimit = 10000; // milliseconds to `connected`, then the connection is made anew once
export const restoreLimit = 20000; // milliseconds a broken connection may need to come back
const renewDelay = 2000; // milliseconds of `disconnected` before an ICE restart
const mostStrangers = 3; // times the other side may come with a new identity

export class Call {
  /** @type {Peer} */ #peer;
  /** @type {CallState} */ #state = 'connecting';
  #rebuilt = false;
  #closed = false;
  #strangers = 0;
  /** @type {any} */ #watchdog;
  /** @type {any} */ #renewTimer;
  #queue = Promise.resolve();
  #setTimeout; #clearTimeout;

  /** @param {CallOptions} options */
  constructor(options) {
    this.options = { ...options };
    this.#setTimeout = options.setTimeout ?? ((f, ms) => setTimeout(f, ms));
    this.#clearTimeout = options.clearTimeout ?? ((timer) => clearTimeout(timer));
    this.#peer = this.#makePeer();
    this.#watch(connectLimit);
  }

  get state() { return this.#state; }

  /** The connection of the moment; it may be another one later. */
  get pc() { return this.#peer.pc; }

  /** Takes a signal of the other side; signals are handled strictly in order. @param {Signal} signal */
  receive(signal) {
    this.#queue = this.#queue.then(() => this.#handle(signal)).catch((error) => {
      if (!this.#closed) console.warn('signal', error);
    });
    return this.#queue;
  }

  /** @param {RTCIceServer[]} [iceServers] */
  renew(iceServers) {
    if (iceServers) this.options.config = { ...this.options.config, iceServers };
    this.#peer.renew(iceServers);
  }

  /** @param {Kind} kind @param {MediaStreamTrack | null} track */
  replace(kind, track) { return this.#peer.replace(kind, track); }

  /** @param {Kind} kind */
  sender(kind) { return this.#peer.sender(kind); }

  close() {
    this.#closed = true;
    this.#clearTimeout(this.#watchdog);
    this.#clearTimeout(this.#renewTimer);
    this.#peer.close();
  }

  #makePeer() {
    const { polite, config, track, send, onTrack, Connection } = this.options;
    /** @type {Peer} */ const peer = new Peer({
      polite, config, track, send, onTrack, Connection,
      onState: (state) => { if (peer === this.#peer) this.#changed(state); },
    });
    return peer;
  }

  #rebuild() {
    this.#clearTimeout(this.#renewTimer);
    this.#peer.close();
    this.options.onFresh();
    this.#peer = this.#makePeer();
  }

  /** @param {Signal} signal */
  async #handle(signal) {
    if (this.#closed || await this.#peer.handle(signal) || this.#strangers === mostStrangers) return;
    // The other side made its connection anew, and so do we; its offer can be answered at once.
    this.#strangers += 1;
    this.#rebuild();
    if (this.#state === 'connected') this.#say('interrupted');
    this.#watch(connectLimit);
    if (this.options.polite) await this.#peer.handle(signal);
  }

  /** @param {CallState} state */
  #say(state) {
    if (this.#closed || state === this.#state) return;
    this.#state = state;
    this.options.onState(state);
  }

  /** @param {number} limit milliseconds */
  #watch(limit) {
    this.#clearTimeout(this.#watchdog);
    this.#watchdog = this.#setTimeout(() => this.#tooLate(), limit);
  }

  #tooLate() {
    if (this.#rebuilt) { this.#say('failed'); return; }
    this.#rebuilt = true;
    // The impolite side offers from its new connection, and the polite one follows when it sees the new identity.
    if (this.options.polite) this.#peer.renew();
    else this.#rebuild();
    this.#watch(connectLimit);
  }

  /** @param {RTCPeerConnectionState} state */
  #changed(state) {
    if (this.#closed) return;
    this.#clearTimeout(this.#renewTimer);
    if (state === 'connected') {
      this.#clearTimeout(this.#watchdog);
      this.#rebuilt = false;
      this.#say('connected');
    } else if (state === 'failed' || state === 'disconnected') {
      if (this.#state === 'connected') this.#watch(restoreLimit);
      if (this.#state !== 'connecting') this.#say('interrupted');
      this.#renewTimer = this.#setTimeout(() => this.#peer.renew(), state === 'failed' ? 0 : renewDelay);
    }
  }
}
