// @ts-check
/**
 * One peer connection: perfect negotiation with roles that the server assigns. Only the impolite side makes the first
 * offer, and the polite side adds nothing before it has that offer, so that the first exchange cannot collide.
 */
/** @import { Signal } from '../types/protocol' */

/** @typedef {'audio' | 'video'} Kind */

/**
 * @typedef {object} PeerOptions
 * @property {boolean} polite
 * @property {RTCConfiguration} config
 * @property {(kind: Kind) => MediaStreamTrack | null} track   what is sent now; asked once, when the senders are made
 * @property {(signal: Signal) => void} send
 * @property {(state: RTCPeerConnectionState) => void} onState
 * @property {(track: MediaStreamTrack) => void} onTrack
 * @property {new (config: RTCConfiguration) => RTCPeerConnection} [Connection]
 */

/** @param {string | undefined} sdp */
const fingerprint = (sdp) => /^a=fingerprint:(.*)$/m.exec(sdp ?? '')?.[1]?.trim().toLowerCase();

export class Peer {
  #makingOffer = false;
  #ignoreOffer = false;
  #settingAnswer = false;
  #closed = false;
  #restartWanted = false;
  /** @type {string | undefined} */ #identity;
  /** @type {Map<Kind, RTCRtpSender>} */ #senders = new Map();

  /** @param {PeerOptions} options */
  constructor(options) {
    this.options = options;
    const Connection = options.Connection ?? RTCPeerConnection;
    const pc = this.pc = new Connection(options.config);
    pc.onicecandidate = ({ candidate }) => { if (candidate) this.#send({ candidate: candidate.toJSON() }); };
    pc.ontrack = ({ track }) => { if (!this.#closed) options.onTrack(track); };
    pc.onnegotiationneeded = () => this.#offer();
    pc.onconnectionstatechange = () => { if (!this.#closed) options.onState(pc.connectionState); };
    if (!options.polite) {
      for (const kind of /** @type {Kind[]} */ (['audio', 'video'])) {
        const { sender } = pc.addTransceiver(kind, { direction: 'sendrecv' });
        this.#attach(kind, sender);
      }
    }
  }

  /** Sends another track of the same kind from now on, or nothing at all; needs no negotiation. @param {Kind} kind @param {MediaStreamTrack | null} track */
  async replace(kind, track) {
    const sender = this.#senders.get(kind);
    if (sender && !this.#closed) await sender.replaceTrack(track).catch(() => {});
  }

  /** @param {Kind} kind */
  sender(kind) { return this.#senders.get(kind); }

  /**
   * Takes one signal of the other side; the caller hands them over one after another. False: the other side speaks with
   * a new identity, so this connection cannot go on.
   * @param {Signal} signal
   */
  async handle({ description, candidate, renew }) {
    if (this.#closed) return true;
    if (renew) this.renew();
    else if (candidate) await this.#addCandidate(candidate);
    else if (description) return this.#describe(description);
    return true;
  }

  /** An ICE restart, made by the impolite side; the polite one asks for it. @param {RTCIceServer[]} [iceServers] fresh credentials */
  renew(iceServers) {
    if (this.#closed) return;
    const { pc } = this;
    if (iceServers) pc.setConfiguration({ ...pc.getConfiguration(), iceServers });
    if (this.options.polite) { this.#send({ renew: true }); return; }
    if (pc.signalingState === 'have-local-offer') {
      // The other side lost our offer, or its answer was lost: say it again and restart once it is answered.
      this.#restartWanted = true;
      this.#send({ description: pc.localDescription });
    } else {
      pc.restartIce();
    }
  }

  /** Ends the connection. The local tracks live on. */
  close() {
    this.#closed = true;
    this.pc.close();
  }

  /** @param {Signal} signal */
  #send(signal) { if (!this.#closed) this.options.send(signal); }

  /** @param {Kind} kind @param {RTCRtpSender} sender */
  #attach(kind, sender) {
    this.#senders.set(kind, sender);
    const track = this.options.track(kind);
    if (track) sender.replaceTrack(track).catch(() => {});
  }

  /** The polite side answers with what it has, in the lines of the offer. */
  #attachToOffer() {
    for (const transceiver of this.pc.getTransceivers()) {
      const kind = /** @type {Kind} */ (transceiver.receiver.track.kind);
      if (this.#senders.has(kind)) continue;
      transceiver.direction = 'sendrecv';
      this.#attach(kind, transceiver.sender);
    }
  }

  async #offer() {
    if (this.#closed || (this.options.polite && this.pc.remoteDescription === null)) return;
    try {
      this.#makingOffer = true;
      await this.pc.setLocalDescription();
      this.#send({ description: this.pc.localDescription });
    } catch (error) {
      if (!this.#closed) console.warn('offer', error);
    } finally {
      this.#makingOffer = false;
    }
  }

  /** @param {RTCIceCandidateInit} candidate */
  async #addCandidate(candidate) {
    try { await this.pc.addIceCandidate(candidate); } catch (error) { if (!this.#ignoreOffer) throw error; }
  }

  /** @param {RTCSessionDescriptionInit} description @returns {Promise<boolean>} */
  async #describe(description) {
    const { pc } = this, { polite } = this.options;
    const identity = fingerprint(description.sdp);
    if (this.#identity !== undefined && identity !== undefined && identity !== this.#identity) return false;
    const ready = !this.#makingOffer && (pc.signalingState === 'stable' || this.#settingAnswer);
    this.#ignoreOffer = description.type === 'offer' && !ready && !polite;
    if (this.#ignoreOffer) return true;
    if (description.type === 'answer' && pc.signalingState !== 'have-local-offer') return true; // an offer said twice is answered twice
    this.#settingAnswer = description.type === 'answer';
    try { await pc.setRemoteDescription(description); } finally { this.#settingAnswer = false; }
    this.#identity = identity;
    if (description.type === 'offer') {
      this.#attachToOffer();
      await pc.setLocalDescription();
      this.#send({ description: pc.localDescription });
    } else if (this.#restartWanted) {
      this.#restartWanted = false;
      pc.restartIce();
    }
    return true;
  }
}
