// @ts-check
/** The requests of the page to the server it came from. */
/** @import { InterestItem, Presence, User } from '../types/protocol' */

/** A request that did not succeed; `code` is the server's, or `offline` when no answer came. */
export class ApiError extends Error {
  /** @param {string} code @param {number} status @param {number} [retryAfterMs] @param {any} [body] */
  constructor(code, status, retryAfterMs, body) {
    super(code);
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.body = body;
  }
}

const limit = 10000; // milliseconds for any answer

export class Api {
  /** @param {typeof fetch} [fetcher] */
  constructor(fetcher = (...a) => fetch(...a)) { this.fetch = fetcher; }

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  async ask(method, path, body) {
    /** @type {Response} */ let answer;
    try {
      answer = await this.fetch(`/api/v1/${path}`, {
        method, credentials: 'same-origin', signal: AbortSignal.timeout(limit),
        ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
      });
    } catch {
      throw new ApiError('offline', 0);
    }
    const json = await answer.json().catch(() => null);
    if (!answer.ok) {
      const seconds = Number(answer.headers.get('Retry-After')) || Number(json?.retry_after) || 0;
      throw new ApiError(json?.code ?? (answer.status === 429 ? 'rate_limited' : 'internal'), answer.status, seconds * 1000, json);
    }
    return json;
  }

  /** The person behind our session, or null without one. @returns {Promise<User | null>} */
  async me() {
    try { return (await this.ask('GET', 'me')).user; } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  }

  /** @param {{ adult: boolean, languages: string[], region?: string }} who @returns {Promise<User>} */
  async guest(who) { return (await this.ask('POST', 'auth/guest', who)).user; }

  /** @param {{ adult?: boolean, languages?: string[], region?: string }} changes @returns {Promise<User>} */
  async changeMe(changes) { return (await this.ask('PATCH', 'me', changes))?.user; }

  /** Both throw status 400 for a link that was used or is too old. @param {string} token */
  async verifyEmail(token) { await this.ask('POST', 'auth/verify-email', { token }); }

  /** @param {string} token @param {string} password */
  async newPassword(token, password) { await this.ask('POST', 'auth/reset-password/confirm', { token, password }); }

  /** @param {string[]} interests slugs */
  async putInterests(interests) { await this.ask('PUT', 'me/interests', { interests }); }

  /** @param {string} prefix @param {string} lang @returns {Promise<InterestItem[]>} */
  async interests(prefix, lang) {
    return (await this.ask('GET', `interests?prefix=${encodeURIComponent(prefix)}&lang=${encodeURIComponent(lang)}`))?.items ?? [];
  }

  /** @returns {Promise<Presence>} */
  async presence() { return (await this.ask('GET', 'presence')) ?? {}; }

  /** @param {string} blockId */
  async undoBlock(blockId) { await this.ask('DELETE', `blocks/${encodeURIComponent(blockId)}`); }
}
