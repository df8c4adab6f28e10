import type { Screen } from '../app/screen.js';

/** In the order of the menu; the first is what `/console` shows. */
export const screens: readonly Screen[] = [
  {
    path: '/clips',
    title: 'My clips',
    menu: { label: 'My clips', icon: 'clips' },
    load: () => import('./clips.js'),
  },
];
