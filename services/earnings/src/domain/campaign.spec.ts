import { describe, expect, it } from '@jest/globals';
import {
  budgetOf,
  decideEnd,
  decideLaunch,
  decidePause,
  decideResume,
  decideTopUp,
  endOf,
  evolveCampaign,
  isExhausted,
  remainingOf,
} from './campaign.js';
import type { Campaign, CampaignFact } from './campaign.js';
import {
  ended,
  fact,
  launched,
  on,
  paused,
  refusal,
  resumed,
  terms,
  toppedUp,
} from './testing/facts.js';

const now = new Date(on(1));
const given = (...facts: CampaignFact[]): Campaign =>
  facts.reduce<Campaign | null>(evolveCampaign, null)!;
const launch = (change: Record<string, unknown> = {}) => ({
  campaignId: 'spring',
  brandId: 'brand-1',
  name: 'Spring',
  terms: {
    currency: 'USD',
    budget: 100_000,
    ratePerThousand: { default: 200 },
    startsAt: on(1),
    ...change,
  },
});
const by = 'brand-1';

describe('a campaign is launched', () => {
  it('with its terms, the defaults filled in', () => {
    const [event] = decideLaunch(null, launch(), now);
    expect(event).toEqual({
      type: 'CampaignLaunched',
      data: {
        campaignId: 'spring',
        brandId: 'brand-1',
        name: 'Spring',
        terms: terms({ oldPosts: 'first_observation', reviewHours: 48 }),
      },
    });
  });

  it('once', () => {
    expect(refusal(() => decideLaunch(given(launched()), launch(), now))).toMatchObject({
      kind: 'conflict',
      code: 'campaign_exists',
    });
  });

  it('C3: once, and says what differs from the terms it was launched with', () => {
    const faultsOf = (asked: Parameters<typeof decideLaunch>[1], there = given(launched())) =>
      refusal(() => decideLaunch(there, asked, now)).faults;
    expect(faultsOf(launch())).toEqual([]);
    expect(faultsOf(launch(), given(launched(), toppedUp(5_000, on(2))))).toEqual([]);
    expect(faultsOf(launch({ startsAt: on(1).replace('.000Z', 'Z'), minViews: 0 }))).toEqual([]);
    expect(faultsOf(launch({ budget: 5, ratePerThousand: { x: 1, default: 200 } }))).toEqual([
      { field: 'budget', message: 'it is 100000, not 5' },
      { field: 'ratePerThousand', message: 'it is {"default":200}, not {"default":200,"x":1}' },
    ]);
    // What another brand has launched is its own business.
    expect(faultsOf({ ...launch({ budget: 5 }), brandId: 'brand-2' })).toEqual([
      { field: 'brandId', message: 'it is of another brand' },
    ]);
    expect(faultsOf(launch({ budget: -1 }))).toMatchObject([{ field: 'budget' }]);
  });

  it('or refused with every fault of its terms at once', () => {
    const faulty = launch({
      budget: 0,
      ratePerThousand: { default: 0 },
      maxPayoutPerClip: 0,
      startsAt: on(20),
      endsAt: on(10),
    });
    const error = refusal(() => decideLaunch(null, faulty, new Date(on(15))));
    expect(error).toMatchObject({ kind: 'rule', code: 'terms_faulty' });
    expect(error.faults.map(({ field }) => field)).toEqual([
      'budget',
      'ratePerThousand',
      'maxPayoutPerClip',
      'endsAt',
      'endsAt',
    ]);
    for (const { field } of error.faults) expect(error.message).toContain(field);
  });

  it.each([
    ['the budget', {}, 100_000],
    ['what a creator can earn (maxPayoutPerCreator)', { maxPayoutPerCreator: 2_000 }, 2_000],
    ['what the operator allows', { currency: 'EUR' }, 5_000],
  ])('or refused if its minimum of a payout is more than %s', (bound, more, most) => {
    const asked = (minPayout: number) =>
      decideLaunch(null, launch({ ...more, minPayout }), now, { EUR: 5_000 });
    expect(asked(most)).toHaveLength(1);
    for (const beyond of [most + 1, Number.MAX_SAFE_INTEGER])
      expect(refusal(() => asked(beyond)).faults).toEqual([
        { field: 'minPayout', message: expect.stringContaining(`at most ${most} (minor units), ${bound}`) },
      ]); // prettier-ignore
  });

  it('or refused as malformed, and what can be read is judged all the same', () => {
    const error = refusal(() =>
      decideLaunch(
        null,
        {
          ...launch({ budget: -5, currency: 'XYZ', ratePerThousand: { default: 0 }, rate: 3 }),
          name: '',
        },
        now,
      ),
    );
    expect(error.kind).toBe('malformed');
    expect(error.faults.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['name', 'budget', 'currency', 'ratePerThousand', 'terms']),
    );
    expect(refusal(() => decideLaunch(null, { ...launch(), terms: undefined }, now)).kind).toBe(
      'malformed',
    );
  });

  it('for one platform alone, when only that has a rate', () => {
    expect(
      decideLaunch(null, launch({ ratePerThousand: { default: 0, tiktok: 150 } }), now),
    ).toHaveLength(1);
  });
});

