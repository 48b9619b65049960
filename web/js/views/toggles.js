// @ts-check
/** The two buttons for microphone and camera, which stand in the preview, under the own circle, and among the controls. */
/** @import { Ctx } from '../types/view' */
/** @import { State } from '../types/state' */
import { pictureOff, soundOff } from '../app/media.js';
import { changeIcon, h, icon, mark } from '../lib/dom.js';

/** @param {Ctx} ctx @param {string} look classes of the buttons */
export function toggles({ media, i18n }, look) {
  const mic = h('button', { type: 'button', class: look, 'data-testid': 'toggle-mic', onclick: () => media.toggleSound() }, icon('mic'));
  const camera = h('button', { type: 'button', class: look, 'data-testid': 'toggle-camera', onclick: () => media.togglePicture() }, icon('cam'));

  /** @param {HTMLElement} button @param {boolean} off @param {string} name @param {string} key */
  function draw(button, off, name, key) {
    mark(button, 'aria-pressed', String(off));
    mark(button, 'aria-label', i18n.t(off ? `${key}_on` : `${key}_off`));
    mark(button, 'title', i18n.t(off ? `${key}_on` : `${key}_off`));
    changeIcon(button, off ? `${name}-off` : name);
  }
  return {
    mic, camera,
    /** @param {State} state */
    update(state) {
      draw(mic, soundOff(state.media), 'mic', 'call.mic');
      draw(camera, pictureOff(state.media), 'cam', 'call.camera');
    },
  };
}
