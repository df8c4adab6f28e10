import { describe, expect, it } from '@jest/globals';
import type { PlatformFee } from '@cliptally/contracts';
import * as fc from 'fast-check';
import { EMPTY_BALANCE, outstandingOf } from './balance.js';
import { budgetOf, remainingOf, spentOf } from './campaign.js';
import { netOf } from './clip.js';
import { settle, type Settlement } from './settlement.js';
import { arrivals, budgets, histories, KEYS, world as anyWorld } from './testing/arbitraries.js';
import { eventsOf, launched, netsOf, on, type SettlementFact } from './testing/facts.js';
import { finish, play, schedule, type World } from './testing/histories.js';
import { post, statementOf, type MoneyFact } from './testing/ledger.js';
import { naiveEntitlement, naiveFee, naiveShares, naiveSplit } from './testing/naive.js';
import { runs } from './testing/runs.js';

const fee: fc.Arbitrary<PlatformFee> = fc.record({
  basisPoints: fc.oneof(fc.constantFrom(0, 1, 250, 3_333, 9_999, 10_000), fc.nat(10_000)),
  bearer: fc.constantFrom('brand', 'creator'),
});
const world: fc.Arbitrary<World & { fee: PlatformFee }> = fc
  .tuple(anyWorld, fee)
  .map(([one, platformFee]) => ({
    ...one,
    terms: { ...one.terms, platformFee },
    fee: platformFee,
  }));
const withVoids = histories(world, { voids: true });
const withoutVoids = histories(world, { voids: false });
const entitlements = ({ terms, clips, endAt }: World): Map<string, bigint> =>
  new Map(clips.map((clip) => [clip.clipId, naiveEntitlement(terms, clip, endAt)]));
const total = (amounts: Iterable<bigint>): bigint =>
  [...amounts].reduce((all, one) => all + one, 0n);
/** What the budget has to be for all of it. */
const costOf = ({ fee }: { fee: PlatformFee }, owed: ReadonlyMap<string, bigint>): bigint =>
  total(owed.values()) +
  (fee.bearer === 'brand' ? total([...owed.values()].map((one) => naiveFee(fee, one))) : 0n);

/** Throws if a rule of fees that must always hold does not. */
function sound({ campaign, clips }: Settlement, platformFee: PlatformFee): void {
  const entries = [...clips.values()];
  const fees = total(entries.map(({ tally }) => BigInt(tally.fees)));
  const mine = platformFee.bearer === 'brand' ? campaign.feesOnTop : campaign.feesWithheld;
  const rules = {
    'spent is within the budget': remainingOf(campaign) >= 0,
    'clips have the fees of the campaign': fees === BigInt(mine),
    'the other bearer has none': campaign.feesOnTop + campaign.feesWithheld === mine,
    'no fee is more than that of what its clip has': entries.every(
      ({ tally }) => BigInt(tally.fees) <= naiveFee(platformFee, BigInt(netOf(tally))),
    ),
    'a fee that the creator bears is exact': entries.every(
      ({ tally }) =>
        platformFee.bearer === 'brand' ||
        BigInt(tally.fees) === naiveFee(platformFee, BigInt(netOf(tally))),
    ),
    'a clip that has nothing has no fee': entries.every(
      ({ tally }) => netOf(tally) > 0 || tally.fees === 0,
    ),
  };
  const broken = Object.entries(rules).filter(([, holds]) => !holds);
  if (broken.length > 0)
    throw new Error(`Broken: ${broken.map(([rule]) => rule).join('; ')}. ${JSON.stringify({ campaign, entries })}`); // prettier-ignore
}

const byClip = (a: unknown[], b: unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1);

