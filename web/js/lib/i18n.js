// @ts-check
/** Texts, numbers, times and names in the language of the page. Texts live in strings/<language>.json. */

export const languages = [{ code: 'en', name: 'English' }, { code: 'fr', name: 'Français' }];

/** @typedef {string | Record<string, string>} Text a text, or one for each plural form of `n` */

export class I18n {
  /** @param {string} language @param {Record<string, Text>} texts */
  constructor(language, texts) {
    this.language = language;
    this.texts = texts;
    this.plural = new Intl.PluralRules(language);
    this.number = new Intl.NumberFormat(language);
    const spelling = language === 'en' ? 'en-GB' : language; // no comma before "and"
    this.list = new Intl.ListFormat(spelling, { type: 'conjunction' });
    this.either = new Intl.ListFormat(spelling, { type: 'disjunction' });
    this.names = new Intl.DisplayNames([language], { type: 'language' });
  }

  get direction() { return ['ar', 'fa', 'he', 'ur'].includes(this.language) ? 'rtl' : 'ltr'; }

  /** @param {string} key */
  has(key) { return key in this.texts; }

  /** The text of a key, with `{name}` filled in; numbers are written as the language does. @param {string} key @param {Record<string, string | number>} [values] */
  t(key, values = {}) {
    const found = this.texts[key];
    if (found === undefined) return key;
    const text = typeof found === 'string' ? found : found[this.plural.select(Number(values['n'] ?? 0))] ?? found['other'] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      return value === undefined ? whole : typeof value === 'number' ? this.number.format(value) : value;
    });
  }

  /** Small numbers in words, where the language has them. @param {number} n */
  words(n) { return this.has(`number.${n}`) ? this.t(`number.${n}`) : this.number.format(n); }

  /** The name of a language within a sentence: "English", "anglais". @param {string} code */
  languageWord(code) {
    try { return this.names.of(code) ?? code; } catch { return code; }
  }

  /** The same at the start of a line. @param {string} code */
  languageName(code) { return capital(this.languageWord(code), this.language); }

  /** A length of time as a clock shows it: 4:32, 1:02:05. @param {number} ms */
  clock(ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
    const hours = Math.floor(s / 3600), minutes = Math.floor(s / 60) % 60;
    return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
  }

  /** The time of day. @param {Date} date */
  time(date) { return new Intl.DateTimeFormat(this.language, { hour: 'numeric', minute: '2-digit' }).format(date); }

  /** An hour of the day, as in "8 PM" or "20 h". @param {number} hour 0 to 24 */
  hour(hour) { return new Intl.DateTimeFormat(this.language, { hour: 'numeric' }).format(new Date(2020, 0, 1, hour % 24)); }
}

/** @param {string} text @param {string} language */
export function capital(text, language) { return text.slice(0, 1).toLocaleUpperCase(language) + text.slice(1); }

/** @param {string} wanted @returns {Promise<I18n>} */
export async function load(wanted) {
  const language = languages.some((l) => l.code === wanted) ? wanted : 'en';
  const answer = await fetch(`/strings/${language}.json`);
  return new I18n(language, await answer.json());
}
