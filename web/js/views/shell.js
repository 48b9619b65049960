// @ts-check
/** The frame of the page: keeps header, status and videos, and changes the view when the phase asks for another. */
/** @import { Ctx, View } from '../types/view' */
/** @import { Phase, State } from '../types/state' */
import { h, mark, write } from '../lib/dom.js';
import { callView } from './call.js';
import { circlesOf, grow } from './grow.js';
import { footer, header, statusLine } from './header.js';
import { momentOf, momentView } from './moment.js';
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
    app.replaceChildren(top.root, view.root, ...(name === 'setup' ? [foot.root] : []));
  }

  /** What the person should now read has changed: the title is where reading goes on. @param {State} state */
  function focusTitle(state) {
    const now = viewOf(state.phase) === 'moment' ? momentOf(state, Date.now()) : viewOf(state.phase);
    if (now === moment) return;
    const first = moment === '';
    moment = now;
    if (!first && now !== 'empty' && !document.querySelector('dialog[open]')) app.querySelector('h1')?.focus({ preventScroll: true });
  }

  /** @param {State} state @param {State | null} before */
  function update(state, before) {
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
    focusTitle(state);
    if (state.notice?.key === 'back' && state.notice !== before?.notice) announce(ctx.i18n.t('notice.back', { name: state.notice.name }));
  }

  store.subscribe(update);
  setInterval(() => { view?.tick?.(Date.now()); top.tick(); }, 500);
  update(store.value, null);

  return {
    /** Everything anew, in the language of ctx.i18n. */
    redraw() {
      top = header(ctx, status.root);
      foot = footer(ctx);
      shown = '';
      update(store.value, null);
    },
    focusChat() {
      const call = /** @type {View & { focusChat?: () => void }} */ (view);
      call?.focusChat?.();
    },
  };
}
