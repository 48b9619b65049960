// @ts-check
/** Sentences that are put together from what the server counted. What it did not count is left out. */
/** @import { I18n } from '../lib/i18n.js' */
/** @import { Wait } from '../types/protocol' */
/** @import { Interest, MatchState, Prefs, SearchState } from '../types/state' */
import { capital } from '../lib/i18n.js';

/** "Usually 2 to 9 seconds". @param {I18n} i18n @param {Wait | null | undefined} wait */
export function usualWait(i18n, wait) {
  if (!wait || !(wait.p90 > 0)) return '';
  const a = Math.max(1, Math.round(wait.p50 / 1000)), b = Math.max(1, Math.round(wait.p90 / 1000));
  return b > a ? i18n.t('idle.eta', { a, n: b }) : i18n.t('idle.eta_one', { n: b });
}

/** "412 people online". @param {I18n} i18n @param {number | undefined} n */
export function peopleOnline(i18n, n) { return n ? i18n.t('status.idle', { n }) : ''; }

/** What is accepted now: "Two interests in common, English or French, Europe." @param {I18n} i18n @param {SearchState} search @param {Prefs} prefs */
export function accepted(i18n, search, prefs) {
  const need = search.policy === 'any' ? 0 : search.need;
  const parts = [];
  if (need !== undefined && prefs.interests.length > 0) parts.push(need === 0 ? i18n.t('search.need.0') : i18n.t('search.need', { n: need, words: i18n.words(need) }));
  parts.push(search.anyLanguage ? i18n.t('search.any_language') : i18n.either.format(prefs.languages.map((code) => i18n.languageWord(code))));
  if (prefs.region) parts.push(i18n.t(`region.${prefs.region}`));
  return `${capital(parts.join(', '), i18n.language)}.`;
}

/** When that widens: "From 0:06, one is enough." @param {I18n} i18n @param {SearchState} search */
export function widening(i18n, search) {
  const { need, nextNeedAt, policy } = search;
  if (policy === 'any' || need === undefined || need === 0 || nextNeedAt === undefined) return '';
  const t = i18n.clock(nextNeedAt - search.since);
  return need > 1 ? i18n.t('search.from', { t, n: need - 1, words: i18n.words(need - 1).toLocaleLowerCase(i18n.language) }) : i18n.t('search.from.0', { t });
}

/** "English · Europe". @param {I18n} i18n @param {MatchState} match */
export function whereFrom(i18n, match) {
  return [match.language && i18n.languageName(match.language), match.region && i18n.has(`region.${match.region}`) && i18n.t(`region.${match.region}`)]
    .filter(Boolean).join(' · ');
}

/** "Speaks English. Three interests in common." @param {I18n} i18n @param {MatchState} match */
export function introduction(i18n, match) {
  const speaks = match.language ? i18n.t('conn.speaks', { language: inSentence(i18n, match.language) }) : '';
  return [speaks, sharedCount(i18n, match.shared.length)].filter(Boolean).join(' ');
}

/** A language within a sentence; English writes it with a capital, French does not. @param {I18n} i18n @param {string} code */
function inSentence(i18n, code) {
  try { return i18n.names.of(code) ?? code; } catch { return code; }
}

/** @param {I18n} i18n @param {number} n */
function sharedCount(i18n, n) { return n > 0 ? i18n.t('conn.shared', { n, words: i18n.words(n) }) : ''; }

/** @param {I18n} i18n @param {number} n */
export function hadInCommon(i18n, n) { return n > 0 ? i18n.t('left.shared', { n, words: i18n.words(n).toLocaleLowerCase(i18n.language) }) : ''; }

/** The three busiest hours in a row of a usual day, in our own time. @param {number[] | null | undefined} byHour */
export function peak(byHour) {
  if (!byHour || byHour.length !== 24 || !byHour.some((n) => n > 0)) return null;
  let from = 0, most = -1;
  for (let h = 0; h < 24; h++) {
    const sum = [0, 1, 2].reduce((s, d) => s + (byHour[(h + d) % 24] ?? 0), 0);
    if (sum > most) { most = sum; from = h; }
  }
  return { from, to: (from + 3) % 24 };
}

/** The name of an interest, if it is one of ours; the vocabulary's word otherwise. @param {readonly Interest[]} interests @param {string} slug */
export function interestName(interests, slug) { return interests.find((i) => i.slug === slug)?.name ?? slug.replaceAll('-', ' '); }

/** The server calls guests "Guest 1234", which is no name of their own. @param {I18n} i18n @param {string} name */
export function personName(i18n, name) {
  const [, n] = /^Guest (\d+)$/.exec(name) ?? [];
  return n ? i18n.t('guest', { n }) : name || i18n.t('someone');
}

/** @param {I18n} i18n @param {MatchState | null} match */
export function partnerName(i18n, match) { return personName(i18n, match?.name ?? ''); }

/** How a match ended, in short. @param {I18n} i18n @param {MatchState | null} match */
export function ending(i18n, match) {
  const name = partnerName(i18n, match);
  return match && match.ended !== 'left' ? i18n.t(`left.title.${match.ended}`, { name }) : i18n.t('status.left', { name });
}
