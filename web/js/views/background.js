// @ts-check
/** What the page does beyond its own window: title, sound and note on a match, no sleep in a call, farewell at the end. */
/** @import { Ctx } from '../types/view' */
import { ending, partnerName } from './phrases.js';

const inCall = ['connecting', 'connected', 'reconnecting'];

/** @param {() => Ctx} context */
export function watchBackground(context) {
  const { store, visit } = context();
  /** @type {WakeLockSentinel | null} */ let lock = null;

  async function holdAwake() {
    const wanted = inCall.includes(store.value.phase) && store.value.mode !== 'text' && !document.hidden;
    try {
      if (wanted && !lock) {
        lock = await navigator.wakeLock?.request('screen') ?? null;
        lock?.addEventListener('release', () => { lock = null; });
      } else if (!wanted && lock) {
        await lock.release();
      }
    } catch { /* low battery, or not offered: the call goes on */ }
  }

  function title() {
    const { i18n } = context();
    const { phase, match } = store.value;
    const name = partnerName(i18n, match);
    const text = phase === 'searching' ? i18n.t('status.searching') : inCall.includes(phase) ? name : phase === 'peer-left' ? ending(i18n, match) : '';
    document.title = text ? `${document.hidden && inCall.includes(phase) ? '● ' : ''}${text} · Seendr` : 'Seendr';
  }

  store.subscribe((state, before) => {
    if (state.phase !== before.phase || state.match !== before.match) title();
    if (state.phase !== before.phase) holdAwake();
    if (state.phase === 'connecting' && before.phase === 'searching' && document.hidden) {
      chime();
      if (state.search.notify) notify(context());
    }
  });
  document.addEventListener('visibilitychange', () => { title(); holdAwake(); });
  addEventListener('pagehide', () => visit.farewell());
  addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  addEventListener('online', () => visit.signalling.wake());
}

/** @param {Ctx} ctx */
function notify({ i18n, store }) {
  try {
    if (Notification.permission !== 'granted') return;
    const note = new Notification('Seendr', { body: i18n.t('conn.title', { name: partnerName(i18n, store.value.match) }), tag: 'match' });
    note.onclick = () => { window.focus(); note.close(); };
  } catch { /* phones allow it only to service workers */ }
}

/** Two soft notes. */
function chime() {
  try {
    const audio = new AudioContext();
    [660, 880].forEach((frequency, n) => {
      const tone = audio.createOscillator(), gain = audio.createGain();
      const at = audio.currentTime + n * 0.16;
      tone.frequency.value = frequency;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.2, at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.45);
    });
    setTimeout(() => { audio.close().catch(() => {}); }, 1000);
  } catch { /* no sound device */ }
}
