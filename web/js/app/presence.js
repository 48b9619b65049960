// @ts-check
/** Asks now and then how many people are there, while somebody looks at the page and nothing better tells it. */
/** @import { State } from '../types/state' */
/** @import { Store } from '../lib/store.js' */
/** @import { Api } from './api.js' */

const every = 20000;

/** @param {Store<State>} store @param {Api} api @param {() => boolean} watching */
export function watchPresence(store, api, watching) {
  async function look() {
    const { phase } = store.value;
    if (!watching() || (phase !== 'idle' && phase !== 'searching')) return;
    try { store.set({ presence: await api.presence() }); } catch { /* an unknown number is not shown */ }
  }
  look();
  return setInterval(look, every);
}
