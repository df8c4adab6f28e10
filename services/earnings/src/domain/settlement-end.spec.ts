import { describe, expect, it } from '@jest/globals';
import { evolveCampaign, isExhausted, remainingOf, spentOf } from './campaign.js';
import { dueOf, evolveEntry, type ClipEntry } from './clip.js';
import { settle, SETTLEMENT_PATIENCE_MS, type Settlement } from './settlement.js';
import {
  accepted,
  amountsOf,
  and,
  approved,
  eventsOf,
  given,
  held,
  launched,
  linesOf,
  observed,
  netsOf,
  on,
  recorded,
  submitted,
  toppedUp,
} from './testing/facts.js';
import { now, NOTHING, settled, seen, awaiting, A, B, C } from './testing/settlements.js';

describe('when the last money is near', () => {
  /** 10.00 USD remain; 5.02 USD are due, observed on day 4. */
  const near = awaiting(seen({ budget: 1000 }, { [A]: 2510 }), 3);

  it('up to half of what remains is paid at once, whatever is outstanding', () => {
    expect(
      amountsOf(settle(awaiting(seen({ budget: 1000 }, { [A]: 2500 }), 3), new Date(on(4, 0, 1)))),
    ).toEqual({ [A]: 500 });
  });

  it('more than half waits for the scrapes that are outstanding', () => {
    expect(settle(near, new Date(on(4, 0, 29)))).toEqual({
      kind: 'wait',
      until: new Date(on(4, 0, 30)),
      because:
        '5.02 USD is due and 10.00 USD remains: all are settled together, and 3 scrapes are outstanding.',
      leftOut: [],
    });
  });

  it('and is paid once none is outstanding', () => {
    expect(amountsOf(settle(awaiting(near, 0), new Date(on(4, 0, 1))))).toEqual({ [A]: 502 });
  });

  it('or when the oldest unsettled observation has waited for 30 minutes', () => {
    expect(SETTLEMENT_PATIENCE_MS).toBe(30 * 60_000);
    const more = and(near, observed(A, 2600, on(4, 0, 25)));
    expect(settle(more, new Date(on(4, 0, 29)))).toMatchObject({
      kind: 'wait',
      until: new Date(on(4, 0, 30)),
    });
    expect(amountsOf(settle(more, new Date(on(4, 0, 30))))).toEqual({ [A]: 520 });
  });

  it('patience does not begin before there is money, so a top-up waits for the scrapes of its day', () => {
    const dry = and(settled(seen({ budget: 400 }, { [A]: 4000 })), toppedUp(500, on(20)));
    expect(settle(awaiting(dry, 1), new Date(on(20, 0, 10)))).toMatchObject({
      kind: 'wait',
      until: new Date(on(20, 0, 30)),
    });
    expect(amountsOf(settle(dry, new Date(on(20, 0, 10))))).toEqual({ [A]: 400 });
  });
});

