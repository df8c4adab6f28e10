import type { Screen } from '../app/screen.js';

/** In the order of the menu; the first is what `/console` shows. */
export const screens: readonly Screen[] = [
  {
    path: '/campaigns',
    menu: { label: 'Campaigns', icon: 'campaigns' },
    load: () => import('./campaigns.js'),
  },
  { path: '/campaigns/new', load: () => import('./launch.js') },
  { path: '/campaigns/:id', load: () => import('./campaign.js') },
  { path: '/campaigns/:id/leaderboard', load: () => import('./leaderboard.js') },
  {
    path: '/review',
    menu: { label: 'Review', icon: 'review' },
    load: () => import('./review.js'),
  },
  {
    path: '/suspicious',
    menu: { label: 'Suspicious', icon: 'shield' },
    load: () => import('./suspicious.js'),
  },
  {
    path: '/appeals',
    menu: { label: 'Appeals', icon: 'bell' },
    load: () => import('./appeals.js'),
  },
  { path: '/clips/:id', load: () => import('./clip.js') },
];
