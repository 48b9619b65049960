// @ts-check
/** The devices of this person: opens and closes camera, microphone and screen, and says which track is to be sent. */
/** @import { Store } from '../lib/store.js' */
/** @import { MediaProblem, MediaState, State } from '../types/state' */
/** @import { Kind } from '../call/peer.js' */

/** A strong machine sends a sharp picture, a weak one a fluent one. */
const size = () => (navigator.hardwareConcurrency > 4 ? { width: 1280, height: 720 } : { width: 640, height: 480 });

/** @param {string} id @returns {MediaTrackConstraints} */
export function videoWish(id) {
  const { width, height } = size();
  return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 }, ...(id ? { deviceId: { ideal: id } } : { facingMode: 'user' }) };
}

/** @param {string} id @returns {MediaTrackConstraints} */
export function soundWish(id) {
  return { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(id ? { deviceId: { ideal: id } } : {}) };
}

/** What to tell about a failed request. @param {unknown} error @returns {MediaProblem} */
export function problemOf(error) {
  const code = error instanceof Error ? error.name : 'UnknownError';
  if (code === 'NotAllowedError' || code === 'SecurityError') return { code, text: 'refused' };
  if (code === 'NotFoundError' || code === 'OverconstrainedError') return { code, text: 'none' };
  return { code, text: 'busy' };
}

/** Whether nothing is heard of us, by wish or for want of a microphone. @param {MediaState} media */
export const soundOff = ({ muted, soundProblem, microphone }) => muted || (soundProblem !== null && !microphone);

/** The same of the camera. @param {MediaState} media */
export const pictureOff = ({ cameraOff, problem, camera }) => cameraOff || (problem !== null && !camera);

/** What the browser says of a device without asking the person; '' where it does not say. @param {Kind} kind */
async function permission(kind) {
  try {
    const name = /** @type {PermissionName} */ (kind === 'audio' ? 'microphone' : 'camera');
    return (await navigator.permissions.query({ name })).state;
  } catch { return ''; }
}

/** @type {Kind[]} */ const kinds = ['audio', 'video'];

export class Media {
  /** @type {Partial<Record<Kind | 'screen', MediaStreamTrack>>} */ #tracks = {};
  /** @type {Promise<void> | null} */ #opening = null;
  #generation = 0;
  /** @type {Set<Kind>} refused or missing; not asked for again unless the person wants it */ #denied = new Set();