describe('where the budget ends', () => {
  it('everybody is paid in full when it suffices to the last unit', () => {
    const state = seen({ budget: 2500 }, { [A]: 10_000, [B]: 2500 });
    const events = eventsOf(settle(state, now));
    expect(events[1]).toEqual({
      type: 'CampaignBudgetExhausted',
      data: { campaignId: 'spring', currency: 'USD', budget: 2500, unpaid: 0 },
    });
    expect(netsOf(settled(state))).toEqual({ [A]: 2000, [B]: 500 });
  });

  it('else everybody has a share in proportion, and the event says what is unpaid', () => {
    const state = seen({ budget: 1000 }, { [A]: 10_000, [B]: 5000 });
    expect(eventsOf(settle(state, now))).toMatchObject([
      { type: 'EarningsAccrued', data: { total: 1000, lines: [{ due: 2000, amount: 667 }, { due: 1000, amount: 333 }] } }, // prettier-ignore
      { type: 'CampaignBudgetExhausted', data: { budget: 1000, unpaid: 2000 } },
    ]);
    const after = settled(state);
    expect(isExhausted(after.campaign)).toBe(true);
    expect(after.clips.get(A)?.unsettledSince).toBe(on(4));
  });

  it('units that are left over go to the largest remainder', () => {
    // 100 over 60, 50 and 30 of 140: 42.86, 35.71 and 21.43 make 98; the two that are left over go
    // to .86 and .71
    expect(amountsOf(settle(seen({ budget: 100 }, { [A]: 150, [B]: 250, [C]: 300 }), now))).toEqual(
      { [A]: 21, [B]: 36, [C]: 43 },
    );
  });

  it('between equal remainders to the earlier approval, then to the smaller clip id', () => {
    const equal = [observed(A, 5000, on(4)), observed(B, 5000, on(4)), observed(C, 5000, on(4))];
    const approvals = (...days: number[]) =>
      [A, B, C].flatMap((clip, i) => [submitted(clip), approved(clip, on(days[i]!))]);
    expect(
      amountsOf(settle(given(launched({ budget: 1000 }), approvals(2, 3, 1), equal), now)),
    ).toEqual({ [A]: 333, [B]: 333, [C]: 334 });
    expect(
      amountsOf(settle(given(launched({ budget: 1001 }), approvals(1, 1, 1), equal), now)),
    ).toEqual({ [A]: 334, [B]: 334, [C]: 333 });
  });

  it('a share of nothing has no line, and stays due', () => {
    const state = seen({ budget: 1, ratePerThousand: { default: 1000 } }, { [A]: 1000, [B]: 1 });
    expect(amountsOf(settle(state, now))).toEqual({ [A]: 1 });
    expect(settled(state).clips.get(B)?.unsettledSince).toBe(on(4));
  });

  it('nothing accrues while it is exhausted', () => {
    const dry = settled(seen({ budget: 1000 }, { [A]: 10_000 }));
    expect(settle(and(dry, observed(A, 90_000, on(6))), now)).toEqual(NOTHING);
  });

  it('a top-up settles what was still due', () => {
    const dry = settled(seen({ budget: 1000 }, { [A]: 10_000, [B]: 5000 }));
    const richer = and(dry, toppedUp(5000, on(6)));
    expect(linesOf(settle(richer, now))).toMatchObject([
      { clipId: A, fromViews: 10_000, toViews: 10_000, due: 1333, amount: 1333 },
      { clipId: B, fromViews: 5000, toViews: 5000, due: 667, amount: 667 },
    ]);
    const paid = settled(richer);
    expect(spentOf(paid.campaign)).toBe(3000);
    expect(remainingOf(paid.campaign)).toBe(3000);
  });

  it('a top-up that does not suffice is shared by the same rule', () => {
    const dry = and(
      settled(seen({ budget: 1000 }, { [A]: 10_000, [B]: 5000 })),
      toppedUp(300, on(6)),
    );
    expect(amountsOf(settle(dry, now))).toEqual({ [A]: 200, [B]: 100 });
    expect(eventsOf(settle(dry, now))[1]).toMatchObject({
      type: 'CampaignBudgetExhausted',
      data: { budget: 1300, unpaid: 1700 },
    });
  });
});

it('what is observed while a settlement is decided waits from then on, not since what that settlement paid', () => {
  const state = given(launched({ budget: 2100 }), accepted(A), observed(A, 5_000, on(2)));
  const decided = recorded(eventsOf(settle(state, new Date(on(4)))), on(4));
  // The observation is in the log before the settlement, which did not know of it.
  const later = awaiting(and(state, observed(A, 10_000, on(4)), decided), 1);
  expect(later.clips.get(A)!.unsettledSince).toBe(on(4));
  expect(settle(later, new Date(on(4, 0, 29)))).toMatchObject({
    kind: 'wait',
    until: new Date(on(4, 0, 30)),
  });
});