describe('a platform fee, over random histories', () => {
  it('while the budget suffices, is that of what each clip has earned, however it was settled', () => {
    let [exact, inexact] = [0, 0];
    fc.assert(
      fc.property(withoutVoids, fc.nat(3), ({ world, steps }, spare) => {
        const owed = entitlements(world);
        const budget = Number(costOf(world, owed)) + spare || 1;
        let ends = 0;
        const count = (_: Settlement, { type }: SettlementFact) =>
          (ends += Number(type === 'CampaignBudgetExhausted'));
        const final = finish(play(world, budget, steps, count));
        expect(netsOf(final)).toEqual(
          Object.fromEntries([...owed].map(([clipId, earned]) => [clipId, Number(earned)])),
        );
        // An old post is known late: until it gives back, the budget may end for a while, and
        // each such end may leave a clip's fee a unit short.
        for (const { clipId, tally } of final.clips.values()) {
          const short = naiveFee(world.fee, owed.get(clipId)!) - BigInt(tally.fees);
          expect(short >= 0n && short <= BigInt(ends)).toBe(true);
          exact += Number(short === 0n && tally.fees > 0);
          inexact += Number(short > 0n);
        }
      }),
      { numRuns: runs() },
    );
    expect(exact).toBeGreaterThan(100 * inexact);
  });

  it('never lets a campaign pass its budget, and all sums of fees agree, whatever happens', () => {
    fc.assert(
      fc.property(withVoids, budgets, ({ world, steps }, budget) => {
        const final = finish(play(world, budget, steps, (state) => sound(state, world.fee)));
        sound(final, world.fee);
        const owed = entitlements(world);
        for (const { clipId, tally } of final.clips.values())
          expect(netOf(tally)).toBeLessThanOrEqual(
            Math.max(0, Number(owed.get(clipId)!) - tally.voided),
          );
      }),
      { numRuns: runs() },
    );
  });

  it('on top, ends the budget to the last unit, and shares it as a second, naive division does', () => {
    const portion = fc.double({ min: 0, max: 1, noNaN: true });
    const onTop = world.map((one) => ({
      ...one,
      terms: { ...one.terms, platformFee: { ...one.fee, bearer: 'brand' as const } },
      fee: { ...one.fee, bearer: 'brand' as const },
    }));
    fc.assert(
      fc.property(onTop, arrivals, portion, (world, keys, portion) => {
        const owed = entitlements(world);
        const cost = Number(costOf(world, owed));
        fc.pre(cost > 1);
        const budget = 1 + Math.floor(portion * (cost - 2));
        const state = play(world, budget, schedule(world, [], keys, KEYS));
        const dues = world.clips
          .map(({ clipId, approvedAt }) => ({
            clipId,
            approvedAt,
            due: Number(owed.get(clipId)! + naiveFee(world.fee, owed.get(clipId)!)),
          }))
          .filter(({ due }) => due > 0);
        const expected = [...naiveShares(budget, dues)]
          .filter(([, share]) => share > 0)
          .map(([clipId, share]) => [clipId, ...naiveSplit(world.fee, BigInt(share))])
          .sort(byClip);
        const [accrued] = eventsOf(settle(state, new Date(on(60))));
        if (accrued?.type !== 'EarningsAccrued') throw new Error('Nothing was accrued.');
        const { lines, total: earned, fee } = accrued.data;
        expect(
          lines
            .map(({ clipId, amount, fee }) => [clipId, BigInt(amount), BigInt(fee!.amount)])
            .sort(byClip),
        ).toEqual(expected);
        expect(earned + fee!.total).toBe(budget);
        const final = finish(state);
        expect([spentOf(final.campaign), remainingOf(final.campaign)]).toEqual([
          budgetOf(final.campaign),
          0,
        ]);
      }),
      { numRuns: runs() },
    );
  });

  it('is in statements as in sums, and each of its lines can be computed from itself', () => {
    fc.assert(
      fc.property(withVoids, budgets, ({ world, steps }, budget) => {
        const money: MoneyFact[] = [];
        const keep = (_: Settlement, event: SettlementFact) => {
          if (event.type !== 'EarningsAccrued' && event.type !== 'EarningsReversed') return;
          money.push(event);
          for (const { fee } of event.data.lines) {
            const right = (BigInt(fee!.of) * BigInt(world.fee.basisPoints)) / 10_000n;
            const change = right - BigInt(fee!.had);
            if (event.type === 'EarningsReversed')
              expect(BigInt(fee!.amount)).toBe(change < 0n ? -change : 0n);
            else if (world.fee.bearer === 'creator') expect(BigInt(fee!.amount)).toBe(change);
            else expect(BigInt(fee!.amount)).toBeLessThanOrEqual(change);
          }
        };
        const { campaign, clips } = play(world, budget, steps, keep);
        const log = [launched({ ...world.terms, budget }), ...money];
        const last = (lines: ReturnType<typeof statementOf>) => lines.at(-1)?.sum ?? 0;
        expect(last(statementOf({ campaignId: campaign.campaignId }, log))).toBe(spentOf(campaign));
        const ann = statementOf({ creatorId: 'ann' }, log);
        const nets = [...clips.values()].reduce((all, { tally }) => all + netOf(tally), 0);
        expect(last(ann)).toBe(nets - campaign.feesWithheld);
        const balance = ann.reduce(post, EMPTY_BALANCE);
        expect(outstandingOf(balance)).toBe(last(ann));
        expect(balance.withheld).toBe(campaign.feesWithheld);
        for (const { clipId, tally } of clips.values())
          expect(last(statementOf({ clipId }, log))).toBe(
            netOf(tally) - (world.fee.bearer === 'creator' ? tally.fees : 0),
          );
      }),
      { numRuns: runs() },
    );
  });
});
