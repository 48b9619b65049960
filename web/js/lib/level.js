// @ts-check
/** How loud a track is, ten times a second. */

const every = 100;

export class Level {
  /** @type {AudioContext | null} */ #context = null;
  /** @type {MediaStreamAudioSourceNode | null} */ #source = null;
  /** @type {AnalyserNode | null} */ #analyser = null;
  /** @type {MediaStreamTrack | null} */ #track = null;
  /** @type {any} */ #timer;
  #wake = () => { this.#context?.resume().catch(() => {}); };

  /** @param {(level: number) => void} onLevel from 0 to 1 */
  constructor(onLevel) { this.onLevel = onLevel; }

  /** @param {MediaStreamTrack | null} track null stops it */
  listen(track) {
    if (track === this.#track) return;
    this.stop();
    if (!track || typeof AudioContext === 'undefined') { this.onLevel(0); return; }
    this.#track = track;
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 512;
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
    // Without a gesture the context stands still; the next one starts it.
    addEventListener('pointerdown', this.#wake);
    addEventListener('keydown', this.#wake);
    let shown = 0;
    const samples = new Float32Array(this.#analyser.fftSize);
    this.#timer = setInterval(() => {
      this.#analyser?.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
      const decibels = 10 * Math.log10(power + 1e-10);
      // Falls slowly, so that a word is seen for longer than it lasts.
      shown = Math.max(shown - 0.08, Math.max(0, Math.min(1, (decibels + 60) / 50)));
      this.onLevel(shown);
    }, every);
  }

  stop() {
    clearInterval(this.#timer);
    removeEventListener('pointerdown', this.#wake);
    removeEventListener('keydown', this.#wake);
    this.#source?.disconnect();
    this.#context?.close().catch(() => {});
    this.#context = this.#source = this.#analyser = null;
    this.#track = null;
  }
}
