import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { Backoff } from '../js/signalling/backoff.js';
import { verdict } from '../js/signalling/close_codes.js';
import { Signalling } from '../js/signalling/signalling.js';
import { FakeClock, FakeSocket, settle } from './fakes.js';

let clock, frames, links, signIns, signalling, refuseSignIn;

beforeEach(() => {
  FakeSocket.all = [];
  clock = new FakeClock();
  frames = [];
  links = [];
  signIns = 0;
  refuseSignIn = false;
  signalling = new Signalling({
    url: 'ws://seendr.test/ws/matching/',
    signIn: async () => { signIns += 1; if (refuseSignIn) throw new Error('no'); },
    onFrame: (frame) => frames.push(frame.type),
    onLink: (link) => links.push(link.state),
    env: { WebSocket: FakeSocket, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout, random: () => 0.5, now: () => clock.now },
  });
});

test('the first frame is hello, on the subprotocol of this client', () => {
  signalling.open();
  FakeSocket.last.accept();
  assert.equal(FakeSocket.last.protocol, 'seendr.v1');
  assert.equal(FakeSocket.last.sent[0].action, 'hello');
});

test('after a lost line hello carries the token of the last one', async () => {
  signalling.open();
  FakeSocket.last.welcome({ resume_token: 'abc' });
  FakeSocket.last.drop();
  await clock.pass(250);
  FakeSocket.last.accept();
  assert.equal(FakeSocket.last.sent[0].resume_token, 'abc');
});

test('the line is open after welcome and not before', () => {
  signalling.open();
  FakeSocket.last.accept();
  assert.equal(signalling.send({ action: 'cancel_match' }), false);
  FakeSocket.last.say({ type: 'welcome' });
  assert.equal(signalling.send({ action: 'cancel_match' }), true);
  assert.deepEqual(links, ['connecting', 'open']);
});

test('a lost line is tried again after 200 ms, then twice as long, at most 5 s', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  for (const delay of [200, 400, 800, 1600, 3200, 5000, 5000]) {
    FakeSocket.last.drop();
    const before = FakeSocket.all.length;
    await clock.pass(delay - 1);
    assert.equal(FakeSocket.all.length, before, `not before ${delay}`);
    await clock.pass(1);
    assert.equal(FakeSocket.all.length, before + 1, `after ${delay}`);
  }
  FakeSocket.last.welcome();
  FakeSocket.last.drop();
  await clock.pass(200);
  assert.deepEqual(links.slice(-3), ['lost', 'open', 'lost'], 'a welcome starts the count anew');
});

test('jitter stays within a quarter of the step', () => {
  assert.equal(new Backoff({ random: () => 0 }).next(), 150);
  assert.equal(new Backoff({ random: () => 1 }).next(), 250);
});

test('close codes say whether to go on', () => {
  for (const code of [1000, 1001, 1006, 1011, 1012, 4001, 4008, 4010, 4013, 4029]) assert.equal(verdict(code), 'retry', `${code}`);
  for (const code of [1003, 1007, 1009, 4502, 4503, 4504, 4506, 4507, 4999]) assert.equal(verdict(code), 'stop', `${code}`);
  for (const code of [4501, 4009]) assert.equal(verdict(code), 'sign-in', `${code}`);
});

test('a code that says stop stops, and says why', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  FakeSocket.last.drop(4503);
  await clock.pass(60000);
  assert.equal(FakeSocket.all.length, 1);
  assert.deepEqual(signalling.link, { state: 'stopped', reason: 'banned', code: 4503 });
});

test('an unknown session is renewed once, then it stops', async () => {
  signalling.open();
  FakeSocket.last.drop(4501);
  await settle();
  assert.equal(signIns, 1);
  assert.equal(FakeSocket.all.length, 2);
  FakeSocket.last.drop(4501);
  await settle();
  assert.equal(signIns, 1);
  assert.equal(signalling.link.reason, 'unauthorized');
});

test('a session that expires later is renewed again', async () => {
  signalling.open();
  for (let n = 1; n <= 2; n++) {
    FakeSocket.last.welcome();
    FakeSocket.last.drop(4009);
    await settle();
    assert.equal(signIns, n);
  }
  refuseSignIn = true;
  FakeSocket.last.drop(4501);
  await settle();
  assert.equal(signalling.link.state, 'stopped');
});

test('go_away with a later close waits as long as it was told', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  FakeSocket.last.say({ type: 'go_away', action: 'resume', after_ms: 3000 });
  FakeSocket.last.drop(1012);
  await clock.pass(2999);
  assert.equal(FakeSocket.all.length, 1);
  await clock.pass(1);
  assert.equal(FakeSocket.all.length, 2);
});

