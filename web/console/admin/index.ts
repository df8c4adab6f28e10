import type { Screen } from '../app/screen.js';

/** In the order of the menu; the first is what `/console` shows. */
export const screens: readonly Screen[] = [
  {
    path: '/payouts',
    menu: { label: 'Payouts', icon: 'money' },
    load: () => import('./payouts.js'),
  },
  { path: '/payouts/:id', load: () => import('./payout.js') },
  {
    path: '/holds',
    menu: { label: 'Holds', icon: 'shield' },
    load: () => import('./holds.js'),
  },
  {
    path: '/brands',
    menu: { label: 'Brands', icon: 'campaigns', on: 'wide' },
    load: () => import('./brands.js'),
  },
  { path: '/brands/:id', load: () => import('./brand.js') },
  {
    path: '/scrapes',
    menu: { label: 'Scrapes', icon: 'warning' },
    load: () => import('./scrapes.js'),
  },
  {
    path: '/budget',
    menu: { label: 'Scrape budget', icon: 'campaigns', on: 'wide' },
    load: () => import('./scrape-budget.js'),
  },
  {
    path: '/events',
    menu: { label: 'Events', icon: 'search' },
    load: () => import('./events.js'),
  },
  { path: '/events/:position', load: () => import('./event.js') },
  { path: '/at/:of/:id', load: () => import('./at.js') },
  {
    path: '/links',
    menu: { label: 'Short links', icon: 'link', on: 'wide' },
    load: () => import('./links.js'),
  },
  {
    path: '/accounts',
    menu: { label: 'Accounts', icon: 'shield', on: 'wide' },
    load: () => import('./accounts.js'),
  },
  {
    path: '/webhooks',
    menu: { label: 'Webhooks', icon: 'bell', on: 'wide' },
    load: () => import('./webhooks.js'),
  },
  { path: '/webhooks/:id', load: () => import('./webhook.js') },
  {
    path: '/people',
    menu: { label: 'People', icon: 'person', on: 'wide' },
    load: () => import('./people.js'),
  },
  { path: '/creators/:id', load: () => import('./person.js') },
  {
    path: '/year',
    menu: { label: 'A year', icon: 'list', on: 'wide' },
    load: () => import('./year.js'),
  },
  {
    path: '/chaos',
    only: 'sampleWorld',
    menu: { label: 'Chaos', icon: 'chaos', on: 'wide' },
    load: () => import('./chaos/chaos.js'),
  },
  {
    path: '/more',
    menu: { label: 'More', icon: 'list', on: 'narrow' },
    load: () => import('./more.js'),
  },
];
