import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ApiError } from '../js/app/api.js';
import { settle } from './fakes.js';
import {
  time, store, visit, asked, calls, media, api, socket, phase, last, searching, matched, found, connected,
} from './visit_stage.js';

test('start opens the devices, makes a guest, and searches with what was chosen', async () => {
  const phases = [];
  store.subscribe((s) => { if (phases.at(-1) !== s.phase) phases.push(s.phase); });
  await searching();
  assert.deepEqual(phases, ['requesting-media', 'searching']);
  assert.equal(media.opened, 1);
  assert.deepEqual(asked, ['me', ['guest', { adult: true, languages: ['en'], region: 'eu' }], ['interests', ['chess', 'music']]]);
  assert.deepEqual(last('find_match'), {
    action: 'find_match', id: last('find_match').id, interests: ['chess', 'music'], languages: ['en'], regions: ['eu'], mode: 'video', policy: 'prefer', wait: true,
  });
});

test('text only asks for no device and says so', async () => {
  await searching('text');
  assert.equal(media.opened, 0);
  assert.equal(last('find_match').mode, 'text');
});

test('a hidden address is asked for in the search', async () => {
  store.patch('prefs', { hideAddress: true });
  await searching();
  assert.equal(last('find_match').ice_policy, 'relay');
});

test('a server without a relay is not asked to hide an address', async () => {
  store.patch('prefs', { hideAddress: true });
  store.set({ presence: { relay: false } });
  await searching();
  assert.equal('ice_policy' in last('find_match'), false);
});

test('an address that cannot be hidden after all is given away only to somebody who tries again', async () => {
  store.patch('prefs', { hideAddress: true });
  visit.start('video');
  await settle();
  socket().welcome({ relay: false });
  await settle();
  assert.deepEqual([phase(), store.value.problem.code, socket().of('find_match').length], ['error', 'no_relay', 0]);
  visit.next();
  await settle();
  await settle();
  assert.deepEqual([phase(), 'ice_policy' in last('find_match')], ['searching', false]);
});

test('a server that cannot be reached is said and leaves nothing running', async () => {
  api.me = async () => { throw new ApiError('offline', 0); };
  visit.start('video');
  await settle();
  assert.equal(phase(), 'error');
  assert.equal(store.value.problem.code, 'offline');
});

test('anyone now replaces the search with one that asks for nothing', async () => {
  await searching();
  visit.anyone();
  assert.equal(last('find_match').policy, 'any');
});

test('what the search frames carry is kept, with the moment at which the need sinks', async () => {
  await searching();
  socket().say({ type: 'searching', need: 2, next_need_in_ms: 3000, interests: { chess: 4 }, online: 12 });
  const { need, nextNeedAt, interests, online } = store.value.search;
  assert.deepEqual({ need, nextNeedAt, interests, online }, { need: 2, nextNeedAt: 1003000, interests: { chess: 4 }, online: 12 });
});

test('a match is entered at once, with media_state as the first frame that names the room', async () => {
  await matched();
  assert.equal(phase(), 'connecting');
  const naming = socket().sent.filter((f) => f.room_id === 'r1');
  assert.deepEqual(naming[0], { action: 'media_state', room_id: 'r1', audio: true, video: true, screen: false });
  assert.equal(calls[0].options.polite, false);
  assert.deepEqual(calls[0].options.config, { iceServers: [{ urls: 'stun:s' }], iceTransportPolicy: 'all' });
});

test('the policy of the match is obeyed', async () => {
  await matched({ ice_policy: 'relay' });
  assert.equal(calls[0].options.config.iceTransportPolicy, 'relay');
  assert.equal(store.value.match.hidden, true);
});

test('connected is said only when the peer connection is', async () => {
  await matched();
  assert.equal(phase(), 'connecting');
  calls[0].become('connected');
  assert.equal(phase(), 'connected');
});

test('a text match needs no peer connection', async () => {
  await matched({ mode: 'text' });
  assert.equal(calls.length, 0);
  assert.equal(phase(), 'connected');
});

test('signals of another room are dropped', async () => {
  await matched();
  socket().say({ type: 'signal', room_id: 'r0', renew: true });
  socket().say({ type: 'signal', room_id: 'r1', renew: true });
  assert.equal(calls[0].received.length, 1);
});

