// @ts-check
/**
 * The main road of the page: from Start to a search, to a match, to the next one. Knows no DOM; views call its methods
 * and draw the store.
 */
/** @import { MatchFound, Mode, SearchFields, ServerFrame } from '../types/protocol' */
/** @import { MatchState, State } from '../types/state' */
/** @import { Store } from '../lib/store.js' */
/** @import { Api } from './api.js' */
/** @import { Media } from './media.js' */
/** @import { Link, Options } from '../signalling/signalling.js' */
/** @import { RoomEnv } from './room.js' */
import { RequestError, Signalling } from '../signalling/signalling.js';
import { ApiError } from './api.js';
import { anyLanguage } from './prefs.js';
import { Room } from './room.js';
import { freshSearch } from './state.js';

/**
 * @typedef {object} VisitEnv
 * @property {Store<State>} store
 * @property {Api} api
 * @property {Media} media
 * @property {Omit<Options, 'signIn' | 'onFrame' | 'onLink'>} signalling
 * @property {RoomEnv['makeCall']} makeCall
 * @property {RoomEnv['makeStream']} makeStream
 */

const nextGuard = 500; // milliseconds in which a second press of Next is taken for a slip
const returnLimit = 2000; // milliseconds after `welcome` in which the server puts us back into our room
const crossing = 2000; // milliseconds in which `match_found` follows an `already_in_room` that crossed it
const mostSearches = 3; // tries of one search that the server cannot take just now

export class Visit {
  /** @type {Room | null} */ #room = null;
  /** @type {Set<string>} rooms that we left while the server could not hear it */ #abandoned = new Set();
  #turn = 0;
  #lastNext = -Infinity;
  #signedIn = false;
  #hide = false; // this visit is to hide the address
  /** @type {any} */ #returnTimer;

