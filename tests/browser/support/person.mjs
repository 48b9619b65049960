// Somebody with a browser: opens the page, looks for people, sees, hears and writes.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const { SITE, SITE_OTHER, SITE_RELAY, TEST_DIRECTORY } = process.env;
export const patience = 30_000; // milliseconds; two cores carry servers, browsers and video codecs

const executablePath = [process.env.TEST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome-stable', '/usr/bin/google-chrome']
  .find((path) => path && existsSync(path));

const quiet = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update',
  // One flag for all: Chromium reads the last of its kind only.
  '--disable-features=WebRtcHideLocalIpsWithMdns,Translate,MediaRouter,OptimizationHints',
  '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required',
];

/** A browser whose camera shows `colour`; with `devices` 'none' it has no camera. */
export async function openBrowser(colour, { devices = 'all' } = {}) {
  assert.ok(executablePath, 'no Chromium on this machine: install it, or name one in TEST_CHROMIUM');
  const media = join(TEST_DIRECTORY, 'media');
  const camera = devices === 'none'
    ? ['--use-fake-device-for-media-stream=device-count=0']
    : ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${media}/${colour}.y4m`];
  return chromium.launch({
    executablePath, args: [...quiet, ...camera, `--use-file-for-fake-audio-capture=${media}/${colour}.wav`],
  });
}

/** Waits here and not in the page, because the page takes a promise for a yes. */
export async function until(what, condition, timeout = patience) {
  for (const end = Date.now() + timeout; ;) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < end, `not within ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

// Runs in the page before its own scripts: keeps every peer connection, every state it was in, and how its sockets ended.
function watch() {
  const Native = window.RTCPeerConnection;
  window.peers = [];
  window.states = [];
  window.closes = [];
  window.deviceRequests = 0;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) { super(...args); window.peers.push(this); }
  };
  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener('close', (event) => window.closes.push(event.code));
    }
  };
  const devices = navigator.mediaDevices;
  if (devices) {
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (...args) => { window.deviceRequests += 1; return ask(...args); };
  }
  addEventListener('DOMContentLoaded', () => {
    const note = () => {
      const state = document.querySelector('[data-testid=status]')?.dataset.state;
      if (state && state !== window.states.at(-1)) window.states.push(state);
    };
    new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
    note();
  });
}

const present = new Set();

/** Sends home whoever a failed test has left behind, so that the next one has the machine to itself. */
export async function sendHome() {
  await Promise.all([...present].map((person) => person.context.close()));
  present.clear();
}

export class Person {
  /** Opens the page as a new visitor. `context` are options of Playwright's newContext. */
  static async open(browser, { site = SITE, permissions = ['camera', 'microphone'], ...context } = {}) {
    const person = new Person();
    person.context = await browser.newContext({ permissions, locale: 'en-US', ...context });
    present.add(person);
    await person.context.addInitScript(watch);
    person.page = await person.context.newPage();
    person.errors = [];
    person.page.on('pageerror', (error) => person.errors.push(String(error.stack ?? error)));
    await person.page.goto(site);
    return person;
  }

  /** Opens the page and starts to search for people who like `interest`. */
  static async searching(browser, interest, options) {
    const person = await Person.open(browser, options);
    await person.choose(interest);
    await person.find('start').click();
    return person;
  }

  find(testid) { return this.page.getByTestId(testid); }

  async choose(interest) {
    await this.find('consent').check({ force: true });
    await this.find('interest-input').fill(interest);
    await this.find('interest-input').press('Enter');
    await this.find('interest-chip').filter({ hasText: new RegExp(interest, 'i') }).waitFor();
  }

  get status() { return this.page.locator('[data-testid=status]'); }

  async state(...wanted) {
    await this.page.waitForFunction(
      (states) => states.includes(document.querySelector('[data-testid=status]')?.dataset.state),
      wanted, { polling: 50, timeout: patience },
    ).catch(async () => {
      const states = await this.page.evaluate(() => window.states);
      assert.fail(`${wanted.join(' or ')} not reached; the page went through ${states.join(', ')}`);
    });
  }

