// @ts-check
/** The state of a page at load. */
/** @import { MatchState, Prefs, SearchState, State } from '../types/state' */
/** @import { MatchFound, Mode } from '../types/protocol' */

/** @param {Prefs} prefs @returns {State} */
export function initialState(prefs) {
  return {
    phase: 'idle', prefs, user: null, mode: 'video', online: true,
    media: {
      asking: false, stream: null, camera: false, microphone: false, muted: false, cameraOff: false, screen: false,
      problem: null, soundProblem: null, devices: { cameras: [], microphones: [], speakers: [] },
    },
    presence: {}, search: freshSearch(0), match: null, hold: null,
    chat: freshChat(), quality: null, problem: null, notice: null,
  };
}

/** @param {number} now @param {Partial<SearchState>} [kept] @returns {SearchState} */
export function freshSearch(now, kept = {}) {
  return { since: now, policy: 'prefer', anyLanguage: false, notify: false, ...kept };
}

/** @returns {State['chat']} */
export function freshChat() { return { messages: [], unread: 0, open: false, typing: false }; }

/** @param {MatchFound} frame @param {Mode} mode @returns {MatchState} */
export function freshMatch(frame, mode) {
  return {
    roomId: frame.room_id, mode, name: frame.partner?.display_name ?? '', language: frame.partner?.language ?? '',
    region: frame.partner?.region ?? '', shared: frame.shared_interests ?? [], hidden: frame.ice_policy === 'relay',
    since: 0, until: 0, ended: 'left', blocked: false, reported: false, remote: null, partner: { audio: true, video: true, screen: false },
    flowing: false, blockId: '',
  };
}
