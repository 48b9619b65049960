// @ts-check
/** How good a connection is, from two samples of getStats(): a level, and whether a relay is on the way. */

/** @typedef {'good' | 'fair' | 'poor'} Level */

/**
 * @typedef {object} Sample counters and states at one moment
 * @property {number} at            milliseconds
 * @property {number} bytes         received, audio and video
 * @property {number} packets       received
 * @property {number} lost          of those sent to us
 * @property {number} frozen        times the picture froze
 * @property {number} roundTrip     seconds, 0 when unknown
 * @property {number} remoteLoss    share of what we send that is lost, 0 to 1
 * @property {'direct' | 'relay'} route
 */

/** @param {Iterable<any>} stats the values of an RTCStatsReport @param {number} at @returns {Sample} */
export function sample(stats, at) {
  const all = [...stats];
  const byId = new Map(all.map((s) => [s.id, s]));
  /** @type {Sample} */ const out = { at, bytes: 0, packets: 0, lost: 0, frozen: 0, roundTrip: 0, remoteLoss: 0, route: 'direct' };
  for (const s of all) {
    if (s.type === 'inbound-rtp') {
      out.bytes += s.bytesReceived ?? 0;
      out.packets += s.packetsReceived ?? 0;
      out.lost += s.packetsLost ?? 0;
      out.frozen += s.freezeCount ?? 0;
    } else if (s.type === 'remote-inbound-rtp') {
      out.remoteLoss = Math.max(out.remoteLoss, s.fractionLost ?? 0);
    } else if (s.type === 'transport' && s.selectedCandidatePairId) {
      const pair = byId.get(s.selectedCandidatePairId);
      out.roundTrip = pair?.currentRoundTripTime ?? 0;
      const ends = [byId.get(pair?.localCandidateId), byId.get(pair?.remoteCandidateId)];
      if (ends.some((end) => end?.candidateType === 'relay')) out.route = 'relay';
    }
  }
  return out;
}

/**
 * The level between two samples. Silence alone is no fault: somebody without devices sends nothing.
 * @param {Sample} before @param {Sample} now @param {boolean} expectsMedia the other side says that it sends something
 * @returns {{ level: Level, silent: boolean }}
 */
export function assess(before, now, expectsMedia) {
  const packets = now.packets - before.packets;
  const lost = Math.max(0, now.lost - before.lost);
  const loss = Math.max(packets + lost > 0 ? lost / (packets + lost) : 0, now.remoteLoss);
  const silent = expectsMedia && now.bytes === before.bytes;
  const freezes = now.frozen - before.frozen;
  if (silent || loss > 0.1 || now.roundTrip > 0.8 || freezes > 1) return { level: 'poor', silent };
  if (loss > 0.03 || now.roundTrip > 0.35 || freezes > 0) return { level: 'fair', silent };
  return { level: 'good', silent };
}

/** Whether the way out is so narrow that the picture only harms the sound. @param {Sample} now */
export function starved(now) { return now.remoteLoss > 0.15 && now.roundTrip > 0.5; }
