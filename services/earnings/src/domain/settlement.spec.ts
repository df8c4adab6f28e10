import { describe, expect, it } from '@jest/globals';
import { settle } from './settlement.js';
import {
  accepted,
  amountsOf,
  and,
  ended,
  eventId,
  eventsOf,
  given,
  held,
  launched,
  linesOf,
  observed,
  netsOf,
  on,
  paused,
  rejected,
  released,
  resumed,
  retired,
  submitted,
} from './testing/facts.js';
import { now, NOTHING, settled, seen, A, B, C } from './testing/settlements.js';

describe('a settlement pays what is due', () => {
  it('with one event, and a line a clip that names the observation it rests on', () => {
    const decision = settle(seen({}, { [A]: 10_000, [B]: 2500 }), now);
    const line = { creatorId: 'ann', fromViews: 0 };
    const basis = { baseline: 0, voided: 0, had: 0 };
    const lines = [
      {
        clipId: A,
        ...line,
        toViews: 10_000,
        due: 2000,
        amount: 2000,
        observation: eventId(10_000),
        basis: { ...basis, views: 10_000, earned: 2000 },
      },
      {
        clipId: B,
        ...line,
        toViews: 2500,
        due: 500,
        amount: 500,
        observation: eventId(2500),
        basis: { ...basis, views: 2500, earned: 500 },
      },
    ];
    expect(decision).toEqual({
      kind: 'settle',
      leftOut: [],
      events: [
        {
          type: 'EarningsAccrued',
          data: { campaignId: 'spring', currency: 'USD', total: 2500, lines, leftOut: [] },
        },
      ],
    });
  });

  it('from where the last one ended', () => {
    const next = and(settled(seen({}, { [A]: 10_000 })), observed(A, 14_000, on(6)));
    expect(linesOf(settle(next, now))).toMatchObject([
      { fromViews: 10_000, toViews: 14_000, due: 800, amount: 800 },
    ]);
  });

  it('from the baseline on, if views count from approval', () => {
    const state = given(
      launched({ countFrom: 'approval' }),
      accepted(A),
      observed(A, 40_000, on(2)),
      observed(A, 52_000, on(3)),
    );
    expect(linesOf(settle(state, now))).toMatchObject([
      { fromViews: 40_000, toViews: 52_000, amount: 2400 },
    ]);
  });

  it('and nothing twice', () => {
    const after = settled(seen({}, { [A]: 10_000 }));
    expect(settle(after, now)).toEqual(NOTHING);
    expect(after.clips.get(A)?.unsettledSince).toBeNull();
    expect(settle(and(after, observed(A, 10_000, on(4), { id: eventId(10_000) })), now)).toEqual(
      NOTHING,
    );
  });

  it('and rounds once, over all views, not at each observation', () => {
    const rate = { ratePerThousand: { default: 150 } };
    const steps = [7, 14, 21, 1000].reduce(
      (state, views, i) => and(state, observed(A, views, on(2, i))),
      given(launched(rate), accepted(A)),
    );
    const byStep = [7, 14, 21, 1000].reduce(
      (state, views, i) => settled(and(state, observed(A, views, on(2, i)))),
      given(launched(rate), accepted(A)),
    );
    expect(netsOf(settled(steps))).toEqual({ [A]: 150 });
    expect(netsOf(byStep)).toEqual({ [A]: 150 });
  });

  it('not while nothing is due', () => {
    expect(settle(given(launched()), now)).toEqual(NOTHING);
    expect(settle(seen({ minViews: 5000 }, { [A]: 4999 }), now)).toEqual(NOTHING);
  });

  it('in yen and in dinars as in dollars, since it counts minor units', () => {
    expect(
      amountsOf(
        settle(seen({ currency: 'JPY', ratePerThousand: { default: 300 } }, { [A]: 12_345 }), now),
      ),
    ).toEqual({ [A]: 3703 });
    expect(
      amountsOf(
        settle(seen({ currency: 'KWD', ratePerThousand: { default: 615 } }, { [A]: 12_345 }), now),
      ),
    ).toEqual({ [A]: 7592 });
  });
});

