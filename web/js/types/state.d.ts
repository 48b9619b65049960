/** What the page knows at one moment. Views draw it and nothing else. */
import type { Mode, Policy, Presence, Searching, User, MediaStateFields } from './protocol';

export type Phase =
  | 'idle' | 'requesting-media' | 'searching' | 'connecting' | 'connected' | 'reconnecting' | 'peer-left' | 'error';

export interface Interest { slug: string; name: string }

/** What a person chose, kept between visits. */
export interface Prefs {
  consent: boolean;
  interests: Interest[];
  languages: string[];
  region: string;
  hideAddress: boolean;
  keys: boolean;
  theme: 'system' | 'light' | 'dark';
  page: string;
  camera: string;
  microphone: string;
  speaker: string;
}

export interface DeviceList { cameras: MediaDeviceInfo[]; microphones: MediaDeviceInfo[]; speakers: MediaDeviceInfo[] }

/** Something went wrong with the devices; `code` is the name of the DOMException. */
export interface MediaProblem { code: string; text: 'refused' | 'none' | 'busy' | 'stopped' | 'insecure' }

export interface MediaState {
  asking: boolean;
  /** The local picture and sound, for the preview; null when nothing is open. */
  stream: MediaStream | null;
  camera: boolean;
  microphone: boolean;
  /** Chosen by the person; both hold from call to call. */
  muted: boolean;
  cameraOff: boolean;
  screen: boolean;
  /** With the camera. */
  problem: MediaProblem | null;
  /** With the microphone. */
  soundProblem: MediaProblem | null;
  devices: DeviceList;
}

export interface SearchState extends Partial<Omit<Searching, 'type'>> {
  since: number;
  policy: Policy;
  anyLanguage: boolean;
  /** When `need` sinks, in milliseconds of our own clock. */
  nextNeedAt?: number;
  notify: boolean;
}

export interface MatchState {
  roomId: string;
  mode: Mode;
  name: string;
  language: string;
  region: string;
  shared: string[];
  hidden: boolean;
  /** First moment of `connected`, our clock; 0 before. */
  since: number;
  /** Last moment, once it is over. */
  until: number;
  /** How it ended: a key below `left.title.`, once it has. `over` is by ourselves. */
  ended: 'left' | 'lost' | 'over';
  /** What we said of the partner, so far as the server did not refuse it. */
  blocked: boolean;
  reported: boolean;
  remote: MediaStream | null;
  partner: MediaStateFields;
  /** Whether media passes at this moment. */
  flowing: boolean;
  blockId: string;
}

/** Somebody's line is gone: the partner's, our own, or the way between. */
export interface Hold { who: 'partner' | 'self' | 'media'; until: number; total: number }

export interface Message { id: string; from: 'me' | 'peer' | 'system'; text: string; waiting: boolean }

export interface ChatState { messages: Message[]; unread: number; open: boolean; typing: boolean }

export interface Quality { level: 'good' | 'fair' | 'poor'; route: 'direct' | 'relay'; silent: boolean; saving: boolean }

/** Why nothing goes on: a key below `stop.`. */
export interface Problem { code: string; retryAt: number }

export interface State {
  phase: Phase;
  prefs: Prefs;
  user: User | null;
  mode: Mode;
  online: boolean;
  media: MediaState;
  presence: Presence;
  search: SearchState;
  match: MatchState | null;
  hold: Hold | null;
  chat: ChatState;
  quality: Quality | null;
  problem: Problem | null;
  /** A thing just done, said once: a key below `notice.`. */
  notice: { key: string; name: string } | null;
}
