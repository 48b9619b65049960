// A visit on fakes, new before each test, and the ways into its states.
import { afterEach, beforeEach } from 'node:test';
import { defaults } from '../js/app/prefs.js';
import { initialState } from '../js/app/state.js';
import { Visit } from '../js/app/visit.js';
import { Store } from '../js/lib/store.js';
import { FakeCall, FakeClock, FakeSocket, mockTime, settle } from './fakes.js';

export let clock, time, store, visit, asked, calls, media, api;

beforeEach(() => {
  time = mockTime(1000000);
  FakeSocket.all = [];
  clock = new FakeClock();
  asked = [];
  calls = FakeCall.all = [];
  const prefs = { ...defaults(['en-GB'], 'Europe/Paris'), consent: true, interests: [{ slug: 'chess', name: 'Chess' }, { slug: 'music', name: 'Music' }] };
  store = new Store(initialState(prefs));
  const tracks = { audio: { id: 'a' }, video: { id: 'v' } };
  media = { opened: 0, closed: 0, open: async () => { media.opened += 1; }, close: () => { media.closed += 1; }, track: (kind) => tracks[kind], tracks };
  api = {
    me: async () => { asked.push('me'); return null; },
    guest: async (who) => { asked.push(['guest', who]); return { id: '1', guest: true, display_name: 'Ada' }; },
    changeMe: async (changes) => { asked.push(['change', changes]); },
    putInterests: async (slugs) => { asked.push(['interests', slugs]); },
    undoBlock: async (id) => { asked.push(['undo', id]); },
  };
  visit = new Visit({
    store, api, media, makeCall: (options) => new FakeCall(options), makeStream: () => ({ tracks: [], addTrack(t) { this.tracks.push(t); } }),
    signalling: { url: 'ws://t/ws/matching/', env: { WebSocket: FakeSocket, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout, random: () => 0.5, now: () => clock.now } },
  });
});
afterEach(() => { visit.farewell(); time.end(); });

export const socket = () => FakeSocket.last;
export const phase = () => store.value.phase;
export const last = (action) => socket().of(action).at(-1);

export async function searching(mode = 'video') {
  visit.start(mode);
  await settle();
  socket().welcome();
  await settle();
}
/** @param {object} [more] */
export async function matched(more = {}) {
  await searching(more.mode);
  found(more);
  await settle();
}
export function found(more = {}) {
  socket().say({
    type: 'match_found', room_id: 'r1', partner_id: 'p', polite: false, shared_interests: ['chess'], partner: { display_name: 'Mina', language: 'en', region: 'eu' },
    ice_servers: [{ urls: 'stun:s' }], ice_policy: 'all', ...more,
  });
}
export async function connected(more) {
  await matched(more);
  calls.at(-1)?.become('connected');
  await settle();
}
export async function comeBack() {
  socket().drop();
  await settle();
  await clock.pass(300);
  socket().welcome();
  await settle();
}
