import { describe, expect, it } from '@jest/globals';
import { PLATFORMS, type CampaignTerms } from '@cliptally/contracts';
import * as fc from 'fast-check';
import { eventId, on, terms as termsOf, type SettlementFact } from '../../../services/earnings/src/domain/testing/facts.js';
import { play, schedule, type Act, type Clip, type World } from '../../../services/earnings/src/domain/testing/histories.js';
import { auditEvents } from './audit.js';
import { sentenceOf } from './report.js';
import { WrittenLog } from './testing/log.js';

const KEYS = 1000;
const key = fc.nat({ max: KEYS });
const minute = (from: number, to: number) => fc.integer({ min: from * 24 * 60, max: to * 24 * 60 }).map((minutes) => on(1, 0, minutes));
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
  })
  .map((change) => termsOf(change));
const views = fc.oneof(fc.nat({ max: 5 }), fc.integer({ min: 100, max: 20_000 }));
const clips: fc.Arbitrary<Clip[]> = fc
  .array(
    fc.record({
      platform: fc.constantFrom(...PLATFORMS),
      approvedAt: minute(0, 4),
      looks: fc.array(fc.record({ views, observedAt: minute(0, 22) }), { minLength: 1, maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) =>
    list.map(({ platform, approvedAt, looks }, i) => ({
      clipId: `${platform}-${i}`,
      platform,
      approvedAt,
      // The first at the very approval: often the baseline, and often late.
      looks: looks.map((l, j) => ({ ...l, id: eventId(i * 100 + j + 1), ...(j === 0 && l.views % 2 === 0 && { observedAt: approvedAt }) })),
    })),
  );
const world: fc.Arbitrary<World> = fc.record({ terms, clips, endAt: fc.option(minute(5, 22), { freq: 3 }) });
const onClip = { key, clip: fc.nat({ max: 3 }), amount: fc.integer({ min: 1, max: 5000 }) };
const acts = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ key, act: fc.constant('settle' as const), looksOutstanding: fc.constantFrom(0, 0, 2) }) },
    { weight: 1, arbitrary: fc.record({ key, act: fc.constant('topUp' as const), amount: fc.integer({ min: 1, max: 20_000 }) }) },
    { weight: 1, arbitrary: fc.record({ key, act: fc.constant('pause' as const) }) },
    { weight: 2, arbitrary: fc.record({ key, act: fc.constant('resume' as const) }) },
    { weight: 1, arbitrary: fc.record({ ...onClip, act: fc.constant('hold' as const) }) },
    { weight: 2, arbitrary: fc.record({ ...onClip, act: fc.constant('release' as const) }) },
    { weight: 2, arbitrary: fc.record({ ...onClip, act: fc.constant('void' as const) }) },
  ) as fc.Arbitrary<Act>,
  { minLength: 2, maxLength: 16 },
);

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
    const kind = type === 'EarningsReversed' && data.by !== 'cliptally:settlement' ? 'a person' : type;
    const follows = (type === 'EarningsAccrued' && before === 'EarningsReversed') || type === 'CampaignBudgetExhausted';
    if (!follows) decidedAt = log.head;
    before = kind;
    const stream = 'clipId' in data ? `clip-${data.clipId}` : `campaign-${data.campaignId}`;
    const more = type === 'ViewsRecorded' ? { requestId: id } : /^(Earnings|CampaignBudget)/.test(type) ? { decidedAt } : {};
    log.together(() => {
      log.add(stream, type, { ...structuredClone(data), ...more }, id);
      if (type === 'ClipHeld' || type === 'ClipReleased')
        log.add(`campaign-${data.campaignId}`, `Campaign${type}`, { campaignId: data.campaignId, clipId: data.clipId });
      if (type === 'EarningsReversed')
        log.add('payout-ann', 'CreatorEarningsReversed', { creatorId: 'ann', campaignId: data.campaignId, currency: data.currency, amount: data.total, reversal: id }); // prettier-ignore
    });
  }
  for (const event of log.events) event.causationId = event.correlationId = 'one';
  return log;
}

describe('the rules of the services and of the auditor', () => {
  it('give the same settlements, to the last unit, over random histories', async () => {
    let lines = 0;
    await fc.assert(
      fc.asyncProperty(
        world,
        acts,
        fc.infiniteStream(key),
        key,
        fc.integer({ min: 1, max: 60_000 }),
        async (world, acts, keys, endKey, budget) => {
          const facts: SettlementFact[] = [];
          play(world, budget, schedule(world, acts, keys, endKey), (_, event) => void facts.push(event));
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
});

function openingOf(world: World, budget: number): SettlementFact[] {
  const fact = (type: string, data: object, time: string) => ({ id: `opening-${nth++}`, type, time, data }) as unknown as SettlementFact;
  let nth = 0;
  return [
    fact('CampaignLaunched', { campaignId: 'spring', brandId: 'b', name: 'Spring', terms: { ...world.terms, budget } }, on(1)),
    ...world.clips.flatMap(({ clipId, platform, approvedAt }) => {
      const entry = { clipId, platform, campaignId: 'spring' };
      return [fact('ClipSubmitted', { ...entry, creatorId: 'ann' }, approvedAt), fact('ClipApproved', { ...entry, by: 'b' }, approvedAt)];
    }),
  ];
}
