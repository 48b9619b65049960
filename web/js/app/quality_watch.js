// @ts-check
/** Looks at a call every two seconds and says how good the connection is; stops the picture when only sound gets through. */
/** @import { ClientFrame, ServerFrame } from '../types/protocol' */
/** @import { State } from '../types/state' */
/** @import { Store } from '../lib/store.js' */
/** @import { Call } from '../call/call.js' */
/** @import { Sample } from '../call/quality.js' */
import { assess, sample, starved } from '../call/quality.js';

const every = 2000;
const textEvery = 10000;
const starvedSamples = 5; // in a row, before the picture is stopped
const restSamples = 8; // before it is tried again

export class QualityWatch {
  /** @type {any} */ #timer;
  /** @type {Sample | null} */ #last = null;
  /** @type {Call['pc'] | null} */ #lastPc = null;
  #starved = 0;
  #rest = 0;
  #closed = false;

  /** @param {Store<State>} store @param {() => Call | null} call @param {(frame: ClientFrame) => Promise<ServerFrame>} request */
  constructor(store, call, request) {
    this.store = store;
    this.call = call;
    this.request = request;
    this.#again(call() ? every : 0);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** @param {number} ms */
  #again(ms) {
    if (!this.#closed) this.#timer = setTimeout(() => this.#look().catch(() => {}).finally(() => this.#again(this.call() ? every : textEvery)), ms);
  }

  async #look() {
    const call = this.call();
    if (!call) { await this.#ping(); return; }
    if (call.state === 'connecting') return;
    const { pc } = call;
    const now = sample((await pc.getStats()).values(), Date.now());
    const before = pc === this.#lastPc && this.#last ? this.#last : now;
    this.#last = now;
    this.#lastPc = pc;
    if (this.#closed) return;
    const partner = this.store.value.match?.partner;
    const fresh = before === now;
    const verdict = call.state === 'interrupted' ? { level: /** @type {const} */ ('poor'), silent: true }
      : fresh ? { level: /** @type {const} */ ('good'), silent: false }
      : assess(before, now, Boolean(partner?.audio || partner?.video));
    await this.#save(call, starved(now));
    this.store.set({ quality: { ...verdict, route: now.route, saving: this.#rest > 0 } });
  }

  /** Text goes through the server, so its answer time is the quality. */
  async #ping() {
    const asked = Date.now();
    try {
      await this.request({ action: 'ping' });
      const took = Date.now() - asked;
      if (!this.#closed) this.store.set({ quality: { level: took > 1500 ? 'poor' : took > 500 ? 'fair' : 'good', route: 'relay', silent: false, saving: false } });
    } catch {
      if (!this.#closed) this.store.set({ quality: { level: 'poor', route: 'relay', silent: true, saving: false } });
    }
  }

  /** @param {Call} call @param {boolean} bad */
  async #save(call, bad) {
    if (this.#rest > 0) {
      this.#rest -= 1;
      if (this.#rest === 0) await this.#activate(call, true);
      return;
    }
    this.#starved = bad ? this.#starved + 1 : 0;
    if (this.#starved < starvedSamples) return;
    this.#starved = 0;
    this.#rest = restSamples;
    await this.#activate(call, false);
  }

  /** @param {Call} call @param {boolean} active */
  async #activate(call, active) {
    const sender = call.sender('video');
    const parameters = sender?.getParameters();
    if (!sender || !parameters?.encodings?.length) return;
    for (const encoding of parameters.encodings) encoding.active = active;
    await sender.setParameters(parameters).catch(() => {});
  }
}