describe('many clips', () => {
  const crowd = (count: number, budget: number): Settlement => {
    const one = seen({ budget }, { [A]: 10_000 });
    const entry = one.clips.get(A)!;
    const clips = Array.from({ length: count }, (_, i) => ({
      ...entry,
      clipId: `tiktok-${String(i).padStart(6, '0')}`,
    }));
    return { ...one, clips: new Map(clips.map((clip) => [clip.clipId, clip])) };
  };

  it('10,000 of them share the last money to the unit, in one event', () => {
    const [accrued, ...rest] = eventsOf(settle(crowd(10_000, 12_345), now));
    expect(accrued).toMatchObject({ type: 'EarningsAccrued', data: { total: 12_345 } });
    expect(rest.map(({ type }) => type)).toEqual(['CampaignBudgetExhausted']);
    expect(Buffer.byteLength(JSON.stringify(accrued))).toBeLessThan(4 * 1024 * 1024);
  });

  it('beyond that, in several events of the same append, since an event has a largest size', () => {
    const events = eventsOf(settle(crowd(20_000, 10 ** 9), now));
    expect(events.length).toBeGreaterThan(1);
    expect(
      events.reduce((sum, { data }) => sum + ('lines' in data ? data.lines.length : 0), 0),
    ).toBe(20_000);
    for (const event of recorded(events, on(4)))
      expect(Buffer.byteLength(JSON.stringify(event.data))).toBeLessThan(4 * 1024 * 1024);
  });

  it('a clip whose earnings cannot be counted exactly is passed over, and the others are settled as if it were not there', () => {
    const rate = { ratePerThousand: { default: 500_000 } };
    const state = seen(rate, { [A]: Number.MAX_SAFE_INTEGER, [B]: 10_000 });
    const decision = settle(state, now);
    expect(decision.leftOut).toEqual([
      { clipId: A, reason: expect.stringContaining('the source says 9007199254740991 views') },
    ]);
    expect(amountsOf(decision)).toEqual({ [B]: 100_000 });
    expect(eventsOf(decision)[0]!.data).toMatchObject({ leftOut: decision.leftOut });
    expect(amountsOf(settle(and(state, held(A, on(5))), now))).toEqual({ [B]: 100_000 });
  });

  it('sums beyond exact counting leave out those that are due most until the rest can be counted', () => {
    const terms = { budget: 10 ** 13, ratePerThousand: { default: 1_000_000 } };
    const most = Math.floor(Number.MAX_SAFE_INTEGER / 1_000_000) * 1000;
    const decision = settle(seen(terms, { [A]: most, [B]: most - 20_000, [C]: 10_000 }), now);
    expect(decision.leftOut.map(({ clipId }) => clipId)).toEqual([A]);
    const [accrual, exhausted] = eventsOf(decision);
    expect(accrual!.data).toMatchObject({ total: 10 ** 13 });
    expect(exhausted!.data).toMatchObject({
      unpaid: (most / 1000 - 20) * 1_000_000 + 10_000_000 - 10 ** 13,
    });
  });

  it('the last money waits for a clip about which no decision can be made, for 30 minutes at most', () => {
    const state = seen({ budget: 3000 }, { [A]: 10_000, [B]: 10_000 });
    const leftOut = [{ clipId: A, reason: 'its hold could not be recorded' }];
    const early = settle({ ...state, leftOut }, new Date(on(2, 0, 10)));
    expect(early).toMatchObject({
      kind: 'wait',
      because: expect.stringContaining(`no decision could be made about ${A}`),
    });
    expect(amountsOf(settle({ ...state, leftOut }, now))).toEqual({ [B]: 2000 });
  });
});

it('ten thousand clips that end the budget in one settlement have shares that sum to the last cent', () => {
  const clips = Array.from({ length: 10_000 }, (_, i) => `youtube-${i}`);
  const facts = clips.flatMap((clip, i) => [
    ...accepted(clip, { creatorId: `c${i}` }),
    observed(clip, 1_000 + ((i * 7919) % 9_000), on(2)),
  ]);
  const campaign = evolveCampaign(null, launched({ budget: 100_003 }));
  const entries = new Map<string, ClipEntry>();
  for (const event of facts)
    entries.set(
      event.data.clipId,
      evolveEntry(entries.get(event.data.clipId) ?? null, event, campaign),
    );
  const began = performance.now();
  const decision = settle({ campaign, clips: entries, scrapesOutstanding: 0 }, new Date(on(3)));
  process.stderr.write(
    `10,000 clips were settled in ${Math.round(performance.now() - began)} ms\n`,
  );
  const lines = linesOf(decision);
  expect(lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(100_003);
  expect(lines.every(({ amount, due }) => amount <= due)).toBe(true);
  const due = [...entries.values()].reduce((sum, entry) => sum + dueOf(entry, campaign), 0);
  expect(eventsOf(decision).at(-1)).toMatchObject({
    type: 'CampaignBudgetExhausted',
    data: { unpaid: due - 100_003 },
  });
});
