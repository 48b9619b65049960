// @ts-check
/**
 * A value, and those who want to know when it changes. Patches made in one turn are told together.
 * @template {object} T
 */
export class Store {
  #value;
  /** @type {Set<(value: T, before: T) => void>} */ #listeners = new Set();
  /** @type {T | undefined} the value that listeners saw last */ #told;

  /** @param {T} value */
  constructor(value) { this.#value = value; }

  get value() { return this.#value; }

  /** @param {Partial<T>} patch */
  set(patch) {
    const before = this.#value;
    this.#value = { ...before, ...patch };
    if (this.#told !== undefined) return;
    this.#told = before;
    queueMicrotask(() => {
      const told = /** @type {T} */ (this.#told);
      this.#told = undefined;
      for (const listener of this.#listeners) listener(this.#value, told);
    });
  }

  /** Patches one branch that is an object itself. @template {keyof T} K @param {K} key @param {Partial<T[K]>} patch */
  patch(key, patch) { this.set(/** @type {Partial<T>} */ ({ [key]: { ...this.#value[key], ...patch } })); }

  /** @param {(value: T, before: T) => void} listener @returns {() => void} ends it */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
