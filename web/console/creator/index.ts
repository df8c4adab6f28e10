import type { Screen } from '../app/screen.js';

/** In the order of the menu; the first is what `/console` shows. */
export const screens: readonly Screen[] = [
  {
    path: '/clips',
    menu: { label: 'My clips', icon: 'clips' },
    load: () => import('./clips.js'),
  },
  { path: '/clips/:id', load: () => import('./clip.js') },
  {
    path: '/submit',
    menu: { label: 'Submit', icon: 'add' },
    load: () => import('./submit.js'),
  },
  {
    path: '/campaigns',
    menu: { label: 'Campaigns', icon: 'catalogue' },
    load: () => import('./catalogue.js'),
  },
  { path: '/campaigns/:id/leaderboard', load: () => import('./leaderboard.js') },
  {
    path: '/money',
    menu: { label: 'My money', icon: 'money' },
    load: () => import('./money.js'),
  },
  {
    path: '/accounts',
    menu: { label: 'My accounts', icon: 'person', on: 'wide' },
    load: () => import('./accounts.js'),
  },
  {
    path: '/notices',
    menu: { label: 'Notices', icon: 'bell' },
    load: () => import('./notices.js'),
  },
];
