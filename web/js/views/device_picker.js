// @ts-check
/** Camera, microphone and speakers to choose from, and how loud the microphone is. In the setup and in a dialog of the call. */
/** @import { Ctx } from '../types/view' */
/** @import { State } from '../types/state' */
import { changeIcon, fill, h, icon, mark, write } from '../lib/dom.js';
import { Level } from '../lib/level.js';

const heardFor = 2000; // milliseconds a word is taken to last

/** @param {Ctx} ctx */
export function devicePicker(ctx) {
  const { i18n, media } = ctx;
  const camera = picker('camera', 'cam', i18n.t('dev.camera'));
  const microphone = picker('microphone', 'mic', i18n.t('dev.mic'));
  const speaker = picker('speaker', 'speaker', i18n.t('dev.speaker'));
  const filled = h('span', { class: 'meter-fill' });
  const meter = h('span', { class: 'meter', role: 'meter', 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': '0', 'aria-label': i18n.t('dev.level') }, filled);
  const heard = h('span', { class: 'hint' });
  let heardAt = 0;
  let muted = false;
  const level = new Level((value) => {
    const percent = muted ? 0 : Math.round(value * 100);
    filled.style.inlineSize = `${percent}%`;
    mark(meter, 'aria-valuenow', percent);
    if (percent > 35) heardAt = Date.now();
    write(heard, i18n.t(Date.now() - heardAt < heardFor ? 'dev.heard' : 'dev.silent'));
  });

  /** @param {'camera' | 'microphone' | 'speaker'} which @param {string} sign @param {string} label */
  function picker(which, sign, label) {
    const select = h('select', { onchange: () => media.choose(which, select.value) });
    const root = h('label', { class: 'pick' }, icon(sign), h('span', { class: 'vh' }, label), select, icon('down', 'i-sm'));
    return { root, select, sign };
  }

  /** @param {ReturnType<typeof picker>} pick @param {MediaDeviceInfo[]} devices @param {string} now @param {string} none what to say when there is nothing */
  function list({ root, select, sign }, devices, now, none) {
    const known = devices.filter((d) => d.deviceId !== '');
    fill(select, ...(known.length > 0 ? known.map((d, n) => h('option', { value: d.deviceId }, d.label || `${none} ${n + 1}`)) : [h('option', {}, none)]));
    select.disabled = known.length === 0;
    if (known.some((d) => d.deviceId === now)) select.value = now;
    if (sign !== 'speaker') changeIcon(root, known.length > 0 || !none ? sign : `${sign}-off`);
  }

  const root = h('fieldset', { class: 'devices', 'data-testid': 'device-picker' }, h('legend', { class: 'vh' }, i18n.t('idle.devices')),
    camera.root, microphone.root, speaker.root, h('div', { class: 'level' }, meter, heard));

  return {
    root,
    /** @param {State} state @param {State | null} before */
    update(state, before) {
      const { devices, stream, problem, soundProblem } = state.media;
      const asked = stream !== null || problem !== null || soundProblem !== null;
      muted = state.media.muted;
      level.listen(stream?.getAudioTracks()[0] ?? null);
      mark(meter, 'class', state.media.microphone ? 'meter' : 'meter meter-off');
      if (!state.media.microphone) write(heard, asked ? i18n.t('dev.silent') : '');
      if (before && devices === before.media.devices && stream === before.media.stream && problem === before.media.problem && soundProblem === before.media.soundProblem) return;
      const of = (/** @type {'video' | 'audio'} */ kind) => stream?.getTracks().find((t) => t.kind === kind)?.getSettings().deviceId ?? '';
      list(camera, devices.cameras, of('video') || state.prefs.camera, asked ? i18n.t('dev.none') : i18n.t('dev.camera'));
      list(microphone, devices.microphones, of('audio') || state.prefs.microphone, asked ? i18n.t('dev.nomic') : i18n.t('dev.mic'));
      list(speaker, devices.speakers, state.prefs.speaker, i18n.t('dev.speaker'));
      speaker.root.hidden = !('setSinkId' in HTMLMediaElement.prototype);
      if (!asked) for (const p of [camera, microphone]) changeIcon(p.root, p.sign);
    },
    dispose() { level.stop(); },
  };
}