test('next leaves and searches in one frame, and ignores a second press for half a second', async () => {
  await connected();
  visit.next();
  visit.next();
  assert.equal(socket().of('next').length, 1);
  assert.equal(last('next').room_id, 'r1');
  assert.deepEqual(last('next').interests, ['chess', 'music']);
  assert.equal(phase(), 'searching');
  assert.equal(calls[0].closed, true);
  assert.equal(media.closed, 0);
});

test('next finds the room gone when the partner was faster, and searches', async () => {
  await connected();
  visit.next();
  socket().say({ type: 'error', id: last('next').id, code: 'not_in_room' });
  await settle();
  assert.equal(socket().of('find_match').length, 2);
  assert.equal(phase(), 'searching');
});

test('stop leaves the room and closes the devices', async () => {
  await connected();
  visit.stop();
  assert.equal(last('leave_room').room_id, 'r1');
  assert.equal(media.closed, 1);
  assert.equal(phase(), 'idle');
});

test('stop while searching cancels, and a match that crossed it is left', async () => {
  await searching();
  visit.stop();
  assert.equal(socket().of('cancel_match').length, 1);
  found();
  assert.equal(last('leave_room').room_id, 'r1');
  assert.equal(phase(), 'idle');
});

test('a partner who leaves is told, and the picture of the match stays', async () => {
  await connected();
  for (const state of ['reconnecting', 'reconnected']) socket().say({ type: 'partner_state', room_id: 'r1', state, grace_ms: 15000 });
  socket().say({ type: 'partner_left', room_id: 'r1', reason: 'left' });
  assert.equal(phase(), 'peer-left');
  assert.equal(store.value.notice, null, 'who has left is not back');
  assert.equal(store.value.match.name, 'Mina');
  assert.equal(calls[0].closed, true);
});

test('a partner who never came costs nothing: the search goes on', async () => {
  await matched();
  socket().say({ type: 'partner_left', room_id: 'r1', reason: 'timeout' });
  assert.equal(phase(), 'searching');
  assert.equal(socket().of('find_match').length, 2);
});

test('unread messages are counted while the chat is closed, and none is counted twice', async () => {
  await connected();
  for (const id of ['x', 'x', 'y']) socket().say({ type: 'chat_message', room_id: 'r1', text: '<b>hi</b>', client_msg_id: id });
  assert.equal(store.value.chat.unread, 2);
  assert.equal(store.value.chat.messages.at(-1).text, '<b>hi</b>');
});

test('too many searches are told with their seconds', async () => {
  await searching();
  socket().say({ type: 'error', id: last('find_match').id, code: 'rate_limited', retry_after_ms: 7000 });
  await settle();
  assert.equal(phase(), 'error');
  assert.deepEqual(store.value.problem, { code: 'rate_limited', retryAt: 1007000 });
});

test('a search refused for lack of consent is tried again with it', async () => {
  await searching();
  socket().say({ type: 'error', id: last('find_match').id, code: 'forbidden' });
  await settle();
  assert.deepEqual(asked.at(-1), ['change', { adult: true }]);
  assert.equal(socket().of('find_match').length, 2);
});

test('a busy server is asked again, and the person told in the end', async () => {
  await searching();
  for (let n = 0; n < 4; n++) {
    socket().say({ type: 'error', id: last('find_match').id, code: 'overloaded', retry_after_ms: 100 });
    await settle();
    await time.pass(100);
  }
  assert.equal(socket().of('find_match').length, 4);
  assert.equal(phase(), 'error');
});

test('a close that says stop ends the visit and says why', async () => {
  await connected();
  socket().drop(4503);
  assert.equal(phase(), 'error');
  assert.equal(store.value.problem.code, 'banned');
  assert.equal(calls[0].closed, true);
});

test('a search in another page ends this one', async () => {
  await searching();
  socket().say({ type: 'match_cancelled', reason: 'replaced' });
  assert.equal(store.value.problem.code, 'replaced');
});

