import type { Screen } from '../app/screen.js';

/** In the order of the menu; the first is what `/console` shows. */
export const screens: readonly Screen[] = [
  {
    path: '/payouts',
    menu: { label: 'Payouts', icon: 'money' },
    load: () => import('./payouts.js'),
  },
];
