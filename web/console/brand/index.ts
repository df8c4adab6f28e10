import type { Screen } from '../app/screen.js';

/** In the order of the menu; the first is what `/console` shows. */
export const screens: readonly Screen[] = [
  {
    path: '/campaigns',
    menu: { label: 'Campaigns', icon: 'campaigns' },
    load: () => import('./campaigns.js'),
  },
];
