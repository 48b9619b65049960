import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { Media, pictureOff, soundOff } from '../js/app/media.js';
import { defaults } from '../js/app/prefs.js';
import { initialState } from '../js/app/state.js';
import { Store } from '../js/lib/store.js';

/** Camera and microphone of which the test says what is wrong with each: the name of a DOMException. */
class FakeDevices {
  wrong = { audio: '', video: '' };
  asked = [];
  #listeners = [];

  addEventListener(_, listener) { this.#listeners.push(listener); }
  async getUserMedia({ audio, video }) {
    const kinds = [audio && 'audio', video && 'video'].filter(Boolean);
    this.asked.push(kinds.join('+'));
    const name = kinds.map((kind) => this.wrong[kind]).find(Boolean);
    if (name) throw Object.assign(new Error(name), { name });
    return new FakeStream(kinds.map((kind) => ({ kind, enabled: true, stop() {}, getSettings: () => ({}) })));
  }
  async enumerateDevices() {
    return [['audio', 'audioinput'], ['video', 'videoinput']].filter(([kind]) => this.wrong[kind] !== 'NotFoundError').map(([, kind]) => ({ kind, deviceId: kind }));
  }
  /** Plugged in or out. */
  async change() { await Promise.all(this.#listeners.map((listener) => listener())); }
}
class FakeStream {
  constructor(tracks) { this.tracks = tracks; }
  getTracks() { return this.tracks; }
}

let devices, store, media, granted;
beforeEach(() => {
  Object.assign(globalThis, { MediaStream: FakeStream });
  granted = [];
  const permissions = { query: async ({ name }) => ({ state: granted.includes(name) ? 'granted' : 'prompt' }) };
  Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: 4, permissions }, configurable: true });
  devices = new FakeDevices();
  store = new Store(initialState(defaults(['en'], '')));
  media = new Media(store, devices, () => {});
});

const now = () => store.value.media;
const found = () => [now().problem?.text ?? '', now().soundProblem?.text ?? ''];
const off = () => [pictureOff(now()), soundOff(now())];

test('with both devices nothing is wrong and nothing is off', async () => {
  await media.open();
  assert.deepEqual([found(), off(), devices.asked], [['', ''], [false, false], ['audio+video']]);
});

test('what is wrong is told of the device that it is wrong with', async () => {
  const cases = [
    [{ audio: 'NotFoundError', video: '' }, ['', 'none'], [false, true]],
    [{ audio: 'NotReadableError', video: '' }, ['', 'busy'], [false, true]],
    [{ audio: '', video: 'NotReadableError' }, ['busy', ''], [true, false]],
    [{ audio: 'NotFoundError', video: 'NotFoundError' }, ['none', 'none'], [true, true]],
    [{ audio: 'NotAllowedError', video: 'NotAllowedError' }, ['refused', 'refused'], [true, true]],
  ];
  for (const [wrong, problems, crossed] of cases) {
    devices.wrong = wrong;
    await media.open(true);
    assert.deepEqual([found(), off()], [problems, crossed], JSON.stringify(wrong));
    media.close();
  }
});

test('a microphone refused beside a camera allowed long ago is told, and asked for once', async () => {
  granted = ['camera'];
  devices.wrong.audio = 'NotAllowedError';
  await media.open();
  assert.deepEqual([found(), off()], [['', 'refused'], [false, true]]);
  assert.deepEqual(devices.asked, ['audio+video', 'video']);
});

test('the crossed button asks for the microphone again', async () => {
  devices.wrong.audio = 'NotReadableError';
  await media.open();
  await media.toggleSound();
  assert.deepEqual([found(), now().muted], [['', 'busy'], false]);
  devices.wrong.audio = '';
  await media.toggleSound();
  assert.deepEqual([found(), off()], [['', ''], [false, false]]);
  assert.equal(media.track('audio')?.kind, 'audio');
  await media.toggleSound();
  assert.deepEqual([now().muted, media.track('audio')], [true, null]);
});

test('a microphone that stops is told, and one that is plugged in is used', async () => {
  await media.open();
  devices.wrong.audio = 'NotFoundError';
  await media.track('audio').onended();
  assert.deepEqual([found(), off()], [['', 'stopped'], [false, true]]);
  devices.wrong.audio = '';
  await devices.change();
  assert.deepEqual([found(), off()], [['', ''], [false, false]]);
});

test('a device that will not be exchanged goes on as it was, and counts as on', async () => {
  await media.open();
  devices.wrong.audio = 'NotReadableError';
  await media.choose('microphone', 'another');
  assert.deepEqual([found(), off()], [['', 'busy'], [false, false]]);
  assert.equal(media.track('audio')?.kind, 'audio');
});

test('without devices of the browser both are told', async () => {
  media = new Media(store, undefined, () => {});
  await media.open();
  assert.deepEqual([found(), off()], [['insecure', 'insecure'], [true, true]]);
});
