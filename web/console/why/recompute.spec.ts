import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { histories, world } from '../../../services/earnings/src/domain/testing/arbitraries.js';
import { on, type SettlementFact } from '../../../services/earnings/src/domain/testing/facts.js';
import { play, type World } from '../../../services/earnings/src/domain/testing/histories.js';
import type { LogEvent } from './log-event.js';
import { recompute } from './recompute.js';

/** The log that these facts would be; a decision rests on all before its append. */
function logOf(facts: readonly SettlementFact[]): LogEvent[] {
  const events: LogEvent[] = [];
  const seen = new Set<string>();
  let decidedAt = 0;
  let before = '';
  for (const { type, data, time, id } of facts) {
    if (seen.has(id)) continue;
    seen.add(id);
    const byPerson = type === 'EarningsReversed' && data.by !== 'cliptally:settlement';
    const follows =
      (type === 'EarningsAccrued' && before === 'EarningsReversed') ||
      type === 'CampaignBudgetExhausted';
    if (!follows) decidedAt = events.length;
    before = byPerson ? 'a person' : type;
    const position = events.length + 1;
    const decided = /^(Earnings|CampaignBudget)/.test(type) ? { decidedAt } : {};
    events.push({
      id,
      type,
      time,
      position,
      causationId: `${decidedAt} ${time}`,
      data: { ...structuredClone(data), ...decided },
    });
  }
  return events;
}

const opening = (of: World, budget: number): SettlementFact[] => {
  let nth = 0;
  const fact = (type: string, data: object, time: string) =>
    ({ id: `opening-${nth++}`, type, time, data }) as unknown as SettlementFact;
  return [
    fact(
      'CampaignLaunched',
      { campaignId: 'spring', brandId: 'b', name: 'Spring', terms: { ...of.terms, budget } },
      on(1),
    ),
    ...of.clips.flatMap(({ clipId, platform, approvedAt }) => {
      const entry = { clipId, platform, campaignId: 'spring' };
      return [
        fact('ClipSubmitted', { ...entry, creatorId: 'ann' }, approvedAt),
        fact('ClipApproved', { ...entry, by: 'b' }, approvedAt),
      ];
    }),
  ];
};

interface Lines {
  lines: { clipId: string; amount: number; due?: number; basis: object | null }[];
}
const history = fc
  .record({
    history: histories(world, { voids: true, fields: true }),
    budget: fc.integer({ min: 1, max: 60_000 }),
    maxPayoutPerCreator: fc.option(fc.integer({ min: 1, max: 20_000 })),
    platformFee: fc.option(
      fc.record({
        basisPoints: fc.integer({ min: 1, max: 3_000 }),
        bearer: fc.constantFrom('brand' as const, 'creator' as const),
      }),
      { nil: undefined },
    ),
  })
  .map((made) => {
    const { maxPayoutPerCreator, platformFee, budget } = made;
    const { world, steps } = made.history;
    const terms = { ...world.terms, maxPayoutPerCreator, ...(platformFee && { platformFee }) };
    const of = { ...world, terms };
    const facts: SettlementFact[] = [];
    play(of, budget, steps, (_, event) => {
      facts.push(event);
    });
    return logOf([...opening(of, budget), ...facts]);
  });

/** What a stranger may see: of other clips no line, of an event with lines its sums. */
const ownOf = (events: readonly LogEvent[], clipId: string): LogEvent[] =>
  events.flatMap((event) => {
    const { lines, clipId: about } = event.data;
    if (Array.isArray(lines)) {
      const own = (lines as { clipId: string }[]).filter((line) => line.clipId === clipId);
      return [{ ...event, data: { ...event.data, lines: own } }];
    }
    return about === undefined || about === clipId ? [event] : [];
  });

const feeOnTop = (events: readonly LogEvent[]): boolean =>
  (events[0]!.data['terms'] as { platformFee?: { bearer: string } }).platformFee?.bearer ===
  'brand';

const linesIn = (events: readonly LogEvent[]) =>
  events.flatMap((event) =>
    event.type === 'EarningsAccrued' || event.type === 'EarningsReversed'
      ? (event.data as unknown as Lines).lines.map((line) => ({ event, line }))
      : [],
  );

describe('a line that is computed anew from the events before it', () => {
  it('has the amount that the service gave, over random histories', () => {
    const counted = { lines: 0, shares: 0 };
    fc.assert(
      fc.property(history, (events) => {
        for (const { event, line } of linesIn(events)) {
          const { difference, open, steps } = recompute(ownOf(events, line.clipId), event.id, line.clipId)!; // prettier-ignore
          expect(difference).toBeNull();
          const byPerson = event.data['by'] !== undefined && line.basis === null;
          const shared = line.due !== undefined && line.due > line.amount;
          expect(open !== null).toBe(byPerson || (shared && feeOnTop(events)));
          if (open !== null) continue;
          expect(steps.find(({ name }) => name === 'Amount')!.found).toBe(BigInt(line.amount));
          counted.lines++;
          if (shared) counted.shares++;
        }
      }),
      { numRuns: Number(process.env['FAST_CHECK_RUNS'] ?? 300) },
    );
    expect(counted.lines).toBeGreaterThan(100);
    expect(counted.shares).toBeGreaterThan(5);
  }, 300_000);

  it('shows the first difference if one figure of the line is another', () => {
    let tried = 0;
    fc.assert(
      fc.property(history, fc.nat(), fc.constantFrom('amount', 'views', 'earned', 'had'), (events, nth, field) => {
        const lines = linesIn(events).filter(({ line }) => line.basis !== null);
        if (lines.length === 0) return;
        const { event, line } = lines[nth % lines.length]!;
        const forged = structuredClone(events).map((one) => one.id === event.id ? { ...one, data: { ...one.data, lines: (one.data as unknown as Lines).lines.map((own) => own.clipId !== line.clipId ? own : field === 'amount' ? { ...own, amount: own.amount + 1, due: own.due === undefined ? undefined : own.due + 1 } : { ...own, basis: { ...own.basis, [field]: (own.basis as Record<string, number>)[field]! + 1 } }) } } : one); // prettier-ignore
        expect(recompute(forged, event.id, line.clipId)!.difference).not.toBeNull();
        tried++;
      }),
      { numRuns: 200 },
    ); // prettier-ignore
    expect(tried).toBeGreaterThan(50);
  }, 120_000);

  it('is null if the line is not among the events', () => {
    expect(recompute([], 'none', 'none')).toBeNull();
  });
});
