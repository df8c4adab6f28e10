import { PLATFORMS, type CampaignTerms } from '@cliptally/contracts';
import * as fc from 'fast-check';
import { eventId, on, terms as termsOf } from './facts.js';
import { schedule, type Act, type Clip, type World } from './histories.js';

export const KEYS = 1000;
const key = fc.nat({ max: KEYS });
const minute = (from: number, to: number) =>
  fc.integer({ min: from * 24 * 60, max: to * 24 * 60 }).map((minutes) => on(1, 0, minutes));

const terms: fc.Arbitrary<CampaignTerms> = fc
  .record({
    currency: fc.constantFrom('USD', 'JPY', 'KWD'),
    ratePerThousand: fc.record(
      { default: fc.integer({ min: 1, max: 5000 }), tiktok: fc.integer({ min: 0, max: 5000 }) },
      { requiredKeys: ['default'] },
    ),
    minViews: fc.constantFrom(0, 0, 0, 500, 5000),
    maxPayoutPerClip: fc.option(fc.integer({ min: 1, max: 30_000 }), { freq: 3 }),
    countFrom: fc.constantFrom('zero' as const, 'approval' as const),
    trackingDays: fc.integer({ min: 6, max: 20 }),
    startsAt: minute(0, 3),
    endsAt: fc.option(minute(8, 20), { freq: 3 }),
    flatFee: fc.constantFrom(0, 0, 700),
    milestones: fc.constantFrom(
      [],
      [
        { views: 1000, bonus: 300 },
        { views: 9000, bonus: 1100 },
      ],
    ),
    oldPosts: fc.constantFrom('count' as const, 'first_observation' as const),
    maxPostAgeHours: fc.option(fc.integer({ min: 1, max: 72 }), { nil: undefined }),
  })
  .map(({ milestones, ...change }) => termsOf({ ...change, milestones: [...milestones] }));

const views = fc.oneof(
  fc.nat({ max: 5 }),
  fc.integer({ min: 100, max: 20_000 }),
  fc.integer({ min: 100, max: 20_000 }),
);
const field = fc.constantFrom('a', 'a', 'b', 'c');
const clip = fc
  .record({
    platform: fc.constantFrom(...PLATFORMS),
    approvedAt: minute(0, 4),
    /** Which observation says when it was posted, if any, and when. */
    posted: fc.option(
      fc.record({ by: fc.nat({ max: 3 }), hours: fc.integer({ min: -100, max: 20 }) }),
    ),
    /** An observation at the very approval: often the baseline, and often late. */
    first: fc.option(views, { freq: 2 }),
    later: fc.array(fc.record({ views, observedAt: minute(0, 22), field }), {
      minLength: 1,
      maxLength: 6,
    }),
  })
  .map(({ platform, approvedAt, posted, first, later }) => ({
    platform,
    approvedAt,
    observations: [
      ...(first === null ? [] : [{ views: first, observedAt: approvedAt, field: 'a' }]),
      ...later,
    ].map((one, i) => (posted?.by === i ? { ...one, postedAt: on(1, posted.hours) } : one)),
  }));
const clips: fc.Arbitrary<Clip[]> = fc.array(clip, { minLength: 1, maxLength: 4 }).map((list) =>
  list.map(({ platform, approvedAt, observations }, i) => ({
    clipId: `${platform}-${i}`,
    platform,
    approvedAt,
    observations: observations.map((l, j) => ({ ...l, id: eventId(i * 100 + j + 1) })),
  })),
);

export const world: fc.Arbitrary<World> = fc.record({
  terms,
  clips,
  endAt: fc.option(minute(5, 22), { freq: 3 }),
});

/** Whether people also take money back, and choose other view fields. */
interface Happenings {
  voids: boolean;
  fields?: boolean;
}

const acts = ({ voids, fields = false }: Happenings): fc.Arbitrary<Act[]> => {
  const onClip = { key, clip: fc.nat({ max: 3 }), amount: fc.integer({ min: 1, max: 5000 }) };
  const kinds: { weight: number; arbitrary: fc.Arbitrary<Act> }[] = [
    {
      weight: 8,
      arbitrary: fc.record({
        key,
        act: fc.constant('settle' as const),
        scrapesOutstanding: fc.constantFrom(0, 0, 2),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        key,
        act: fc.constant('topUp' as const),
        amount: fc.integer({ min: 1, max: 20_000 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ key, act: fc.constant('pause' as const) }) },
    { weight: 2, arbitrary: fc.record({ key, act: fc.constant('resume' as const) }) },
    { weight: 1, arbitrary: fc.record({ ...onClip, act: fc.constant('hold' as const) }) },
    { weight: 2, arbitrary: fc.record({ ...onClip, act: fc.constant('release' as const) }) },
    {
      weight: voids ? 2 : 0,
      arbitrary: fc.record({ ...onClip, act: fc.constant('void' as const) }),
    },
    {
      weight: fields ? 3 : 0,
      arbitrary: fc.record({ key, clip: onClip.clip, act: fc.constant('field' as const), field }),
    },
  ];
  return fc.array(fc.oneof(...kinds), { minLength: 2, maxLength: 16 });
};

/** When observations arrive, and a second time for some: one key a delivery, spent in turn. */
export const arrivals = fc.infiniteStream(key);

export const budgets = fc.integer({ min: 1, max: 20_000 });

/** A world, and all that happens in it, in order. */
export const histories = <W extends World>(worlds: fc.Arbitrary<W>, happenings: Happenings) =>
  fc.tuple(worlds, acts(happenings), arrivals, key).map(([world, some, keys, endKey]) => ({
    world,
    steps: schedule(world, some, keys, endKey),
  }));
