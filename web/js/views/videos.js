// @ts-check
/**
 * The two video elements, one of each for the whole visit; views lend them a place. The partner's sound has an element
 * of its own: a video element stays silent until its first picture, and whoever has no camera never sends one.
 */
/** @import { State } from '../types/state' */
import { h, mark } from '../lib/dom.js';

export class Videos {
  constructor() {
    this.local = video('local-video');
    this.local.muted = true;
    this.local.defaultMuted = true;
    this.remote = video('remote-video');
    this.remote.muted = true;
    this.sound = h('audio', { autoplay: true });
    /** Where an element waits that no view shows. */
    this.park = h('div', { hidden: true }, this.local, this.remote, this.sound);
  }

  /** Moves an element into a place, or back to the park. @param {'local' | 'remote'} which @param {HTMLElement | null} slot */
  place(which, slot) {
    const element = this[which];
    const home = slot ?? this.park;
    if (element.parentElement === home) return;
    home.prepend(element);
    play(element); // moving an element pauses it
  }

  /** @param {State} state */
  update({ media, match, prefs }) {
    show(this.local, media.stream);
    show(this.remote, match?.remote ?? null);
    show(this.sound, match?.remote ?? null);
    mark(this.local, 'data-screen', media.screen);
    const sound = /** @type {HTMLAudioElement & { setSinkId?: (id: string) => Promise<void>, sinkId?: string }} */ (this.sound);
    if (sound.setSinkId && sound.sinkId !== prefs.speaker) sound.setSinkId(prefs.speaker).catch(() => {});
  }
}

/** @param {string} testid */
function video(testid) { return h('video', { 'data-testid': testid, autoplay: true, playsInline: true, disableRemotePlayback: true }); }

/** @param {HTMLMediaElement} element @param {MediaStream | null} stream */
function show(element, stream) {
  if (element.srcObject === stream) return;
  element.srcObject = stream;
  if (stream) play(element);
}

/** @param {HTMLMediaElement} element */
function play(element) {
  if (element.srcObject) element.play().catch((error) => { if (error?.name === 'NotAllowedError') playLater(element); });
}

/** The browser wants a gesture before anything is heard: the next one starts what waits. @param {HTMLMediaElement} element */
function playLater(element) {
  const gestures = ['pointerup', 'keydown'];
  const again = () => {
    for (const gesture of gestures) removeEventListener(gesture, again, true);
    play(element);
  };
  for (const gesture of gestures) addEventListener(gesture, again, true);
}
