// What a lost line does to a visit, ours or the partner's.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { FakeSocket, settle } from './fakes.js';
import {
  clock, time, store, visit, calls, socket, phase, last, searching, found, connected, comeBack,
} from './visit_stage.js';

test('a partner whose line is gone is waited for', async () => {
  await connected();
  socket().say({ type: 'partner_state', room_id: 'r1', state: 'reconnecting', grace_ms: 15000 });
  assert.equal(phase(), 'reconnecting');
  assert.deepEqual(store.value.hold, { who: 'partner', until: 1015000, total: 15000 });
  socket().say({ type: 'partner_state', room_id: 'r1', state: 'reconnected' });
  assert.equal(phase(), 'connected');
  assert.equal(store.value.notice.key, 'back');
});

test('our own lost line keeps the call, and the same room is renewed on fresh servers', async () => {
  await connected();
  socket().drop();
  assert.equal(phase(), 'reconnecting');
  assert.equal(store.value.hold.who, 'self');
  await clock.pass(300);
  socket().welcome();
  found({ ice_servers: [{ urls: 'turn:old' }] });
  await settle();
  assert.equal(last('media_state').room_id, 'r1');
  socket().say({ type: 'ice_servers', id: last('ice_servers').id, ice_servers: [{ urls: 'turn:fresh' }], ttl_s: 600 });
  await settle();
  assert.equal(calls.length, 1);
  assert.deepEqual(calls[0].renewed, [[{ urls: 'turn:fresh' }]]);
  assert.equal(phase(), 'connected');
});

test('a room that is not given back within two seconds is over', async () => {
  await connected();
  await comeBack();
  assert.equal(phase(), 'reconnecting');
  await time.pass(2000);
  assert.equal(phase(), 'peer-left');
  assert.equal(store.value.match.ended, 'lost');
});

test('another room after a lost line is a new match', async () => {
  await connected();
  await comeBack();
  found({ room_id: 'r2' });
  await settle();
  assert.equal(calls.length, 2);
  assert.equal(calls[0].closed, true);
  assert.equal(store.value.match.roomId, 'r2');
  await time.pass(5000);
  assert.equal(phase(), 'connecting');
});

test('a search that waited when the line was lost is said again', async () => {
  await searching();
  await comeBack();
  assert.equal(socket().of('find_match').length, 1);
  assert.equal(FakeSocket.all.length, 2);
});

test('a room left while offline is left when it comes back', async () => {
  await connected();
  socket().drop();
  visit.stop();
  await clock.pass(300);
  socket().welcome();
  found();
  assert.equal(last('leave_room').room_id, 'r1');
  assert.equal(phase(), 'idle');
});

test('next while offline becomes next of the old room when it comes back', async () => {
  await connected();
  socket().drop();
  visit.next();
  assert.equal(phase(), 'searching');
  await clock.pass(300);
  socket().welcome();
  found();
  await settle();
  assert.equal(last('next').room_id, 'r1');
  assert.equal(phase(), 'searching');
});

test('messages are held while offline and go out once, under the same id', async () => {
  await connected();
  socket().drop();
  visit.room.chat.say(' hello ');
  await settle();
  assert.equal(store.value.chat.messages.at(-1).waiting, true);
  await clock.pass(300);
  socket().welcome();
  found();
  await settle();
  const sent = socket().of('chat_message');
  assert.equal(sent.length, 1);
  assert.equal(sent[0].text, 'hello');
  socket().say({ type: 'message_ack', id: sent[0].id });
  await settle();
  assert.equal(store.value.chat.messages.at(-1).waiting, false);
});