  /**
   * @param {Store<State>} store
   * @param {MediaDevices | undefined} devices
   * @param {(kind: Kind) => void} onChange   what track(kind) answers is another one now
   */
  constructor(store, devices, onChange) {
    this.store = store;
    this.devices = devices;
    this.onChange = onChange;
    devices?.addEventListener('devicechange', () => this.#devicesChanged());
  }

  get #media() { return this.store.value.media; }

  /** What is sent of this kind now. @param {Kind} kind @returns {MediaStreamTrack | null} */
  track(kind) {
    const { muted, cameraOff } = this.#media;
    if (kind === 'audio') return muted ? null : this.#tracks.audio ?? null;
    return this.#tracks.screen ?? (cameraOff ? null : this.#tracks.video ?? null);
  }

  /**
   * Opens camera and microphone, as far as they are wanted and not open. Never fails: what did is in `problem` and `soundProblem`.
   * @param {boolean} [retry] ask also for what was refused before
   */
  open(retry = false) {
    this.#opening ??= this.#open(retry).finally(() => { this.#opening = null; });
    return this.#opening;
  }

  /** Stops everything, also what is still being asked for. */
  close() {
    this.#generation += 1;
    for (const track of Object.values(this.#tracks)) this.#stop(track);
    this.#tracks = {};
    this.#opening = null;
    this.store.patch('media', { asking: false, screen: false });
    this.#publish();
  }

  /** A microphone that could not be had is asked for again. @param {boolean} muted */
  async setMuted(muted) {
    if (this.#tracks.audio) this.#tracks.audio.enabled = !muted;
    this.store.patch('media', { muted });
    if (!muted && this.#media.soundProblem) await this.#reopen('audio');
    else this.onChange('audio');
  }

  /** The camera's light goes off with it, so turning it on asks the device again. @param {boolean} cameraOff */
  async setCameraOff(cameraOff) {
    const wasOpen = this.#media.stream !== null;
    this.store.patch('media', { cameraOff });
    if (cameraOff) this.#drop('video');
    else if (wasOpen || this.#media.problem) await this.#reopen('video');
    this.onChange('video');
  }

  toggleSound() { return this.setMuted(!soundOff(this.#media)); }

  togglePicture() { return this.setCameraOff(!pictureOff(this.#media)); }

  /** @param {'camera' | 'microphone' | 'speaker'} which @param {string} id */
  async choose(which, id) {
    this.store.patch('prefs', { [which]: id });
    if (which === 'camera' && !this.#media.cameraOff) await this.#reopen('video');
    if (which === 'microphone') await this.#reopen('audio');
  }

  /** The next camera of the list, on phones the one on the other side. */
  async flip() {
    const { cameras } = this.#media.devices;
    if (cameras.length < 2) return;
    const now = this.#tracks.video?.getSettings().deviceId;
    const next = cameras[(cameras.findIndex((c) => c.deviceId === now) + 1) % cameras.length];
    if (next) await this.choose('camera', next.deviceId);
  }

  async toggleScreen() {
    if (this.#tracks.screen) { this.#drop('screen'); this.store.patch('media', { screen: false }); this.onChange('video'); return; }
    try {
      const stream = await this.devices?.getDisplayMedia({ video: true });
      const track = stream?.getVideoTracks()[0];
      if (!track) return;
      track.onended = () => { if (this.#tracks.screen === track) this.toggleScreen(); };
      this.#tracks.screen = track;
      this.store.patch('media', { screen: true });
      this.#publish();
      this.onChange('video');
    } catch { /* the person chose nothing */ }
  }

  /** @param {boolean} retry */
  async #open(retry) {
    if (retry) this.#denied.clear();
    const wants = {
      audio: !this.#tracks.audio && !this.#denied.has('audio'),
      video: !this.#tracks.video && !this.#media.cameraOff && !this.#denied.has('video'),
    };
    if (!wants.audio && !wants.video) return;
    const generation = this.#generation;
    this.store.patch('media', { asking: true });
    for (const kind of kinds) if (wants[kind]) this.#tell(kind, null);
    const problems = await this.#ask(wants, generation);
    if (generation !== this.#generation) return;
    for (const kind of kinds) if (wants[kind] && !this.#tracks[kind]) this.#denied.add(kind);
    await this.#list();
    if (generation !== this.#generation) return;
    this.store.patch('media', { asking: false });
    for (const kind of kinds) if (wants[kind]) this.#tell(kind, problems[kind]);
    this.#publish();
  }

  /** @param {Record<Kind, boolean>} wants @param {number} generation @returns {Promise<Record<Kind, MediaProblem | null>>} */
  async #ask(wants, generation) {
    const problem = await this.#try(wants, generation);
    const problems = { audio: problem, video: problem };
    if (!problem || !wants.audio || !wants.video) return problems;
    // One of the two may still be had. Not asked again where the browser would show its question a second time.
    for (const kind of kinds) {
      if (!(await this.#mayHave(kind, problem))) continue;
      problems[kind] = await this.#try({ audio: kind === 'audio', video: kind === 'video' }, generation);
      if (problems[kind] === null) break;
    }
    return problems;
  }

  /** @param {Record<Kind, boolean>} wants @param {number} generation @returns {Promise<MediaProblem | null>} */
  async #try(wants, generation) {
    if (!this.devices?.getUserMedia) return { code: 'SecurityError', text: 'insecure' };
    try { await this.#get(wants, generation); } catch (error) { return problemOf(error); }
    return null;
  }

  /** @param {Kind} kind @param {MediaProblem | null} problem */
  #tell(kind, problem) { this.store.patch('media', kind === 'video' ? { problem } : { soundProblem: problem }); }

  /** @param {Kind} kind @param {MediaProblem} problem */
  async #mayHave(kind, problem) {
    if (problem.text !== 'refused') return true;
    return await permission(kind) === 'granted';
  }

  /** @param {Record<Kind, boolean>} wants @param {number} generation */
  async #get(wants, generation) {
    const { camera, microphone } = this.store.value.prefs;
    const stream = await /** @type {MediaDevices} */ (this.devices).getUserMedia({
      audio: wants.audio && soundWish(microphone), video: wants.video && videoWish(camera),
    });
    for (const track of stream.getTracks()) {
      if (generation === this.#generation) this.#keep(/** @type {Kind} */ (track.kind), track);
      else track.stop();
    }
  }

  /** @param {Kind} kind @param {MediaStreamTrack} track */
  #keep(kind, track) {
    this.#stop(this.#tracks[kind]);
    this.#tracks[kind] = track;
    this.#denied.delete(kind);
    if (kind === 'audio') track.enabled = !this.#media.muted;
    track.onended = () => this.#endedByItself(kind, track);
  }

  /** @param {MediaStreamTrack | undefined} track */
  #stop(track) {
    if (!track) return;
    track.onended = null;
    track.stop();
  }

  /** @param {Kind | 'screen'} kind */
  #drop(kind) {
    this.#stop(this.#tracks[kind]);
    delete this.#tracks[kind];
    this.#publish();
  }

  /** Another device, or the same again; the old track goes on until the new one is there. @param {Kind} kind */
  async #reopen(kind) {
    const generation = this.#generation;
    this.#tell(kind, await this.#try({ audio: kind === 'audio', video: kind === 'video' }, generation));
    if (generation !== this.#generation) return;
    await this.#list();
    this.#publish();
    this.onChange(kind);
  }

  /** Unplugged, or taken away by the system. @param {Kind} kind @param {MediaStreamTrack} track */
  async #endedByItself(kind, track) {
    if (this.#tracks[kind] !== track) return;
    this.#drop(kind);
    this.onChange(kind);
    this.#tell(kind, { code: 'TrackEndedError', text: 'stopped' });
    await this.#list();
    if (await permission(kind) === 'denied') {
      this.#denied.add(kind);
      this.#tell(kind, { code: 'NotAllowedError', text: 'refused' });
      return;
    }
    const { cameras, microphones } = this.#media.devices;
    if ((kind === 'video' ? cameras : microphones).length > 0) await this.#reopen(kind);
  }

  async #devicesChanged() {
    await this.#list();
    const { problem, soundProblem, devices, stream } = this.#media;
    for (const [kind, trouble, there] of /** @type {const} */ ([['audio', soundProblem, devices.microphones], ['video', problem, devices.cameras]])) {
      const appeared = there.length > 0 && (trouble?.text === 'none' || (trouble?.text === 'stopped' && stream !== null));
      if (appeared && !this.#opening) await this.#reopen(kind);
    }
  }

  async #list() {
    const all = await this.devices?.enumerateDevices().catch(() => []) ?? [];
    const of = (/** @type {string} */ kind) => all.filter((d) => d.kind === kind && d.deviceId !== '');
    this.store.patch('media', { devices: { cameras: of('videoinput'), microphones: of('audioinput'), speakers: of('audiooutput') } });
  }

  /** The preview shows what is sent: a stream of its own, made anew so that the element notices. */
  #publish() {
    const { audio, video, screen } = this.#tracks;
    const tracks = [audio, screen ?? video].filter((t) => t !== undefined);
    this.store.patch('media', {
      stream: tracks.length > 0 ? new MediaStream(tracks) : null, camera: video !== undefined, microphone: audio !== undefined,
    });
  }
}
