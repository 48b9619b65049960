/** The frames of the protocol `seendr.v1`, as docs/protocol describes them. Types only: nothing of this is shipped. */

export type Mode = 'video' | 'audio' | 'text';
export type Policy = 'strict' | 'prefer' | 'any';

export interface SearchFields {
  interests: string[];
  languages: string[];
  regions: string[];
  mode: Mode;
  policy: Policy;
  wait: true;
  ice_policy?: 'relay';
}

export interface MediaStateFields { audio: boolean; video: boolean; screen: boolean }

/** Exactly one of the three. */
export interface Signal {
  description?: RTCSessionDescriptionInit | null;
  candidate?: RTCIceCandidateInit | null;
  renew?: true;
}

export type ClientFrame = (
  | { action: 'hello'; client?: { name: string; version: string }; resume_token?: string }
  | ({ action: 'find_match' } & SearchFields)
  | { action: 'cancel_match' }
  | ({ action: 'next'; room_id: string } & Partial<SearchFields>)
  | { action: 'leave_room'; room_id: string }
  | ({ action: 'signal'; room_id: string } & Signal)
  | { action: 'ice_servers'; room_id: string }
  | { action: 'chat_message'; room_id: string; text: string; client_msg_id: string }
  | { action: 'typing'; room_id: string; active: boolean }
  | ({ action: 'media_state'; room_id: string } & MediaStateFields)
  | { action: 'report'; room_id: string; reason: string; note?: string }
  | { action: 'block'; room_id: string }
  | { action: 'ping' }
) & { id?: string };

export interface Partner { display_name?: string; language?: string; region?: string }

export interface Wait { p50: number; p90: number }

export interface MatchFound {
  type: 'match_found';
  room_id: string;
  partner_id: string;
  polite?: boolean;
  shared_interests?: string[];
  partner?: Partner;
  ice_servers?: RTCIceServer[];
  ice_policy?: 'all' | 'relay';
}

export interface Searching {
  type: 'searching';
  waited_ms?: number;
  eta_ms?: Wait;
  candidates?: number;
  need?: number;
  next_need_in_ms?: number;
  interests?: Record<string, number>;
  online?: number;
}

export type ServerFrame = (
  | {
    type: 'welcome'; session_id?: string; resume_token?: string; heartbeat_ms?: number; server_time?: number; relay?: boolean;
    user?: { id: string; guest: boolean; display_name: string }; limits?: Record<string, number>;
  }
  | { type: 'resumed'; recovered: boolean }
  | Searching
  | MatchFound
  | { type: 'no_match_found'; reason?: string }
  | { type: 'match_cancelled'; reason?: string }
  | { type: 'partner_left'; room_id: string; reason?: string }
  | { type: 'partner_state'; room_id: string; state: 'reconnecting' | 'reconnected'; grace_ms?: number }
  | ({ type: 'signal'; room_id: string; from?: string } & Signal)
  | { type: 'chat_message'; room_id: string; text: string; client_msg_id?: string; from?: string }
  | { type: 'typing'; room_id: string; active: boolean }
  | ({ type: 'media_state'; room_id: string } & MediaStateFields)
  | { type: 'message_ack'; client_msg_id?: string }
  | { type: 'report_ack' }
  | { type: 'ack'; block_id?: string }
  | { type: 'ice_servers'; ice_servers: RTCIceServer[]; ttl_s?: number }
  | { type: 'go_away'; action: 'resume' | 'reconnect' | 'disconnect'; after_ms?: number }
  | { type: 'room_closed'; room_id: string; reason?: string; duration_ms?: number }
  | { type: 'pong'; server_time?: number }
  | { type: 'error'; code: string; message?: string; temporary?: boolean; retry_after_ms?: number }
) & { id?: string; seq?: number };

export interface User {
  id: string;
  guest: boolean;
  display_name: string;
  languages?: string[];
  region?: string | null;
  interests?: string[];
}

export interface InterestItem { slug: string; name: string; group?: string; searching?: number }

export interface Presence { online?: number; searching?: number; usual_by_hour?: number[] | null; wait_ms?: Wait | null; host?: string; /** Whether the server has a relay; unknown when absent. */ relay?: boolean }