describe('only what counts is paid', () => {
  it('no clip that is pending, rejected or on hold', () => {
    const observations = [
      observed(A, 9000, on(4)),
      observed(B, 9000, on(4)),
      observed(C, 9000, on(4)),
    ];
    const state = given(
      launched(),
      submitted(A),
      submitted(B),
      rejected(B),
      accepted(C),
      held(C, on(2)),
      observations,
    );
    expect(settle(state, now)).toEqual(NOTHING);
  });

  it('all of it when a hold is released', () => {
    const state = and(
      settled(seen({}, { [A]: 10_000 })),
      held(A, on(5)),
      observed(A, 20_000, on(6)),
    );
    expect(settle(state, now)).toEqual(NOTHING);
    expect(amountsOf(settle(and(state, released(A, on(7))), now))).toEqual({ [A]: 2000 });
  });

  it('a retired clip keeps what it has earned, and is still paid what was seen', () => {
    expect(amountsOf(settle(and(seen({}, { [A]: 10_000 }), retired(A, on(5))), now))).toEqual({
      [A]: 2000,
    });
  });

  it('no view seen after the days of tracking', () => {
    const state = given(
      launched({ trackingDays: 7 }),
      accepted(A, { time: on(2) }),
      observed(A, 10_000, on(8)),
      observed(A, 90_000, on(9)),
    );
    expect(amountsOf(settle(state, now))).toEqual({ [A]: 2000 });
  });

  it('a paused campaign pays when it is resumed, also for the time between', () => {
    const state = and(seen({}, { [A]: 10_000 }), paused(on(5)), observed(A, 15_000, on(6)));
    expect(settle(state, now)).toEqual(NOTHING);
    expect(amountsOf(settle(and(state, resumed(on(7))), now))).toEqual({ [A]: 3000 });
  });

  it('an ended campaign pays what was seen before its end, however late it arrives', () => {
    const state = and(
      seen({}, { [A]: 10_000 }),
      ended(on(5)),
      observed(A, 12_000, on(4, 12), { loggedAt: on(6) }),
      observed(A, 50_000, on(5)),
    );
    expect(amountsOf(settle(state, now))).toEqual({ [A]: 2400 });
  });

  it('what was counted before the end became known stays counted', () => {
    const state = and(
      seen({}, {}),
      accepted(A),
      observed(A, 10_000, on(5, 0, 1), { loggedAt: on(5) }),
      ended(on(5)),
    );
    expect(amountsOf(settle(state, now))).toEqual({ [A]: 2000 });
  });
});

describe('counts that fall or come late', () => {
  it('a count that falls takes nothing back', () => {
    const state = and(settled(seen({}, { [A]: 10_000 })), observed(A, 3000, on(6)));
    expect(settle(state, now)).toEqual(NOTHING);
    expect(amountsOf(settle(and(state, observed(A, 10_500, on(7))), now))).toEqual({ [A]: 100 });
  });

  const counted = given(
    launched({ countFrom: 'approval' }),
    accepted(A),
    observed(A, 40_000, on(3)),
    observed(A, 52_000, on(4)),
  );

  it('an earlier first observation with fewer views adds what was missing', () => {
    expect(
      amountsOf(
        settle(and(settled(counted), observed(A, 38_000, on(2), { loggedAt: on(6) })), now),
      ),
    ).toEqual({ [A]: 400 });
  });

  it('an earlier first observation with more views takes the difference back, and says why', () => {
    const late = and(
      settled(counted),
      observed(A, 41_000, on(2), { loggedAt: on(6), id: eventId(7) }),
    );
    const [event] = eventsOf(settle(late, now));
    expect(event).toMatchObject({
      type: 'EarningsReversed',
      data: { total: 200, by: 'cliptally:settlement', lines: [{ clipId: A, amount: 200 }] },
    });
    expect(JSON.stringify(event)).toContain(
      `an earlier first observation arrived: 41000 views at ${on(2)} (${eventId(7)})`,
    );
    const corrected = settled(late);
    expect(netsOf(corrected)).toEqual({ [A]: 2200 });
    expect(amountsOf(settle(and(corrected, observed(A, 60_000, on(7))), now))).toEqual({
      [A]: 1600,
    });
  });

  it('and that money is there for the others in the same settlement', () => {
    const tight = given(
      launched({ countFrom: 'approval', budget: 2400 }),
      accepted(A),
      accepted(B),
      observed(A, 40_000, on(3)),
      observed(A, 52_000, on(4)),
    );
    const late = and(
      settled(tight),
      observed(A, 41_000, on(2)),
      observed(B, 0, on(2)),
      observed(B, 50_000, on(4)),
    );
    const events = eventsOf(settle(late, now));
    expect(events.map(({ type }) => type)).toEqual([
      'EarningsReversed',
      'EarningsAccrued',
      'CampaignBudgetExhausted',
    ]);
    expect(netsOf(settled(late))).toEqual({ [A]: 2200, [B]: 200 });
  });
});
