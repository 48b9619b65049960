// @ts-check
/** The frame of the page: keeps header, status and videos, and changes the view when the phase asks for another. */
/** @import { Ctx, View } from '../types/view' */
/** @import { Phase, State } from '../types/state' */
import { h, mark, write } from '../lib/dom.js';
import { callView } from './call.js';
import { circlesOf, grow } from './grow.js';
import { footer, header, statusLine } from './header.js';
import { momentOf, momentView } from './moment.js';
import { personName } from './phrases.js';
import { setupView } from './setup.js';

/** @param {Phase} phase @returns {'setup' | 'moment' | 'call'} */
export function viewOf(phase) {
  if (phase === 'idle' || phase === 'requesting-media') return 'setup';
  return phase === 'connected' || phase === 'reconnecting' ? 'call' : 'moment';
}

/** @param {HTMLElement} app @param {Ctx} ctx */
export function shell(app, ctx) {
  const { store, videos } = ctx;
  const status = statusLine();
  const live = h('p', { class: 'vh', role: 'status', 'aria-live': 'polite' });
  const announce = (/** @type {string} */ text) => write(live, text);
  /** @type {ReturnType<typeof header>} */ let top = header(ctx, status.root);
  let foot = footer(ctx);
  /** @type {View | null} */ let view = null;
  let shown = '', moment = '', room = '';
  document.body.append(videos.park, live);
  mark(document.body, 'data-view', 'setup');

  /** @param {State} state */
  function change(state) {
    videos.place('local', null);
    videos.place('remote', null);
    view?.dispose?.();
    const name = viewOf(state.phase);
    view = name === 'setup' ? setupView(ctx) : name === 'moment' ? momentView(ctx) : callView(ctx, announce);
    mark(document.body, 'data-view', name);
    mark(document.body, 'data-text', name === 'call' && state.match?.mode === 'text');
    scrollTo(0, 0);
    app.replaceChildren(top.root, view.root, ...(name === 'setup' ? [foot.root] : []));
  }

  const title = () => /** @type {HTMLElement | null} */ (app.querySelector('h1'));

  /** What the person should now read has changed: the title is where reading goes on. @param {State} state */
  function focusTitle(state) {
    const now = viewOf(state.phase) === 'moment' ? momentOf(state, Date.now()) : viewOf(state.phase);
    if (now === moment) return;
    const first = moment === '';
    moment = now;
    if (first) return;
    announce('');
    // Nobody came, which is no step of the person's: it is said, and the focus stays where it is.
    if (now === 'empty') { if (document.activeElement !== title()) announce(title()?.textContent ?? ''); }
    else if (!document.querySelector('dialog[open]')) title()?.focus({ preventScroll: true });
  }

  /** Draws what may take away the element with the focus; reading then goes on at the title. @param {() => void} draw */
  function keepFocus(draw) {
    const held = /** @type {HTMLElement | null} */ (document.activeElement);
    const inside = app.contains(held);
    draw();
    if (inside && held && (!held.isConnected || held.getClientRects().length === 0)) title()?.focus({ preventScroll: true });
  }

  function tick() {
    keepFocus(() => { view?.tick?.(Date.now()); top.tick(); });
    focusTitle(store.value);
  }

  /** @param {State} state @param {State | null} before */
  function update(state, before) {
    keepFocus(() => draw(state, before));
    focusTitle(state);
    if (state.notice?.key === 'back' && state.notice !== before?.notice) announce(ctx.i18n.t('notice.back', { name: personName(ctx.i18n, state.notice.name) }));
  }

  /** @param {State} state @param {State | null} before */
  function draw(state, before) {
    status.update(ctx, state);
    mark(document.body, 'data-state', state.phase);
    mark(document.body, 'data-chat', state.match?.mode === 'text' ? 'text' : state.chat.open ? 'open' : 'closed');
    const { theme } = state.prefs;
    mark(document.documentElement, 'data-theme', theme === 'system' ? null : theme);
    videos.update(state);
    const wanted = viewOf(state.phase);
    const fresh = wanted !== shown || (wanted === 'call' && room !== state.match?.roomId);
    const circles = wanted === 'call' && shown === 'moment' ? circlesOf(app) : null;
    if (fresh) {
      shown = wanted;
      room = state.match?.roomId ?? '';
      change(state);
    }
    top.update(state);
    foot.update();
    view?.update(state, fresh ? null : before);
    view?.tick?.(Date.now());
    top.tick();
    if (circles) grow(app, circles);
  }

  store.subscribe(update);
  setInterval(tick, 500);
  update(store.value, null);

  return {
    /** Everything anew, in the language of ctx.i18n. */
    redraw() {
      const chosen = document.activeElement?.matches('[data-testid=language-select]');
      top = header(ctx, status.root);
      foot = footer(ctx);
      shown = '';
      update(store.value, null);
      if (chosen) top.language.focus();
    },
    focusChat() {
      const call = /** @type {View & { focusChat?: () => void }} */ (view);
      call?.focusChat?.();
    },
  };
}
