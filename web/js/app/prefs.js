// @ts-check
/** What a person chose, kept in this browser between visits. Nothing of it leaves the page but by a search. */
/** @import { Prefs } from '../types/state' */

const key = 'seendr';

/** A region by the zone of the clock; a guess that the person can change. @param {string} zone */
export function regionOf(zone) {
  if (/^America\/(Argentina|Bogota|Buenos|Caracas|Guayaquil|La_Paz|Lima|Manaus|Mexico|Montevideo|Santiago|Sao_Paulo)/.test(zone)) return 'sa';
  const area = zone.split('/')[0] ?? '';
  return { Europe: 'eu', America: 'na', Asia: 'as', Africa: 'af', Australia: 'oc', Pacific: 'oc' }[area] ?? '';
}

export const regions = ['eu', 'na', 'sa', 'as', 'af', 'oc'];

/** Languages that people can choose to speak. */
export const spoken = ['en', 'fr', 'es', 'de', 'it', 'pt', 'nl', 'pl', 'uk', 'ru', 'tr', 'ar', 'hi', 'zh', 'ja', 'ko', 'vi', 'id', 'sv', 'cs', 'ro', 'el'];

/** The server keeps no more for a person, and takes twice as many in a search. */
export const mostLanguages = 8;

/** As many languages as a search may name, the own ones first. @param {readonly string[]} own */
export function anyLanguage(own) { return [...new Set([...own, ...spoken])].slice(0, 2 * mostLanguages); }

/** @param {readonly string[]} browser languages of the browser, best first @param {string} zone @returns {Prefs} */
export function defaults(browser, zone) {
  const codes = browser.map((tag) => (tag.split('-')[0] ?? '').toLowerCase());
  const known = [...new Set(codes.filter((code) => spoken.includes(code)))].slice(0, 3);
  return {
    consent: false, interests: [], languages: known.length > 0 ? known : ['en'], region: regionOf(zone),
    hideAddress: false, keys: true, theme: 'system', page: codes.find((code) => code === 'en' || code === 'fr') ?? 'en',
    camera: '', microphone: '', speaker: '',
  };
}

/** @returns {Prefs} */
export function load() {
  const base = defaults(navigator.languages ?? ['en'], Intl.DateTimeFormat().resolvedOptions().timeZone ?? '');
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}');
    for (const name of /** @type {(keyof Prefs)[]} */ (Object.keys(base))) {
      if (typeof kept[name] === typeof base[name]) Object.assign(base, { [name]: kept[name] });
    }
    base.interests = base.interests.filter((i) => typeof i?.slug === 'string' && typeof i?.name === 'string').slice(0, 10);
    base.languages = base.languages.filter((l) => spoken.includes(l)).slice(0, mostLanguages);
    if (base.languages.length === 0) base.languages = ['en'];
  } catch { /* nothing kept, or not readable: the defaults */ }
  return base;
}

/** @param {Prefs} prefs */
export function save(prefs) {
  try { localStorage.setItem(key, JSON.stringify(prefs)); } catch { /* private windows may refuse */ }
}