test('a call in another page is told, unless its match is on the way here', async () => {
  await searching();
  socket().say({ type: 'error', id: last('find_match').id, code: 'already_in_room' });
  await settle();
  await time.pass(1000);
  assert.equal(phase(), 'searching');
  await time.pass(1500);
  assert.equal(phase(), 'error');
  assert.equal(store.value.problem.code, 'already_in_room');

  visit.next();
  await settle();
  await settle();
  assert.equal(phase(), 'searching');
  socket().say({ type: 'error', id: last('find_match').id, code: 'already_in_room' });
  await settle();
  found();
  await time.pass(2500);
  assert.notEqual(phase(), 'error');
});

test('block acts at once and can be undone', async () => {
  await connected();
  visit.block();
  assert.equal(phase(), 'peer-left');
  assert.equal(store.value.match.blocked, true);
  socket().say({ type: 'ack', id: last('block').id, block_id: '42' });
  await settle();
  await visit.undoBlock();
  assert.deepEqual(asked.at(-1), ['undo', '42']);
  assert.equal(store.value.match.blocked, false);
});

test('a block that fails is not claimed, and can be tried again after the call', async () => {
  await connected();
  visit.block();
  socket().say({ type: 'error', id: last('block').id, code: 'overloaded' });
  await settle();
  assert.deepEqual([store.value.match.ended, store.value.match.blocked, store.value.notice.key], ['over', false, 'block_failed']);
  visit.block();
  assert.equal(socket().of('block').length, 2);
  socket().say({ type: 'ack', id: last('block').id, block_id: '43' });
  await settle();
  assert.deepEqual([store.value.match.blocked, store.value.match.blockId], [true, '43']);
});

test('a report ends the call, blocks if wanted, and is thanked for', async () => {
  await connected();
  visit.report('spam', 'a recording', true);
  assert.equal(phase(), 'peer-left');
  assert.deepEqual({ ...last('report'), id: 0 }, { action: 'report', room_id: 'r1', reason: 'spam', note: 'a recording', id: 0 });
  assert.equal(last('block').room_id, 'r1');
  socket().say({ type: 'report_ack', id: last('report').id });
  socket().say({ type: 'ack', id: last('block').id, block_id: '42' });
  await settle();
  assert.equal(store.value.notice.key, 'reported');
  assert.deepEqual([store.value.match.reported, store.value.match.blocked], [true, true]);
});

test('of a report and its block, what failed is offered again', async () => {
  for (const [reported, blocked, key] of [[false, false, 'report_failed'], [false, true, 'report_failed'], [true, false, 'block_failed']]) {
    await connected();
    visit.report('spam', '', true);
    for (const [action, fine] of [['report', reported], ['block', blocked]]) {
      const { id } = last(action);
      socket().say(fine ? { type: action === 'report' ? 'report_ack' : 'ack', id } : { type: 'error', id, code: 'internal' });
    }
    await settle();
    assert.deepEqual([store.value.match.reported, store.value.match.blocked, store.value.notice.key], [reported, blocked, key]);
    visit.stop();
  }
});

test('an answer that comes after the next match changes nothing there', async () => {
  await connected();
  visit.block();
  const { id } = last('block');
  await time.pass(1000);
  visit.next();
  found({ room_id: 'r2' });
  socket().say({ type: 'ack', id, block_id: '42' });
  await settle();
  assert.deepEqual([store.value.match.roomId, store.value.match.blocked, store.value.match.blockId], ['r2', false, '']);
});

test('a partner who never came back is lost, one who hung up has left', async () => {
  for (const [reason, ended] of [['timeout', 'lost'], ['left', 'left'], ['next', 'left']]) {
    await connected();
    socket().say({ type: 'partner_left', room_id: 'r1', reason });
    assert.equal(store.value.match.ended, ended);
    visit.stop();
  }
});

test('a call without a connection is told and the search goes on', async () => {
  await matched();
  calls[0].become('failed');
  assert.equal(phase(), 'searching');
  assert.equal(store.value.notice.key, 'no_connection');
  assert.equal(last('next').room_id, 'r1');
});

test('the goodbye of the page leaves the room', async () => {
  await connected();
  visit.farewell();
  assert.equal(last('leave_room').room_id, 'r1');
  assert.equal(socket().closedWith, 1000);
});

test('a changed track goes to the call and is told to the partner', async () => {
  await connected();
  media.tracks.video = null;
  visit.room.trackChanged('video');
  assert.deepEqual(calls[0].replaced, ['video', null]);
  assert.equal(last('media_state').video, false);
});
