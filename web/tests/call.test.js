import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { Call } from '../js/call/call.js';
import { FakeClock, FakeConnection, settle } from './fakes.js';

let clock;
beforeEach(() => { FakeConnection.all = []; clock = new FakeClock(); });

/** One end of a call; `sent` is what it said. */
function end(polite, more = {}) {
  const sent = [], states = [];
  let fresh = 0;
  const call = new Call({
    polite, config: { iceServers: [], iceTransportPolicy: 'all' }, track: (kind) => ({ kind, id: `${kind}-track` }),
    send: (signal) => sent.push(signal), onState: (state) => states.push(state), onTrack: () => {}, onFresh: () => { fresh += 1; },
    Connection: FakeConnection, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout, ...more,
  });
  return { call, sent, states, get fresh() { return fresh; } };
}

/** Carries what either side says to the other until both are silent. */
async function exchange(a, b) {
  for (let n = 0; n < 20; n++) {
    await settle();
    const forB = a.sent.splice(0), forA = b.sent.splice(0);
    if (forA.length + forB.length === 0) return;
    for (const signal of forB) await b.call.receive(signal);
    for (const signal of forA) await a.call.receive(signal);
  }
}

test('only the impolite side makes the first offer, and the polite side attaches nothing before it', async () => {
  const impolite = end(false), polite = end(true);
  await settle();
  assert.deepEqual(impolite.sent.map((s) => s.description.type), ['offer']);
  assert.deepEqual(polite.sent, []);
  assert.equal(polite.call.pc.getTransceivers().length, 0);
});

test('both kinds are sent in both directions on both sides', async () => {
  const a = end(false), b = end(true);
  await exchange(a, b);
  for (const { call } of [a, b]) {
    assert.deepEqual(call.pc.getTransceivers().map((t) => [t.receiver.track.kind, t.direction, t.sender.track?.id]),
      [['audio', 'sendrecv', 'audio-track'], ['video', 'sendrecv', 'video-track']]);
    assert.equal(call.pc.signalingState, 'stable');
  }
});

test('somebody without devices still receives, and can begin to send later', async () => {
  const a = end(false, { track: () => null });
  await settle();
  assert.deepEqual(a.call.pc.getTransceivers().map((t) => [t.direction, t.sender.track]), [['sendrecv', null], ['sendrecv', null]]);
  await a.call.replace('video', { id: 'late' });
  assert.equal(a.call.sender('video').track.id, 'late');
});

test('the relay policy of the match is obeyed', () => {
  const { call } = end(false, { config: { iceServers: [{ urls: 'turn:t' }], iceTransportPolicy: 'relay' } });
  assert.equal(call.pc.config.iceTransportPolicy, 'relay');
});

test('a candidate waits for the description before it', async () => {
  const a = end(false), b = end(true);
  await settle();
  const first = b.call.receive(a.sent[0]);
  const second = b.call.receive({ candidate: { candidate: 'c1' } });
  await Promise.all([first, second]);
  assert.equal(b.call.pc.remoteDescription.type, 'offer');
  assert.equal(b.call.pc.candidates.length, 1);
});

test('the impolite side ignores an offer that crosses its own', async () => {
  const a = end(false);
  await settle();
  await a.call.receive({ description: { type: 'offer', sdp: 'a=fingerprint:x' } });
  assert.equal(a.call.pc.signalingState, 'have-local-offer');
});

test('the polite side asks for a restart and the impolite side makes it', async () => {
  const a = end(false), b = end(true);
  await exchange(a, b);
  b.call.renew([{ urls: 'turn:new' }]);
  assert.deepEqual(b.sent, [{ renew: true }]);
  assert.deepEqual(b.call.pc.config.iceServers, [{ urls: 'turn:new' }]);
  await exchange(a, b);
  assert.equal(a.call.pc.restarts, 1);
  assert.equal(b.call.pc.restarts, 0);
});

test('a renewal while an offer is unanswered says the offer again and restarts after the answer', async () => {
  const a = end(false), b = end(true);
  await settle();
  a.sent.length = 0; // the offer is lost on the way
  b.call.renew();
  await exchange(a, b);
  assert.equal(a.call.pc.signalingState, 'stable');
  assert.equal(a.call.pc.restarts, 1);
});

test('ten seconds without a connection make a new one on both sides, once; then the call is given up', async () => {
  const a = end(false), b = end(true);
  await exchange(a, b);
  await clock.pass(9999);
  assert.equal(FakeConnection.all.length, 2);
  await clock.pass(1);
  await exchange(a, b);
  assert.equal(FakeConnection.all.length, 4);
  assert.deepEqual(FakeConnection.all.map((c) => c.closed), [true, true, false, false]);
  assert.equal(b.call.pc.signalingState, 'stable');
  assert.equal(b.fresh, 1);
  await clock.pass(10000);
  assert.deepEqual(a.states, ['failed']);
});

test('a connection in time disarms the watchdog', async () => {
  const a = end(false), b = end(true);
  await exchange(a, b);
  a.call.pc.become('connected');
  await clock.pass(60000);
  assert.deepEqual(a.states, ['connected']);
  assert.equal(FakeConnection.all.length, 2);
});

test('two seconds of silence on the way ask for an ICE restart', async () => {
  const a = end(false), b = end(true);
  await exchange(a, b);
  a.call.pc.become('connected');
  a.call.pc.become('disconnected');
  await clock.pass(1999);
  assert.equal(a.call.pc.restarts, 0);
  await clock.pass(1);
  assert.equal(a.call.pc.restarts, 1);
  a.call.pc.become('connected');
  assert.deepEqual(a.states, ['connected', 'interrupted', 'connected']);
});

test('a page that comes back with a new identity is met with a new connection', async () => {
  const a = end(false), b = end(true);
  await exchange(a, b);
  a.call.pc.become('connected');
  const again = end(true); // the partner's page was loaded again
  a.call.renew();
  await settle();
  for (const signal of a.sent.splice(0)) await again.call.receive(signal);
  for (const signal of again.sent.splice(0)) await a.call.receive(signal);
  await exchange(a, again);
  assert.equal(a.call.pc.signalingState, 'stable');
  assert.equal(again.call.pc.signalingState, 'stable');
  assert.equal(a.call.pc.remoteDescription.sdp.includes(again.call.pc.identity), true);
});

test('a closed call says nothing more', async () => {
  const a = end(false), b = end(true);
  await exchange(a, b);
  const { pc } = a.call;
  a.call.close();
  pc.onconnectionstatechange();
  pc.onnegotiationneeded();
  await clock.pass(60000);
  assert.deepEqual(a.states, []);
  assert.equal(a.sent.length, 0);
});
