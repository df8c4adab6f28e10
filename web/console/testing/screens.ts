import type { Role } from '@cliptally/contracts/api';
import type { ConsoleWorld } from './console-world.js';

/** Below /console; ids that the world gives are asked for. */
type Path = string | ((world: ConsoleWorld) => Promise<string>);

/** The newest line of a statement that has a reason, as its screen. */
const whyOf =
  (of: 'creator' | 'campaign', id: string): Path =>
  async ({ api }) => {
    const { lines } = (await api.get(`/${of}s/${id}/statement`)).body as {
      lines: { kind: string; lineId: string }[];
    };
    return `/why/${of}/${id}/${lines.find(({ kind }) => kind === 'accrued')!.lineId}`;
  };
const anEndpoint: Path = async ({ api }) =>
  `/webhooks/${(await api.get('/webhook-endpoints')).body.items[0].endpointId}`;

/** Every screen of each role, under the name that its pictures have in docs/console. */
export const SCREENS = {
  creator: {
    clips: '/clips',
    clip: '/clips/youtube-dQw4w9WgXcQ',
    'clip-rejected': '/clips/youtube-9bZkp7q19f0',
    'clip-held': '/clips/youtube-kJQP7kiw5Fk',
    'clip-foreign': '/clips/youtube-M7lc1UVf-VE',
    submit: '/submit?campaign=spring',
    campaigns: '/campaigns',
    leaderboard: '/campaigns/spring/leaderboard',
    money: '/money',
    accounts: '/accounts',
    notices: '/notices',
    statement: '/statement/creator/ann',
    why: whyOf('creator', 'ann'),
  },
  brand: {
    campaigns: '/campaigns',
    campaign: '/campaigns/spring',
    visibility: '/campaigns/spring?show=seen',
    ended: '/campaigns/winter',
    launch: '/campaigns/new',
    leaderboard: '/campaigns/spring/leaderboard',
    review: '/review',
    suspicious: '/suspicious',
    appeals: '/appeals',
    clip: '/clips/youtube-dQw4w9WgXcQ',
    statement: '/statement/campaign/spring',
    why: whyOf('campaign', 'spring'),
  },
  admin: {
    payouts: '/payouts',
    payout: '/payouts/ann-mar',
    holds: '/holds',
    appeals: '/holds?show=appeals',
    brands: '/brands',
    brand: '/brands/acme',
    scrapes: '/scrapes',
    budget: '/budget',
    links: '/links',
    accounts: '/accounts',
    webhooks: '/webhooks',
    webhook: anEndpoint,
    people: '/people',
    creator: '/creators/ann',
    more: '/more',
    statement: '/statement/creator/ann',
    why: whyOf('creator', 'ann'),
    events: '/events',
    event: '/events/3',
    'campaign-at': '/at/campaign/spring',
    'clip-at': '/at/clip/youtube-spring-ann0',
    year: '/year',
  },
} as const satisfies Record<Role, Record<string, Path>>;

export const pathOf = async (path: Path, world: ConsoleWorld): Promise<string> =>
  typeof path === 'string' ? path : path(world);

const EVERY = process.env['EVERY_SCREEN'] === 'yes';
const ONE_OF = 7;

/**
 * Names and paths of a role's screens: those that a long test goes through, and those that it
 * leaves to `EVERY_SCREEN=yes`, since all of them together take a quarter of an hour.
 */
export function sampled(role: Role): { tried: [string, Path][]; left: [string, Path][] } {
  const all = Object.entries<Path>(SCREENS[role]);
  const tried = all.filter((_, nth) => EVERY || nth % ONE_OF === 0);
  return { tried, left: all.filter((one) => !tried.includes(one)) };
}