test('go_away makes the page go by itself at the moment it was given, with the token of the line it leaves', async () => {
  signalling.open();
  FakeSocket.last.welcome({ resume_token: 'abc' });
  const old = FakeSocket.last;
  old.say({ type: 'go_away', action: 'reconnect', after_ms: 3000 });
  await clock.pass(2999);
  assert.equal(signalling.send({ action: 'ping' }), true, 'until then the line serves');
  await clock.pass(1);
  assert.equal(old.closedWith, 4000);
  assert.equal(FakeSocket.all.length, 2);
  FakeSocket.last.accept();
  assert.equal(FakeSocket.last.sent[0].resume_token, 'abc');
  FakeSocket.last.say({ type: 'welcome', resume_token: 'def' });
  old.drop(1012);
  assert.deepEqual(links, ['connecting', 'open', 'lost', 'open']);
  await clock.pass(20000);
  assert.equal(FakeSocket.all.length, 2, 'the new line stays');
});

test('a page that goes and finds nobody tries again with the usual delays', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  FakeSocket.last.say({ type: 'go_away', action: 'reconnect', after_ms: 1000 });
  await clock.pass(1000);
  for (const delay of [200, 400, 800]) {
    FakeSocket.last.drop();
    const before = FakeSocket.all.length;
    await clock.pass(delay - 1);
    assert.equal(FakeSocket.all.length, before, `not before ${delay}`);
    await clock.pass(1);
    assert.equal(FakeSocket.all.length, before + 1, `after ${delay}`);
  }
  FakeSocket.last.welcome();
  assert.equal(signalling.link.state, 'open');
});

test('who closes the page is not brought back by go_away', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  FakeSocket.last.say({ type: 'go_away', action: 'reconnect', after_ms: 1000 });
  signalling.close();
  await clock.pass(60000);
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(signalling.link.state, 'off');
});

test('go_away that says disconnect is the end', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  FakeSocket.last.say({ type: 'go_away', action: 'disconnect' });
  FakeSocket.last.drop(1001);
  assert.equal(signalling.link.reason, 'go_away');
});

test('an answer reaches the request that has its id', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  const first = signalling.request({ action: 'ice_servers', room_id: 'r' });
  const second = signalling.request({ action: 'ping' });
  const [a, b] = FakeSocket.last.sent.slice(-2);
  FakeSocket.last.say({ type: 'pong', id: b.id });
  FakeSocket.last.say({ type: 'ice_servers', id: a.id, ice_servers: [] });
  assert.equal((await first).type, 'ice_servers');
  assert.equal((await second).type, 'pong');
});

test('a refused request carries the code and how long to wait', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  const request = signalling.request({ action: 'cancel_match' });
  FakeSocket.last.say({ type: 'error', id: FakeSocket.last.sent.at(-1).id, code: 'rate_limited', retry_after_ms: 4000 });
  await assert.rejects(request, { code: 'rate_limited', retryAfterMs: 4000 });
});

test('requests fail when the line is lost and when nobody answers', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  const lost = assert.rejects(signalling.request({ action: 'ping' }), { code: 'lost' });
  FakeSocket.last.drop();
  await lost;
  await clock.pass(250);
  FakeSocket.last.welcome();
  const late = assert.rejects(signalling.request({ action: 'ping' }, 1000), { code: 'timeout' });
  await clock.pass(1000);
  await late;
});

test('a line that stays silent after a ping is given up', async () => {
  signalling.open();
  FakeSocket.last.welcome({ heartbeat_ms: 25000 });
  const first = FakeSocket.last;
  await clock.pass(25000);
  assert.equal(first.of('ping').length, 1);
  await clock.pass(10000);
  assert.equal(signalling.link.state, 'lost');
  await clock.pass(300);
  assert.equal(FakeSocket.all.length, 2);
});

test('a line that answers its ping stays', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  for (let n = 0; n < 5; n++) {
    await clock.pass(25000);
    FakeSocket.last.say({ type: 'pong' });
    await clock.pass(10000);
  }
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(signalling.link.state, 'open');
});

test('what is no JSON is passed over', () => {
  signalling.open();
  FakeSocket.last.welcome();
  FakeSocket.last.onmessage({ data: '{' });
  assert.deepEqual(frames, ['welcome']);
});

test('after close nothing is tried again', async () => {
  signalling.open();
  FakeSocket.last.welcome();
  const socket = FakeSocket.last;
  signalling.close();
  socket.drop(1000);
  await clock.pass(60000);
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(socket.closedWith, 1000);
  assert.equal(signalling.link.state, 'off');
});
