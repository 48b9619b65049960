// @ts-check
/** Who is looked for besides the interests: languages, region, and whether the own address stays hidden. */
/** @import { Ctx } from '../types/view' */
/** @import { State } from '../types/state' */
import { mostLanguages, regions, spoken } from '../app/prefs.js';
import { h, icon, mark, write } from '../lib/dom.js';
import { capital } from '../lib/i18n.js';
import { attachPopover } from '../lib/popover.js';

/** @param {Ctx} ctx */
export function peopleFields(ctx) {
  const { store, i18n } = ctx;
  const speaks = h('span', { class: 'pick-text' });
  const button = h('button', { type: 'button', class: 'pick pick-button', 'aria-labelledby': 'speak-label speak-value', 'aria-haspopup': 'true' }, speaks, icon('down', 'i-sm'));
  speaks.id = 'speak-value';
  const boxes = sorted(spoken, (code) => i18n.languageName(code), i18n.language).map((code) => {
    const input = h('input', {
      type: 'checkbox', value: code,
      onchange: () => {
        const { languages } = store.value.prefs;
        const next = input.checked ? [...languages, code] : languages.filter((l) => l !== code);
        // At least one: without a common language there is nobody to meet.
        if (next.length > 0 && next.length <= mostLanguages) store.patch('prefs', { languages: next });
        else input.checked = !input.checked;
      },
    });
    return { code, input, row: h('label', { class: 'check check-row' }, input, h('span', { class: 'box', 'aria-hidden': 'true' }, icon('check', 'i-sm')), h('span', {}, i18n.languageName(code))) };
  });
  const pop = h('div', { class: 'pop pop-list', role: 'group', 'aria-labelledby': 'speak-label' }, ...boxes.map((b) => b.row));
  attachPopover(button, pop);

  const region = h('select', { onchange: () => store.patch('prefs', { region: region.value }) },
    h('option', { value: '' }, i18n.t('region.any')),
    ...regions.map((code) => h('option', { value: code }, i18n.t(`region.${code}`))));
  const hide = h('input', { type: 'checkbox', 'data-testid': 'hide-address', onchange: () => store.patch('prefs', { hideAddress: hide.checked }) });

  const noRelay = h('p', { id: 'no-relay', class: 'hint no-relay', hidden: true }, i18n.t('idle.no_relay'));

  const root = h('div', { class: 'people' },
    h('div', { class: 'two' },
      h('div', { class: 'field' }, h('span', { class: 'label', id: 'speak-label' }, i18n.t('idle.languages')), button, pop),
      h('label', { class: 'field' }, h('span', { class: 'label' }, i18n.t('idle.region')),
        h('span', { class: 'pick' }, region, icon('down', 'i-sm')))),
    h('label', { class: 'check' }, hide, h('span', { class: 'box', 'aria-hidden': 'true' }, icon('check', 'i-sm')), h('span', {}, i18n.t('idle.hide'))), noRelay);

  return {
    root,
    /** @param {State} state @param {State | null} before */
    update({ prefs, presence }, before) {
      if (prefs === before?.prefs && presence === before.presence) return;
      write(speaks, capital(prefs.languages.map((code) => i18n.languageWord(code)).join(', '), i18n.language));
      for (const { code, input } of boxes) input.checked = prefs.languages.includes(code);
      region.value = prefs.region;
      // A relay is the only way to hide an address. The choice itself is kept for a server that has one.
      const possible = presence.relay !== false;
      hide.checked = prefs.hideAddress && possible;
      hide.disabled = !possible;
      noRelay.hidden = possible;
      mark(hide, 'aria-describedby', possible ? null : 'no-relay');
    },
  };
}

/** @param {readonly string[]} codes @param {(code: string) => string} name @param {string} language */
function sorted(codes, name, language) {
  const { compare } = new Intl.Collator(language);
  return [...codes].sort((a, b) => compare(name(a), name(b)));
}
