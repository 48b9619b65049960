/** Stand-ins for the browser: a clock, a socket, and a peer connection, all moved by hand. */

/** Timers that fire when the test says so. */
export class FakeClock {
  now = 0;
  #next = 1;
  #timers = new Map();

  setTimeout = (f, ms) => {
    this.#timers.set(this.#next, { at: this.now + ms, f });
    return this.#next++;
  };
  clearTimeout = (id) => { this.#timers.delete(id); };

  /** @param {number} ms */
  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.now = due[1].at;
      due[1].f();
      await settle();
    }
    this.now = end;
    await settle();
  }
}

/** Puts a hand-moved clock in place of the world's. @param {number} now */
export function mockTime(now) {
  const clock = new FakeClock();
  clock.now = now;
  const kept = [globalThis.setTimeout, globalThis.clearTimeout, Date.now];
  Object.assign(globalThis, { setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout });
  Date.now = () => clock.now;
  return Object.assign(clock, { end() { [globalThis.setTimeout, globalThis.clearTimeout, Date.now] = kept; } });
}

/** Lets every promise that can go on go on. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

export class FakeSocket {
  static all = [];
  static get last() { return FakeSocket.all.at(-1); }
  sent = [];
  closedWith = undefined;

  constructor(url, protocol) {
    this.url = url;
    this.protocol = protocol;
    FakeSocket.all.push(this);
  }
  send(text) { this.sent.push(JSON.parse(text)); }
  close(code) { this.closedWith = code; }

  // The other end:
  accept() { this.onopen?.(); }
  say(frame) { this.onmessage?.({ data: JSON.stringify(frame) }); }
  welcome(more = {}) { this.accept(); this.say({ type: 'welcome', heartbeat_ms: 25000, ...more }); }
  drop(code = 1006) { this.onclose?.({ code }); }
  of(action) { return this.sent.filter((f) => f.action === action); }
}

let identities = 0;

/** As much of a peer connection as the call looks at. */
export class FakeConnection {
  static all = [];
  signalingState = 'stable';
  connectionState = 'new';
  localDescription = null;
  remoteDescription = null;
  restarts = 0;
  candidates = [];
  closed = false;
  #transceivers = [];
  #asking = false;

  constructor(config) {
    this.config = config;
    this.identity = `id${++identities}`;
    FakeConnection.all.push(this);
  }
  getConfiguration() { return this.config; }
  setConfiguration(config) { this.config = config; }
  getTransceivers() { return this.#transceivers; }
  addTransceiver(kind, { direction }) {
    const sender = { track: null, replaceTrack: async (track) => { sender.track = track; } };
    const transceiver = { sender, receiver: { track: { kind } }, direction };
    this.#transceivers.push(transceiver);
    this.#needed();
    return transceiver;
  }
  async setLocalDescription() {
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable';
    this.localDescription = { type, sdp: `v=0\r\na=fingerprint:sha-256 ${this.identity}\r\n` };
  }
  async setRemoteDescription(description) {
    this.remoteDescription = description;
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable';
    if (description.type === 'offer' && this.#transceivers.length === 0) {
      for (const kind of ['audio', 'video']) {
        const sender = { track: null, replaceTrack: async (track) => { sender.track = track; } };
        this.#transceivers.push({ sender, receiver: { track: { kind } }, direction: 'recvonly' });
      }
    }
  }
  async addIceCandidate(candidate) { this.candidates.push(candidate); }
  restartIce() { this.restarts += 1; this.#needed(); }

  /** Said once for everything that happens in one turn. */
  #needed() {
    if (this.#asking) return;
    this.#asking = true;
    queueMicrotask(() => { this.#asking = false; this.onnegotiationneeded?.(); });
  }
  close() { this.closed = true; this.connectionState = 'closed'; }
  become(state) { this.connectionState = state; this.onconnectionstatechange?.(); }
  async getStats() { return new Map(); }
}

/** A call of which the test says when it connects. */
export class FakeCall {
  static all = [];
  state = 'connecting';
  closed = false;
  received = [];
  renewed = [];
  constructor(options) { this.options = options; FakeCall.all.push(this); }
  become(state) { this.state = state; this.options.onState(state); }
  receive(signal) { this.received.push(signal); }
  renew(servers) { this.renewed.push(servers); }
  replace(kind, track) { this.replaced = [kind, track]; }
  close() { this.closed = true; }
}
