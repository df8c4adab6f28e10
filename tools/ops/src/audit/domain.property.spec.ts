import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { histories, world } from '../../../../services/earnings/src/domain/testing/arbitraries.js';
import { on, type SettlementFact } from '../../../../services/earnings/src/domain/testing/facts.js';
import { play, type World } from '../../../../services/earnings/src/domain/testing/histories.js';
import { auditEvents } from './audit.js';
import type { RawEvent } from './events.js';
import { sentenceOf } from './report.js';
import { WrittenLog } from './testing/log.js';

/** The log that these facts would be, each decision at the position of the event before it. */
function logOf(facts: readonly SettlementFact[]): WrittenLog {
  const log = new WrittenLog();
  const seen = new Set<string>();
  let decidedAt = 0;
  let before = '';
  for (const { type, data, time, id } of facts) {
    if (seen.has(id)) continue;
    seen.add(id);
    log.time = time;
    const kind =
      type === 'EarningsReversed' && data.by !== 'cliptally:settlement' ? 'a person' : type;
    const follows =
      (type === 'EarningsAccrued' && before === 'EarningsReversed') ||
      type === 'CampaignBudgetExhausted';
    if (!follows) decidedAt = log.head;
    before = kind;
    const stream = 'clipId' in data ? `clip-${data.clipId}` : `campaign-${data.campaignId}`;
    const more =
      type === 'ViewsRecorded'
        ? { requestId: id }
        : /^(Earnings|CampaignBudget)/.test(type)
          ? { decidedAt }
          : {};
    log.together(() => {
      log.add(stream, type, { ...structuredClone(data), ...more }, id);
      if (type === 'ClipHeld' || type === 'ClipReleased')
        log.add(`campaign-${data.campaignId}`, `Campaign${type}`, {
          campaignId: data.campaignId,
          clipId: data.clipId,
        });
      if (type === 'EarningsReversed')
        log.add('payout-ann', 'CreatorEarningsReversed', { creatorId: 'ann', campaignId: data.campaignId, currency: data.currency, amount: data.total, reversal: id }); // prettier-ignore
    });
  }
  for (const event of log.events) event.causationId = event.correlationId = 'one';
  return log;
}

const fee = fc.option(
  fc.record({
    basisPoints: fc.oneof(fc.constantFrom(1, 250, 3_333, 10_000), fc.nat(10_000)),
    bearer: fc.constantFrom('brand' as const, 'creator' as const),
  }),
);

/** All figures of fees in the events of a log. */
function feesIn(events: readonly RawEvent[]): { of: Record<string, unknown>; field: string }[] {
  return events.flatMap(({ data }) => {
    const lines = (data['lines'] ?? []) as Record<string, unknown>[];
    const fees = [data, ...lines].flatMap((one) => {
      const fee = one['fee'] as Record<string, unknown> | undefined;
      return fee ? [fee] : [];
    });
    return fees.flatMap((of) =>
      Object.keys(of).flatMap((field) => (field === 'bearer' ? [] : [{ of, field }])),
    );
  });
}

/** The log takes an id once, as the services then see it: a second delivery never reaches them. */
const history = histories(world, { voids: true, fields: true }).map(({ world, steps }) => {
  const taken = new Set<string>();
  const once = steps.filter((step) => 'act' in step || (!taken.has(step.id) && taken.add(step.id)));
  return { world, steps: once };
});

describe('the rules of the services and of the auditor', () => {
  it('give the same settlements, to the last unit, over random histories', async () => {
    let lines = 0;
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.integer({ min: 1, max: 60_000 }),
        fc.option(fc.integer({ min: 1, max: 20_000 })),
        fee,
        async ({ world: anyWorld, steps }, budget, maxPayoutPerCreator, platformFee) => {
          const terms = {
            ...anyWorld.terms,
            maxPayoutPerCreator,
            ...(platformFee && { platformFee }),
          };
          const world = { ...anyWorld, terms };
          const facts: SettlementFact[] = [];
          play(world, budget, steps, (_, event) => void facts.push(event));
          const opening = openingOf(world, budget);
          const audit = await auditEvents(logOf([...opening, ...facts]).events);
          expect(audit.findings.map(sentenceOf)).toEqual([]);
          lines += audit.lines;
        },
      ),
      { numRuns: Number(process.env['FAST_CHECK_RUNS'] ?? 500) },
    );
    expect(lines).toBeGreaterThan(100);
  }, 300_000);

  it('a fee that is a unit off is found, wherever it is said', async () => {
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.integer({ min: 1, max: 60_000 }),
        fee,
        fc.nat(),
        async ({ world: anyWorld, steps }, budget, platformFee, which) => {
          fc.pre(platformFee !== null);
          const terms = { ...anyWorld.terms, platformFee: platformFee! };
          const world = { ...anyWorld, terms };
          const facts: SettlementFact[] = [];
          play(world, budget, steps, (_, event) => void facts.push(event));
          const { events } = logOf([...openingOf(world, budget), ...facts]);
          const figures = feesIn(events);
          fc.pre(figures.length > 0);
          const { of, field } = figures[which % figures.length]!;
          of[field] = (of[field] as number) + 1;
          changed++;
          expect((await auditEvents(events)).findings).not.toEqual([]);
        },
      ),
      { numRuns: Number(process.env['FAST_CHECK_RUNS'] ?? 300) },
    );
    expect(changed).toBeGreaterThan(50);
  }, 300_000);
});

function openingOf(world: World, budget: number): SettlementFact[] {
  const fact = (type: string, data: object, time: string) =>
    ({ id: `opening-${nth++}`, type, time, data }) as unknown as SettlementFact;
  let nth = 0;
  return [
    fact(
      'CampaignLaunched',
      { campaignId: 'spring', brandId: 'b', name: 'Spring', terms: { ...world.terms, budget } },
      on(1),
    ),
    ...world.clips.flatMap(({ clipId, platform, approvedAt }) => {
      const entry = { clipId, platform, campaignId: 'spring' };
      return [
        fact('ClipSubmitted', { ...entry, creatorId: 'ann' }, approvedAt),
        fact('ClipApproved', { ...entry, by: 'b' }, approvedAt),
      ];
    }),
  ];
}