  matchId() { return this.status.getAttribute('data-match-id'); }

  states() { return this.page.evaluate(() => window.states); }

  /** Forgets the states so far, so that `states` tells those that follow. */
  forgetStates() { return this.page.evaluate(() => { window.states.length = 0; }); }

  /** What came in: frames decoded, bytes and energy of the sound. */
  received() {
    return this.page.evaluate(async () => {
      const out = { frames: 0, bytes: 0, energy: 0 };
      const peer = window.peers.at(-1);
      if (!peer) return out;
      for (const s of (await peer.getStats()).values()) {
        if (s.type !== 'inbound-rtp') continue;
        if (s.kind === 'video') out.frames = s.framesDecoded ?? 0;
        else { out.bytes = s.bytesReceived ?? 0; out.energy = s.totalAudioEnergy ?? 0; }
      }
      return out;
    });
  }

  /** Bytes sent of one kind, over the whole call. */
  sent(kind) {
    return this.page.evaluate(async (wanted) => {
      let bytes = 0;
      for (const s of (await window.peers.at(-1).getStats()).values()) {
        if (s.type === 'outbound-rtp' && s.kind === wanted) bytes += s.bytesSent;
      }
      return bytes;
    }, kind);
  }

  /** The way the media takes: the candidate types of the selected pair. */
  route() {
    return this.page.evaluate(async () => {
      const stats = await window.peers.at(-1).getStats();
      const transport = [...stats.values()].find((s) => s.type === 'transport');
      const pair = stats.get(transport?.selectedCandidatePairId);
      return { local: stats.get(pair?.localCandidateId)?.candidateType, remote: stats.get(pair?.remoteCandidateId)?.candidateType };
    });
  }

  /** The mean colour of a video element, and a number that changes when the picture does. */
  picture(testid = 'remote-video') {
    return this.page.evaluate((id) => {
      const video = document.querySelector(`[data-testid=${id}]`);
      const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 24 });
      const paint = canvas.getContext('2d');
      paint.drawImage(video, 0, 0, 32, 24);
      const { data } = paint.getImageData(0, 0, 32, 24);
      const mean = [0, 0, 0];
      let print = 0;
      for (let i = 0; i < data.length; i += 4) {
        for (let c = 0; c < 3; c += 1) mean[c] += data[i + c] / (data.length / 4);
        print = (print * 31 + ((data[i] + data[i + 1] + data[i + 2]) >> 5)) >>> 0;
      }
      const names = ['red', 'green', 'blue'];
      const most = Math.max(...mean);
      return { colour: most > 40 ? names[mean.indexOf(most)] : 'black', print, mean };
    }, testid);
  }

  /** Sees moving pictures of the one whose camera shows `colour`. */
  async sees(colour) {
    const before = await this.received();
    await until(`frames of ${colour} arrive`, async () => (await this.received()).frames >= before.frames + 10);
    await until(`the picture is ${colour}`, async () => (await this.picture()).colour === colour);
    const { print } = await this.picture();
    await until('the picture moves', async () => (await this.picture()).print !== print);
  }

  async hears() {
    const before = await this.received();
    await until('sound arrives', async () => {
      const now = await this.received();
      return now.bytes > before.bytes && now.energy > before.energy;
    });
  }

  async says(text) {
    await this.find('chat-input').fill(text);
    await this.find('chat-input').press('Enter');
  }

  /** Waits for a message, as text and from whom it says it is. */
  async reads(text, from = 'peer') {
    const message = this.page.locator(`[data-testid=chat-message][data-from=${from}]`).filter({ hasText: text });
    await message.first().waitFor({ timeout: patience });
  }

  /** Ends the visit; nothing may have gone wrong in the page without being caught. */
  async leave() {
    await this.context.close();
    present.delete(this);
    assert.deepEqual(this.errors, [], 'errors in the page');
  }
}

/** Both are in one call, and each page says so with the same id. */
export async function inOneCall(one, other) {
  await Promise.all([one.state('connected'), other.state('connected')]);
  const id = await one.matchId();
  assert.ok(id, 'a match has an id');
  assert.equal(await other.matchId(), id);
  return id;
}
