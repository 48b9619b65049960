// @ts-check
/** The signalling socket: says hello, reconnects with back-off, notices a dead line, and pairs answers with requests. */
/** @import { ClientFrame, ServerFrame } from '../types/protocol' */
import { Backoff } from './backoff.js';
import { leastDelay, reason, verdict } from './close_codes.js';

/**
 * `open` only after `welcome`; `lost` while trying again; `stopped` until somebody calls open() again.
 * @typedef {{ state: 'off' | 'connecting' | 'open' | 'lost' | 'stopped', reason?: string, code?: number }} Link
 *
 * @typedef {object} Env the world outside, replaced in tests
 * @property {new (url: string, protocol: string) => WebSocket} WebSocket
 * @property {(f: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} random
 * @property {() => number} now
 *
 * @typedef {object} Options
 * @property {string} url
 * @property {() => Promise<void>} signIn    gets a new session when the server refuses the one we have
 * @property {(frame: ServerFrame) => void} onFrame
 * @property {(link: Link) => void} onLink
 * @property {Partial<Env>} [env]
 */

const helloLimit = 8000; // milliseconds from the first attempt to `welcome`
const silenceLimit = 10000; // milliseconds a ping may stay without any frame

/** A request that the server refused, or that never got an answer (`code` is then `lost` or `timeout`). */
export class RequestError extends Error {
  /** @param {string} code @param {Partial<ServerFrame & { type: 'error' }>} [frame] */
  constructor(code, frame) {
    super(code);
    this.code = code;
    this.retryAfterMs = frame?.retry_after_ms;
  }
}

