import type { Screen } from '../app/screen.js';

/** Screens that each role has: where an amount comes from. */
export const why: readonly Screen[] = [
  { path: '/statement/:of/:id', load: () => import('./statement.js') },
  { path: '/why/:of/:id/:line', load: () => import('./why.js') },
];
