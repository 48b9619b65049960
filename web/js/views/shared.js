// @ts-check
/** The interests that both like, as a list of chips. */
/** @import { Ctx } from '../types/view' */
/** @import { State } from '../types/state' */
import { h, icon } from '../lib/dom.js';
import { interestName } from './phrases.js';

/** @param {Ctx} ctx @param {State} state */
export function sharedList({ i18n }, { match, prefs }) {
  const shared = match?.shared ?? [];
  return h('ul', { class: 'shared-list', 'aria-label': i18n.t('call.shared'), hidden: shared.length === 0 },
    ...shared.map((slug) => h('li', { class: 'chip chip-shared' }, icon('lens', 'i-sm'), h('span', {}, interestName(prefs.interests, slug)))));
}