export class Signalling {
  /** @type {Env} */ #env;
  /** @type {WebSocket | undefined} */ #socket;
  /** @type {Link} */ #link = { state: 'off' };
  /** @type {any} */ #retryTimer;
  /** @type {any} */ #helloTimer;
  /** @type {any} */ #beatTimer;
  /** @type {any} */ #goTimer;
  #backoff;
  #wanted = false;
  #maySignIn = true;
  #nextId = 1;
  #heard = 0;
  #resumeToken = '';
  #heartbeat = 25000;
  /** @type {{ action: string, at: number } | undefined} */ #goAway;
  /** @type {Map<string, { resolve: (f: ServerFrame) => void, reject: (e: Error) => void, timer: any }>} */ #waiting = new Map();

  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.#env = {
      WebSocket: globalThis.WebSocket,
      setTimeout: (f, ms) => setTimeout(f, ms),
      clearTimeout: (timer) => clearTimeout(timer),
      random: Math.random,
      now: () => Date.now(),
      ...options.env,
    };
    this.#backoff = new Backoff({ random: this.#env.random });
  }

  get link() { return this.#link; }

  /** Connects, if not connected, and stays connected until close() or a close code that says stop. */
  open() {
    this.#wanted = true;
    if (this.#link.state !== 'off' && this.#link.state !== 'stopped') return;
    this.#maySignIn = true;
    this.#connect();
  }

  close() {
    this.#wanted = false;
    this.#forget(1000);
    this.#say({ state: 'off' });
  }

  /** The network came back: do not wait for the next attempt. */
  wake() {
    if (this.#link.state !== 'lost') return;
    this.#env.clearTimeout(this.#retryTimer);
    this.#connect();
  }

  /** Sends a frame if the line is open; otherwise says false and forgets it. @param {ClientFrame} frame */
  send(frame) {
    if (this.#link.state !== 'open' || !this.#socket) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Sends a frame and waits for the answer that carries its id. @param {ClientFrame} frame @param {number} [limit] @returns {Promise<ServerFrame>} */
  request(frame, limit = 8000) {
    const id = `c${this.#nextId++}`;
    return new Promise((resolve, reject) => {
      if (!this.send({ ...frame, id })) { reject(new RequestError('lost')); return; }
      const timer = this.#env.setTimeout(() => {
        this.#waiting.delete(id);
        reject(new RequestError('timeout'));
      }, limit);
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  /** @param {Link} link */
  #say(link) {
    if (link.state === this.#link.state && link.code === this.#link.code) return;
    this.#link = link;
    this.options.onLink(link);
  }

  #connect() {
    this.#say({ state: this.#link.state === 'lost' ? 'lost' : 'connecting' });
    this.#goAway = undefined;
    const socket = this.#socket = new this.#env.WebSocket(this.options.url, 'seendr.v1');
    // The token of the last line tells the server that a line it still takes for alive was this page's too.
    socket.onopen = () => socket.send(JSON.stringify({
      action: 'hello', client: { name: 'web', version: '1' }, ...(this.#resumeToken ? { resume_token: this.#resumeToken } : {}),
    }));
    socket.onmessage = (event) => { if (socket === this.#socket) this.#receive(String(event.data)); };
    socket.onclose = (event) => { if (socket === this.#socket) this.#closed(event.code); };
    this.#helloTimer = this.#env.setTimeout(() => this.#drop(), helloLimit);
  }

  /** @param {string} text */
  #receive(text) {
    this.#heard = this.#env.now();
    /** @type {ServerFrame} */ let frame;
    try { frame = JSON.parse(text); } catch { return; }
    this.options.onFrame(frame); // what `welcome` tells is known before the line counts as open
    if (frame.type === 'welcome' || frame.type === 'resumed') this.#welcomed(frame);
    if (frame.type === 'go_away') this.#toldToGo(frame);
    const request = frame.id === undefined ? undefined : this.#waiting.get(frame.id);
    if (request && frame.id !== undefined) {
      this.#waiting.delete(frame.id);
      this.#env.clearTimeout(request.timer);
      if (frame.type === 'error') request.reject(new RequestError(frame.code, frame));
      else request.resolve(frame);
    }
  }

  /** @param {ServerFrame} frame */
  #welcomed(frame) {
    this.#env.clearTimeout(this.#helloTimer);
    this.#backoff.reset();
    this.#maySignIn = true;
    if (frame.type === 'welcome') {
      if (frame.heartbeat_ms) this.#heartbeat = Math.max(5000, frame.heartbeat_ms);
      this.#resumeToken = frame.resume_token ?? '';
    }
    this.#beat();
    this.#say({ state: 'open' });
  }

  /** Pages do not see the protocol's own pings, so we send ours; silence after one means that the line is dead. */
  #beat() {
    this.#env.clearTimeout(this.#beatTimer);
    this.#beatTimer = this.#env.setTimeout(() => {
      const asked = this.#env.now();
      this.send({ action: 'ping' });
      this.#beatTimer = this.#env.setTimeout(() => {
        if (this.#heard < asked) this.#drop();
        else this.#beat();
      }, silenceLimit);
    }, this.#heartbeat);
  }

  /** The server stops. At the moment that it gave to this page alone we go, to whoever answers then. @param {ServerFrame & { type: 'go_away' }} frame */
  #toldToGo(frame) {
    const wait = Math.max(0, frame.after_ms ?? 0);
    this.#goAway = { action: frame.action, at: this.#heard + wait };
    this.#env.clearTimeout(this.#goTimer);
    if (frame.action !== 'disconnect') this.#goTimer = this.#env.setTimeout(() => this.#move(), wait);
  }

  /** To another server: at once, and with the usual back-off if none answers. */
  #move() {
    this.#forget(4000);
    this.#say({ state: 'lost' });
    this.#connect();
  }

  /** Gives the line up without waiting for the network to say so. */
  #drop() {
    this.#forget(4000);
    this.#closed(1006);
  }

  /** @param {number} code */
  #forget(code) {
    const socket = this.#socket;
    this.#socket = undefined;
    for (const timer of [this.#retryTimer, this.#helloTimer, this.#beatTimer, this.#goTimer]) this.#env.clearTimeout(timer);
    if (socket) try { socket.close(code); } catch { /* still connecting: nothing to close */ }
    this.#failAll();
  }

  #failAll() {
    for (const { reject, timer } of this.#waiting.values()) {
      this.#env.clearTimeout(timer);
      reject(new RequestError('lost'));
    }
    this.#waiting.clear();
  }

  /** @param {number} code */
  #closed(code) {
    this.#socket = undefined;
    for (const timer of [this.#helloTimer, this.#beatTimer, this.#goTimer]) this.#env.clearTimeout(timer);
    this.#failAll();
    if (!this.#wanted) return;
    const goAway = this.#goAway;
    this.#goAway = undefined;
    if (goAway?.action === 'disconnect') { this.#stop('go_away', code); return; }
    switch (verdict(code)) {
      case 'stop': this.#stop(reason(code), code); return;
      case 'sign-in': this.#signInAgain(code); return;
      case 'retry': this.#retry(Math.max(leastDelay(code), goAway ? goAway.at - this.#env.now() : 0)); return;
    }
  }

  /** @param {string} why @param {number} code */
  #stop(why, code) {
    this.#wanted = false;
    this.#say({ state: 'stopped', reason: why, code });
  }

  /** @param {number} code */
  async #signInAgain(code) {
    if (!this.#maySignIn) { this.#stop(reason(4501), code); return; }
    this.#maySignIn = false;
    this.#say({ state: 'lost', code });
    try {
      await this.options.signIn();
      if (this.#wanted && this.#link.state === 'lost') this.#connect();
    } catch {
      this.#stop(reason(4501), code);
    }
  }

  /** @param {number} least */
  #retry(least) {
    this.#say({ state: 'lost' });
    this.#retryTimer = this.#env.setTimeout(() => this.#connect(), Math.max(least, this.#backoff.next()));
  }
}