  /** @param {VisitEnv} env */
  constructor(env) {
    this.env = env;
    this.store = env.store;
    this.signalling = new Signalling({
      ...env.signalling,
      signIn: async () => { this.#signedIn = false; await this.#signIn(); },
      onFrame: (frame) => this.#receive(frame),
      onLink: (link) => this.#linkChanged(link),
    });
  }

  get room() { return this.#room; }

  /** Opens the devices, unless only text is wanted, signs in and searches. @param {Mode} mode */
  async start(mode) {
    const { phase } = this.store.value;
    if (phase !== 'idle' && phase !== 'error' && phase !== 'peer-left') return;
    const turn = ++this.#turn;
    const text = mode === 'text';
    const { prefs, presence } = this.store.value;
    this.#hide = prefs.hideAddress && presence.relay !== false;
    this.store.set({ mode, phase: text ? 'searching' : 'requesting-media', problem: null, notice: null, match: null, search: freshSearch(Date.now()) });
    const signedIn = this.#signIn();
    signedIn.catch(() => {});
    if (text) this.env.media.close();
    else await this.env.media.open();
    if (turn !== this.#turn) return;
    this.store.set({ phase: 'searching', search: freshSearch(Date.now()) });
    try {
      await signedIn;
      if (turn === this.#turn) this.#search();
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /** Leaves whoever is there and searches again, in one step. */
  next() {
    const now = Date.now();
    if (now - this.#lastNext < nextGuard) return;
    const { phase, mode } = this.store.value;
    if (phase === 'idle' || phase === 'requesting-media') return;
    this.#lastNext = now;
    if (phase === 'error') { this.start(mode); return; }
    this.#moveOn();
  }

  /** Ends everything; camera and microphone go off. */
  stop() {
    this.#leave();
    this.env.media.close();
  }

  /** Back to the fields, with the preview still open. */
  edit() { this.#leave(); }

  /** The page goes away: the other side should know at once. */
  farewell() {
    const room = this.#room;
    if (room) this.signalling.send({ action: 'leave_room', room_id: room.id });
    this.signalling.close();
    room?.close();
    this.#room = null;
  }

  /** Anybody will do from now on. */
  anyone() { this.#widen({ policy: 'any' }); }

  anyLanguage() { this.#widen({ anyLanguage: true }); }

  /** @param {Partial<State['search']>} change */
  #widen(change) {
    if (this.store.value.phase !== 'searching') return;
    this.store.patch('search', change);
    this.#search();
  }

  /** Blocks at once and ends the call. It can be undone for as long as the notice stands. */
  async block() {
    const match = this.store.value.match;
    if (!match) return;
    const answer = this.signalling.request({ action: 'block', room_id: match.roomId });
    this.#endRoom('over', true);
    this.store.patch('match', { blocked: true });
    try {
      const ack = await answer;
      this.#patchMatch(match, { blockId: ack.type === 'ack' ? ack.block_id ?? '' : '' });
    } catch {
      this.#patchMatch(match, { blocked: false });
      this.store.set({ notice: { key: 'block_failed', name: match.name } });
    }
  }

  async undoBlock() {
    const match = this.store.value.match;
    if (!match?.blockId) return;
    try {
      await this.env.api.undoBlock(match.blockId);
      this.store.patch('match', { blockId: '', blocked: false });
      this.store.set({ notice: { key: 'unblocked', name: match.name } });
    } catch {
      this.store.set({ notice: { key: 'failed', name: match.name } });
    }
  }

  /** Reports, and ends the call. @param {string} reason @param {string} note @param {boolean} blockToo */
  async report(reason, note, blockToo) {
    const match = this.store.value.match;
    if (!match) return;
    const room_id = match.roomId;
    const answer = this.signalling.request({ action: 'report', room_id, reason, ...(note ? { note } : {}) });
    const block = blockToo ? this.signalling.request({ action: 'block', room_id }) : null;
    this.#endRoom('over', true);
    this.store.patch('match', { reported: true, blocked: blockToo || match.blocked });
    const [reported, blocked] = (await Promise.allSettled([answer, block])).map(({ status }) => status === 'fulfilled');
    // What did not reach the server is offered again.
    if (!reported) this.#patchMatch(match, { reported: false });
    if (!blocked) this.#patchMatch(match, { blocked: match.blocked });
    this.store.set({ notice: { key: !reported ? 'report_failed' : blocked ? 'reported' : 'block_failed', name: match.name } });
  }

  /** Says something about a match, unless another one has come since. @param {MatchState} match @param {Partial<MatchState>} change */
  #patchMatch({ roomId }, change) {
    if (this.store.value.match?.roomId === roomId) this.store.patch('match', change);
  }

  /** What is searched for: choices of the person and how far they were widened. @returns {SearchFields} */
  #fields() {
    const { prefs, search, mode } = this.store.value;
    return {
      interests: prefs.interests.map((i) => i.slug), languages: search.anyLanguage ? anyLanguage(prefs.languages) : prefs.languages,
      regions: prefs.region ? [prefs.region] : [], mode, policy: search.policy, wait: true,
      ...(this.#hide ? { ice_policy: 'relay' } : {}),
    };
  }

  async #signIn() {
    const { prefs } = this.store.value;
    const who = { adult: prefs.consent, languages: prefs.languages, ...(prefs.region ? { region: prefs.region } : {}) };
    if (!this.#signedIn) {
      const known = await this.env.api.me();
      const user = known ?? await this.env.api.guest(who);
      this.store.set({ user });
      this.#signedIn = true;
      if (known) await this.env.api.changeMe(who).catch(() => {});
    }
    await this.env.api.putInterests(prefs.interests.map((i) => i.slug)).catch((/** @type {ApiError} */ error) => {
      if (error.status === 401) this.#signedIn = false;
    });
  }

  /** Says find_match now, or as soon as the line is open. */
  #search() {
    if (this.signalling.link.state === 'open') this.#find(0);
    else this.signalling.open();
  }

  /** @param {number} tries */
  async #find(tries) {
    // Not known at Start: nobody's address is given away unasked.
    if (this.#hide && this.store.value.presence.relay === false) { this.#stopFor('no_relay'); return; }
    const turn = this.#turn;
    try {
      this.#searchAnswered(await this.signalling.request({ action: 'find_match', ...this.#fields() }));
    } catch (error) {
      if (turn === this.#turn && this.store.value.phase === 'searching') this.#searchRefused(error, tries);
    }
  }

  /** @param {ServerFrame} frame */
  #searchAnswered(frame) {
    if (frame.type === 'no_match_found') setTimeout(() => { if (this.store.value.phase === 'searching') this.#search(); }, 2000);
  }

  /** @param {unknown} error @param {number} tries */
  async #searchRefused(error, tries) {
    const code = error instanceof RequestError ? error.code : 'internal';
    if (code === 'lost') return; // the line comes back
    if (code === 'already_in_room') { this.#waitForMatch(error); return; }
    if (code === 'forbidden' && tries === 0) {
      await this.env.api.changeMe({ adult: true }).catch(() => {});
      this.#find(1);
    } else if ((code === 'overloaded' || code === 'internal' || code === 'timeout') && tries < mostSearches) {
      const wait = error instanceof RequestError ? error.retryAfterMs ?? 2000 : 2000;
      setTimeout(() => { if (this.store.value.phase === 'searching') this.#find(tries + 1); }, wait);
    } else {
      this.#fail(error);
    }
  }

  /** Either `match_found` is on its way, or the call is one of another page. @param {unknown} error */
  #waitForMatch(error) {
    const turn = this.#turn;
    setTimeout(() => { if (turn === this.#turn && this.store.value.phase === 'searching') this.#fail(error); }, crossing);
  }

  /** From a room or the state after one to the next search. @param {string} [notice] */
  #moveOn(notice) {
    const room = this.#room;
    const { match } = this.store.value;
    this.#closeRoom();
    this.#turn += 1;
    const { policy, anyLanguage, notify } = this.store.value.search;
    this.store.set({
      phase: 'searching', match: null, problem: null, search: freshSearch(Date.now(), { policy, anyLanguage, notify }),
      notice: notice ? { key: notice, name: match?.name ?? '' } : null,
    });
    if (!room) this.#search();
    else if (this.signalling.link.state === 'open') this.#nextFrom(room.id);
    else this.#abandoned.add(room.id);
  }

  /** @param {string} roomId */
  async #nextFrom(roomId) {
    const turn = this.#turn;
    try {
      this.#searchAnswered(await this.signalling.request({ action: 'next', room_id: roomId, ...this.#fields() }));
    } catch (error) {
      this.signalling.send({ action: 'leave_room', room_id: roomId });
      if (turn !== this.#turn || this.store.value.phase !== 'searching') return;
      const code = error instanceof RequestError ? error.code : '';
      // The partner was faster: the room is gone, and what is left of the step is a search.
      if (code === 'not_in_room' || code === 'not_found' || code === 'forbidden') this.#find(0);
      else this.#searchRefused(error, 0);
    }
  }

  #leave() {
    const { phase } = this.store.value;
    this.#turn += 1;
    const room = this.#room;
    this.#closeRoom();
    if (room && !this.signalling.send({ action: 'leave_room', room_id: room.id })) this.#abandoned.add(room.id);
    if (phase === 'searching') this.signalling.send({ action: 'cancel_match' });
    this.store.set({ phase: 'idle', match: null, problem: null, notice: null });
  }

  #closeRoom() {
    clearTimeout(this.#returnTimer);
    this.#room?.close();
    this.#room = null;
  }

  /** The match is over and its picture stays until the person goes on. @param {MatchState['ended']} ended @param {boolean} tell */
  #endRoom(ended, tell) {
    const room = this.#room;
    if (!room) return; // it is over already, and how it ended stays as it was
    this.#closeRoom();
    if (tell && !this.signalling.send({ action: 'leave_room', room_id: room.id })) this.#abandoned.add(room.id);
    this.store.set({ phase: 'peer-left', notice: null });
    this.store.patch('match', { ended });
  }

  /** @param {unknown} error */
  #fail(error) {
    const known = error instanceof RequestError || error instanceof ApiError;
    this.#stopFor(known ? error.code : 'internal', known ? error.retryAfterMs : undefined);
  }

  /** @param {string} code @param {number} [retryAfterMs] */
  #stopFor(code, retryAfterMs) {
    this.#turn += 1;
    this.#closeRoom();
    this.store.set({ phase: 'error', match: null, problem: { code, retryAt: retryAfterMs ? Date.now() + retryAfterMs : 0 } });
  }

  /** @param {Link} link */
  #linkChanged(link) {
    this.store.set({ online: link.state !== 'lost' });
    if (link.state === 'open') this.#linkOpen();
    else if (link.state === 'lost') { clearTimeout(this.#returnTimer); this.#room?.linkLost(); }
    else if (link.state === 'stopped' && this.store.value.phase !== 'idle') this.#stopFor(link.reason ?? 'refused');
  }

  #linkOpen() {
    if (this.#room) this.#returnTimer = setTimeout(() => this.#endRoom('lost', true), returnLimit);
    else if (this.store.value.phase === 'searching') this.#find(0);
  }

  /** @param {ServerFrame} frame */
  #receive(frame) {
    if ('room_id' in frame && frame.type !== 'match_found' && frame.room_id !== this.#room?.id) return;
    switch (frame.type) {
      case 'welcome': this.store.patch('presence', { relay: frame.relay }); break;
      case 'match_found': this.#matched(frame); break;
      case 'searching': this.#progress(frame); break;
      case 'match_cancelled': this.#cancelled(frame.reason ?? ''); break;
      case 'partner_left': this.#partnerLeft(frame.reason ?? ''); break;
      case 'room_closed': this.#endRoom('left', false); break;
      default: this.#room?.receive(frame);
    }
  }

  /** @param {MatchFound} frame */
  #matched(frame) {
    if (this.#room?.id === frame.room_id) {
      clearTimeout(this.#returnTimer);
      this.#room.linkBack(frame);
      return;
    }
    const { phase, mode } = this.store.value;
    if (this.#abandoned.delete(frame.room_id)) {
      if (phase === 'searching') this.#nextFrom(frame.room_id);
      else this.signalling.send({ action: 'leave_room', room_id: frame.room_id });
      return;
    }
    if (phase !== 'searching' && !this.#room) { // it crossed our cancel_match
      this.signalling.send({ action: 'leave_room', room_id: frame.room_id });
      return;
    }
    this.#closeRoom();
    this.#turn += 1;
    this.#room = new Room({
      store: this.store, makeCall: this.env.makeCall, makeStream: this.env.makeStream,
      send: (f) => this.signalling.send(f), request: (f) => this.signalling.request(f),
      track: (kind) => this.env.media.track(kind),
      onFailed: () => this.#connectionFailed(),
    }, frame, mode);
  }

  #connectionFailed() {
    if (this.signalling.link.state === 'open') this.#moveOn('no_connection');
    else this.#endRoom('lost', true);
  }

  /** @param {ServerFrame & { type: 'searching' }} frame */
  #progress(frame) {
    if (this.store.value.phase !== 'searching') return;
    const { type, id, seq, ...progress } = frame;
    const nextNeedAt = frame.next_need_in_ms === undefined ? undefined : Date.now() + frame.next_need_in_ms;
    this.store.patch('search', { ...progress, nextNeedAt });
  }

  /** @param {string} reason */
  #cancelled(reason) {
    if (this.store.value.phase !== 'searching') return;
    if (reason === 'replaced') this.#stopFor('replaced');
    else if (reason === 'partner_lost') this.#find(0);
  }

  /** Somebody who never came is no loss: the search goes on. @param {string} reason */
  #partnerLeft(reason) {
    const { match } = this.store.value;
    if (match?.since === 0 && reason === 'timeout') {
      this.#closeRoom();
      this.store.set({ phase: 'searching', match: null, search: { ...this.store.value.search } });
      this.#find(0);
      return;
    }
    this.#endRoom(reason === 'timeout' ? 'lost' : 'left', false);
  }
}