describe('a campaign is ACTIVE, PAUSED or ENDED', () => {
  const active = given(launched());
  const onHold = given(launched(), paused(on(2)));
  const over = given(launched(), ended(on(2)));

  it.each([
    ['topped up', () => decideTopUp(active, { amount: 500, by }), 'CampaignToppedUp'],
    ['topped up while PAUSED', () => decideTopUp(onHold, { amount: 500, by }), 'CampaignToppedUp'],
    ['paused', () => decidePause(active, { reason: '', by }), 'CampaignPaused'],
    ['resumed', () => decideResume(onHold, { by }), 'CampaignResumed'],
    ['ended', () => decideEnd(active, { reason: '', by }), 'CampaignEnded'],
    ['ended while PAUSED', () => decideEnd(onHold, { reason: '', by }), 'CampaignEnded'],
  ])('can be %s', (_, command, type) => {
    expect(command()).toMatchObject([{ type, data: { campaignId: 'spring', by } }]);
  });

  it.each([
    ['ENDED', 'topped up', () => decideTopUp(over, { amount: 500, by })],
    ['PAUSED', 'paused', () => decidePause(onHold, { reason: '', by })],
    ['ENDED', 'paused', () => decidePause(over, { reason: '', by })],
    ['ACTIVE', 'resumed', () => decideResume(active, { by })],
    ['ENDED', 'resumed', () => decideResume(over, { by })],
    ['ENDED', 'ended', () => decideEnd(over, { reason: '', by })],
  ])('while %s it cannot be %s, and the conflict names the state', (status, done, command) => {
    const error = refusal(command);
    expect(error).toMatchObject({ kind: 'conflict', code: 'campaign_state' });
    expect(error.message).toContain(`is ${status}`);
    expect(error.message).toContain(done);
  });

  it('and goes back to ACTIVE when resumed', () => {
    expect(given(launched(), paused(on(2)), resumed(on(3)))).toMatchObject({
      status: 'ACTIVE',
      openedAt: on(3),
    });
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])('a top-up of %p is malformed', (amount) => {
    expect(refusal(() => decideTopUp(active, { amount, by }))).toMatchObject({
      kind: 'malformed',
      field: 'amount',
    });
  });

  it('a budget beyond exact counting is refused', () => {
    expect(
      refusal(() => decideTopUp(active, { amount: Number.MAX_SAFE_INTEGER, by })),
    ).toMatchObject({
      kind: 'rule',
      code: 'budget_too_large',
    });
  });

  it('a history must begin with the launch', () => {
    expect(() => given(paused(on(1)))).toThrow('before its launch');
  });
});

describe('the money of a campaign', () => {
  const line = { clipId: 'tiktok-1', creatorId: 'ann' };
  const seen = {
    fromViews: 0,
    toViews: 500_000,
    due: 100_000,
    observation: '00000000-0000-4000-8000-000000000001',
  };
  const accrued = (amount: number) =>
    fact(
      'EarningsAccrued',
      {
        campaignId: 'spring',
        currency: 'USD',
        total: amount,
        lines: [{ ...line, ...seen, amount }],
      },
      on(3),
    );
  const reversed = (amount: number) =>
    fact(
      'EarningsReversed',
      {
        campaignId: 'spring',
        currency: 'USD',
        total: amount,
        lines: [{ ...line, amount, reason: 'bots' }],
        by: 'admin-1',
      },
      on(4),
    );

  it('remaining = budget + top-ups - (accrued - reversed)', () => {
    const campaign = given(launched(), toppedUp(50_000, on(2)), accrued(70_000), reversed(20_000));
    expect(budgetOf(campaign)).toBe(150_000);
    expect(remainingOf(campaign)).toBe(100_000);
  });

  it('is exhausted, beside its state, until a top-up or a reversal brings money', () => {
    const exhausted = given(launched(), accrued(100_000));
    expect(isExhausted(exhausted)).toBe(true);
    expect(exhausted.status).toBe('ACTIVE');
    expect(isExhausted(evolveCampaign(exhausted, toppedUp(1, on(5))))).toBe(false);
    expect(isExhausted(evolveCampaign(exhausted, reversed(1)))).toBe(false);
  });
});

it('views stop counting at the planned end or at an earlier actual one', () => {
  expect(endOf(given(launched()))).toBeNull();
  expect(endOf(given(launched({ endsAt: on(20) })))).toBe(on(20));
  expect(endOf(given(launched({ endsAt: on(20) }), ended(on(9))))).toBe(on(9));
  expect(endOf(given(launched({ endsAt: on(20) }), ended(on(25))))).toBe(on(20));
  expect(endOf(given(launched(), ended(on(9))))).toBe(on(9));
});
