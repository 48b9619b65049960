import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { RequestError, Signalling } from '../js/signalling/signalling.js';
import { FakeClock, FakeSocket } from './fakes.js';

// The examples that the server's tests hold it to: docs/protocol.md.
const folder = new URL('../../tests/golden/frames/v1/', import.meta.url);
const example = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
const server = readdirSync(new URL('server/', folder)).map((file) => file.replace(/\.json$/, ''));

let clock, frames, signalling;

beforeEach(() => {
  FakeSocket.all = [];
  clock = new FakeClock();
  frames = [];
  signalling = new Signalling({
    url: 'ws://seendr.test/ws/matching/',
    signIn: async () => {},
    onFrame: (frame) => frames.push(frame),
    onLink: () => {},
    env: { WebSocket: FakeSocket, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout, random: () => 0.5, now: () => clock.now },
  });
  signalling.open();
  FakeSocket.last.accept();
});

test('the example of welcome opens the line, and its token is in the next hello, which is as in its example', async () => {
  const welcome = example('server/welcome');
  FakeSocket.last.say(welcome);
  assert.equal(signalling.link.state, 'open');
  FakeSocket.last.drop();
  await clock.pass(250);
  FakeSocket.last.accept();
  const hello = example('client/hello');
  assert.deepEqual(FakeSocket.last.sent[0], { ...hello, resume_token: welcome.resume_token });
});

test('the example of go_away makes the page go at its moment', async () => {
  FakeSocket.last.say(example('server/welcome'));
  const before = FakeSocket.all.length;
  const away = example('server/go_away');
  FakeSocket.last.say(away);
  await clock.pass(away.after_ms + 1);
  assert.equal(FakeSocket.all.length, before + 1);
});

for (const name of server) {
  test(`the example ${name} reaches the page, and who asked with its id`, async () => {
    FakeSocket.last.say(example('server/welcome'));
    const frame = example(`server/${name}`);
    const answer = signalling.request({ action: 'ping' });
    const asked = FakeSocket.last.sent.at(-1).id;
    if (frame.id) frame.id = asked;
    FakeSocket.last.say(frame);
    assert.deepEqual(frames.at(-1), frame);
    if (frame.id && frame.type !== 'error') assert.deepEqual(await answer, frame);
    if (frame.id && frame.type === 'error') await assert.rejects(answer, { code: frame.code, retryAfterMs: frame.retry_after_ms });
    if (!frame.id) { signalling.close(); await assert.rejects(answer, RequestError); }
  });
}
