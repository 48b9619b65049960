/** What views are given and what they are. */
import type { State } from './state';
import type { Store } from '../lib/store.js';
import type { I18n } from '../lib/i18n.js';
import type { Visit } from '../app/visit.js';
import type { Media } from '../app/media.js';
import type { Api } from '../app/api.js';
import type { Videos } from '../views/videos.js';

export interface Ctx {
  store: Store<State>;
  visit: Visit;
  media: Media;
  api: Api;
  videos: Videos;
  i18n: I18n;
  changeLanguage(code: string): void;
  openReport(): void;
  openKeys(): void;
  openDevices(): void;
  openPage(page: 'rules' | 'privacy' | 'questions'): void;
}

export interface View {
  root: HTMLElement;
  /** Draws the state; `before` is null the first time. */
  update(state: State, before: State | null): void;
  /** Called twice a second. */
  tick?(now: number): void;
  dispose?(): void;
}
