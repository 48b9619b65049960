// @ts-check
/** The field with chips: a combobox over the server's vocabulary. */
/** @import { Ctx } from '../types/view' */
/** @import { InterestItem } from '../types/protocol' */
/** @import { Interest, State } from '../types/state' */
import { fill, h, icon, mark, write } from '../lib/dom.js';

const most = 10;
const mostSuggestions = 6; // more would leave the screen of a laptop
const pause = 120; // milliseconds of no typing before the server is asked

/** The exact word, or else the first suggestion. @param {InterestItem[]} items @param {string} text */
export function best(items, text) {
  const wanted = text.toLowerCase();
  return items.find((i) => i.name.toLowerCase() === wanted || i.slug === wanted) ?? items[0];
}

/** @param {Ctx} ctx */
export function interestField(ctx) {
  const { store, api, i18n } = ctx;
  /** @type {InterestItem[]} */ let items = [];
  let asked = ''; // the text that `items` answer
  let active = -1;
  /** @type {any} */ let timer;
  /** @type {Promise<boolean>} */ let pending = Promise.resolve(true);

  const input = h('input', {
    id: 'interest', type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: false, maxLength: 64, 'enterkeyhint': 'done',
    role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'suggest', 'aria-autocomplete': 'list', 'aria-describedby': 'suggest-hint', 'aria-errormessage': 'interest-said',
    'data-testid': 'interest-input',
    oninput: () => { clearTimeout(timer); timer = setTimeout(look, pause); },
    onkeydown: keyed,
    onblur: () => setTimeout(() => { if (document.activeElement !== input) close(); }, 150),
  });
  const combo = h('div', { class: 'combo', onclick: (/** @type {Event} */ e) => { if (e.target === combo) input.focus(); } }, input);
  const list = h('ul', { id: 'suggest', role: 'listbox', 'aria-label': i18n.t('idle.suggestions') });
  const pop = h('div', { class: 'pop pop-suggest', hidden: true }, list);
  const said = h('p', { id: 'interest-said', class: 'vh', role: 'status' });
  const count = h('span', { class: 'hint' });
  const popular = h('div', { class: 'popular', hidden: true });
  const root = h('div', { class: 'field' },
    h('div', { class: 'label-row' }, h('label', { class: 'label', htmlFor: 'interest' }, i18n.t('idle.interests')), count),
    h('div', { class: 'combo-wrap' }, combo, pop, said, h('p', { id: 'suggest-hint', class: 'vh' }, i18n.t('idle.keys'))),
    popular);

  const chosen = () => store.value.prefs.interests;
  const text = () => input.value.trim();

  /** @param {Interest[]} interests */
  const choose = (interests) => store.patch('prefs', { interests });

  /** @param {Interest} item */
  function add(item) {
    if (chosen().some((i) => i.slug === item.slug)) return true;
    if (chosen().length >= most) { say(i18n.t('limits.interests')); return false; }
    choose([...chosen(), { slug: item.slug, name: item.name }]);
    return true;
  }

  async function look() {
    const wanted = text();
    if (wanted === '') { close(); return; }
    try {
      const found = await api.interests(wanted, i18n.language);
      if (text() !== wanted) return;
      items = found.filter((i) => !chosen().some((c) => c.slug === i.slug)).slice(0, mostSuggestions);
      asked = wanted;
      active = -1;
      if (found.length > 0) show(); else say(i18n.t('idle.unknown', { word: wanted }));
    } catch { /* asked again at the next key, and Enter says what is wrong */ }
  }

  /** Enter: the word is looked up, the field is free at once. @param {string} wanted */
  function commit(wanted) {
    const known = asked === wanted ? items : null;
    input.value = '';
    close();
    const answer = Promise.all([pending, known?.length ? known : api.interests(wanted, i18n.language)]).then(([before, found]) => {
      const item = best(found, wanted);
      if (item) return add(item) && before;
      giveBack(wanted, i18n.t('idle.unknown', { word: wanted }));
      return false;
    }, () => { giveBack(wanted, i18n.t('idle.offline')); return false; });
    pending = answer;
    // A word that fitted nothing was said, and does not stand in the way of what comes after it.
    answer.then(() => { if (pending === answer) pending = Promise.resolve(true); });
  }

  /** @param {string} wanted @param {string} why */
  function giveBack(wanted, why) {
    if (input.value === '') input.value = wanted;
    say(why);
  }

  function show() {
    fill(list, ...items.map((item, n) => h('li', {
      id: `s${n}`, class: 'opt', role: 'option', 'aria-selected': String(n === active), 'data-testid': 'interest-suggestion',
      onmousedown: (/** @type {Event} */ e) => e.preventDefault(),
      onclick: () => take(item),
    }, name(item.name), item.searching ? h('span', { class: 'here' }, i18n.t('idle.here', { n: item.searching })) : null)));
    open(items.length > 0);
    complain('');
  }

  /** A line of the list that is no choice. Readers hear of it at once, and at the field. @param {string} why */
  function say(why) {
    items = [];
    active = -1;
    fill(list, h('li', { class: 'opt opt-new', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, h('span', {}, why)));
    open(true);
    complain(why);
  }

  /** @param {string} why '' when nothing is wrong */
  function complain(why) {
    write(said, why);
    mark(input, 'aria-invalid', why === '' ? null : 'true');
  }

  /** The typed beginning in bold. @param {string} whole */
  function name(whole) {
    const typed = asked.toLowerCase();
    if (!whole.toLowerCase().startsWith(typed)) return h('span', {}, whole);
    return h('span', {}, h('b', {}, whole.slice(0, typed.length)), whole.slice(typed.length));
  }

  /** @param {InterestItem} item */
  function take(item) {
    input.value = '';
    add(item);
    close();
    input.focus();
  }

  /** @param {boolean} is */
  function open(is) {
    pop.hidden = !is;
    mark(input, 'aria-expanded', String(is));
    mark(input, 'aria-activedescendant', is && active >= 0 ? `s${active}` : null);
    const row = active >= 0 ? list.children[active] : null;
    row?.scrollIntoView({ block: 'nearest' });
  }

  function close() {
    clearTimeout(timer);
    active = -1;
    items = [];
    asked = '';
    open(false);
    complain('');
  }

  /** @param {KeyboardEvent} event */
  function keyed(event) {
    if (event.isComposing) return;
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && items.length > 0) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      active = (active + step + (active < 0 && step < 0 ? 1 : 0) + items.length) % items.length;
      show();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const item = items[active];
      if (item) take(item); else if (text() !== '') commit(text());
    } else if (event.key === 'Escape' && !pop.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Backspace' && input.value === '') {
      choose(chosen().slice(0, -1));
    }
  }

  /** What others look for now, or a few ideas while nobody is there. */
  async function loadPopular() {
    const all = await api.interests('', i18n.language).catch(() => /** @type {InterestItem[]} */ ([]));
    vocabulary = all.sort((a, b) => (b.searching ?? 0) - (a.searching ?? 0));
    drawPopular();
  }
  /** @type {InterestItem[]} most wanted first */ let vocabulary = [];

  function drawPopular() {
    const others = vocabulary.filter((i) => !chosen().some((c) => c.slug === i.slug));
    const now = others.filter((i) => i.searching);
    const title = i18n.t(now.length > 0 ? 'idle.popular' : 'idle.ideas');
    const free = (now.length > 0 ? now : others).slice(0, 3);
    popular.hidden = free.length === 0;
    fill(popular, h('span', { class: 'hint' }, title), ...free.map((item, n) => h('button', {
      type: 'button', class: n === 2 ? 'chip chip-add wide-only' : 'chip chip-add', onclick: () => { add(item); input.focus({ preventScroll: true }); },
    }, icon('plus', 'i-sm'), h('span', {}, item.name))));
  }
  loadPopular();

  return {
    root, input,
    /** Waits for words that are still looked up; false when one of them fits nothing. */
    async settle() {
      if (text() !== '') commit(text());
      const fine = await pending;
      if (!fine) input.focus();
      return fine;
    },
    /** @param {State} state @param {State | null} before */
    update(state, before) {
      const { interests } = state.prefs;
      if (interests === before?.prefs.interests) return;
      const chips = interests.map((i) => h('span', { class: 'chip', 'data-testid': 'interest-chip' }, h('span', {}, i.name),
        h('button', {
          type: 'button', 'aria-label': i18n.t('idle.remove', { name: i.name }),
          onclick: () => { choose(chosen().filter((c) => c.slug !== i.slug)); input.focus(); },
        }, icon('x', 'i-sm'))));
      // The field itself stays where it is: moving it would take the focus from whoever types.
      for (const old of combo.querySelectorAll('.chip')) old.remove();
      input.before(...chips);
      write(count, i18n.t('idle.count', { n: interests.length }));
      input.placeholder = interests.length > 0 ? i18n.t('idle.add') : i18n.t('idle.add_first');
      drawPopular();
    },
  };
}
