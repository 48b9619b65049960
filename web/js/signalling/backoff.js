// @ts-check
/** How long to wait between attempts to reconnect: doubling, capped, with jitter so that many pages do not come at once. */
export class Backoff {
  #attempt = 0;

  /** @param {{ first?: number, most?: number, random?: () => number }} [options] times in milliseconds */
  constructor({ first = 200, most = 5000, random = Math.random } = {}) {
    this.first = first;
    this.most = most;
    this.random = random;
  }

  /** The next delay in milliseconds: between three quarters and five quarters of the step. */
  next() {
    const step = Math.min(this.most, this.first * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 16);
    return Math.round(step * (0.75 + this.random() / 2));
  }

  reset() { this.#attempt = 0; }
}
