import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { earnedBy, restsOn, type ClipEntry } from './clip.js';
import { decideMove } from './move.js';
import { settle } from './settlement.js';
import { lineOf } from './settlement-lines.js';
import { accepted, ADMIN, and, given, inField, launched, observed, on, recorded, submitted, type SettlementFact } from './testing/facts.js'; // prettier-ignore

const CLIP = 'instagram-a';
const [VIEWS, PLAYS] = ['videoViewCount', 'videoPlayCount'] as const;
const seen = (views: number, day: number, field: string = VIEWS, loggedAt = on(day)) =>
  observed(CLIP, views, on(day), { field, loggedAt });
const toPlays = inField(CLIP, [VIEWS, PLAYS], on(10));
const back = inField(CLIP, [PLAYS, VIEWS], on(15));

/** From approval at 2.00 USD per thousand, with 40,000 and then 52,000 views: 24.00 USD. */
const after = (facts: SettlementFact[], change: Parameters<typeof launched>[0] = {}) =>
  given(launched({ countFrom: 'approval', ...change }), accepted(CLIP, { time: on(2) }), seen(40_000, 3), seen(52_000, 9), facts); // prettier-ignore
const entryAfter = (...facts: SettlementFact[]): ClipEntry => after(facts).clips.get(CLIP)!;
const earned = (...facts: SettlementFact[]) =>
  earnedBy(entryAfter(...facts), after(facts).campaign.terms);

describe('a clip whose view field has changed counts from approval', () => {
  it('what was counted before, and what the new field grows by', () => {
    expect(earned()).toBe(2_400);
    expect(earned(toPlays)).toBe(2_400);
    expect(earned(toPlays, seen(150_000, 11, PLAYS))).toBe(2_400);
    const all = [toPlays, seen(150_000, 11, PLAYS), seen(155_000, 12, PLAYS)];
    expect(earned(...all)).toBe(3_400);
    const { campaign, clips } = after(all);
    expect(lineOf(campaign, { clip: clips.get(CLIP)!, due: 3_400, amount: 3_400 })).toMatchObject({
      fromViews: 150_000,
      toViews: 155_000,
      basis: { views: 155_000, baseline: 138_000, earned: 3_400, field: PLAYS },
    });
  });

  it('also if the new field says less than the old one did', () => {
    expect(earned(toPlays, seen(20_000, 11, PLAYS), seen(23_000, 12, PLAYS))).toBe(3_000);
  });

  it('nothing twice: a field that begins below what was counted counts from there on', () => {
    const all = [toPlays, seen(9_000, 11, PLAYS), seen(12_000, 12, PLAYS)];
    expect(earned(...all)).toBe(2_400);
    expect(restsOn(entryAfter(...all), after([]).campaign.terms).field).toBeNull();
    expect(earned(...all, seen(13_000, 13, PLAYS))).toBe(2_600);
  });

  it('and a field that it comes back to goes on with its own baseline', () => {
    expect(earned(toPlays, back, seen(60_000, 16))).toBe(4_000);
    const grown = [toPlays, seen(150_000, 11, PLAYS), seen(155_000, 12, PLAYS), back];
    expect(earned(...grown, seen(57_000, 16))).toBe(3_400);
    expect(earned(...grown, seen(58_000, 16))).toBe(3_600);
  });

  it('what is logged late in the old field counts there', () => {
    const late = seen(53_000, 9, VIEWS, on(11));
    expect(earned(toPlays, late)).toBe(2_600);
    expect(earned(toPlays, seen(150_000, 11, PLAYS), late)).toBe(2_600);
    expect(earned(toPlays, seen(150_000, 11, PLAYS), late, seen(151_500, 12, PLAYS))).toBe(2_700);
  });

  it('milestones are due once, whatever the field', () => {
    const of = (...facts: SettlementFact[]) => {
      const { campaign, clips } = after(facts, { milestones: [{ views: 10_000, bonus: 500 }, { views: 20_000, bonus: 900 }] }); // prettier-ignore
      return earnedBy(clips.get(CLIP)!, campaign.terms);
    };
    expect(of(toPlays, seen(150_000, 11, PLAYS))).toBe(2_900);
    expect(of(toPlays, seen(150_000, 11, PLAYS), seen(158_000, 12, PLAYS))).toBe(5_400);
  });

  it('all views of the larger field, if the campaign counts from zero', () => {
    const of = (...facts: SettlementFact[]) => {
      const { campaign, clips } = after(facts, { countFrom: 'zero' });
      return earnedBy(clips.get(CLIP)!, campaign.terms);
    };
    expect(of(toPlays, seen(50_000, 11, PLAYS))).toBe(10_400);
    expect(of(toPlays, seen(60_000, 11, PLAYS))).toBe(12_000);
  });

  it('a change of before this rule keeps the old baseline, so that no settlement is undone', () => {
    const old = inField(CLIP, [VIEWS, PLAYS], on(10), 'old');
    expect(earned(old, seen(150_000, 11, PLAYS))).toBe(22_000);
  });

  it('and is settled to the cent: nothing for the change, then what is new', () => {
    const paid = (state: ReturnType<typeof given>, day: number) => {
      const decision = settle({ ...state, scrapesOutstanding: 0 }, new Date(on(day)));
      return decision.kind === 'settle'
        ? and(state, recorded(decision.events, on(day)) as SettlementFact[])
        : state;
    };
    let state = paid(after([]), 9);
    expect(state.campaign.accrued).toBe(2_400);
    state = paid(and(state, [toPlays, seen(150_000, 11, PLAYS)]), 11);
    expect(state.campaign).toMatchObject({ accrued: 2_400, reversed: 0 });
    state = paid(and(state, [seen(155_000, 12, PLAYS)]), 12);
    expect(state.campaign).toMatchObject({ accrued: 3_400, reversed: 0 });
    expect(state.clips.get(CLIP)!.tally).toMatchObject({ paidUpTo: 155_000, paidIn: PLAYS });
  });

  it('a move brings the fields along, with what each had counted', () => {
    const facts = [submitted(CLIP, { time: on(1) }), ...accepted(CLIP, { time: on(2) }).slice(1), seen(40_000, 3), seen(52_000, 9), toPlays, seen(150_000, 11, PLAYS), seen(155_000, 12, PLAYS)]; // prettier-ignore
    const from = given(launched({ countFrom: 'approval' }), facts);
    const to = given(launched({ countFrom: 'approval', trackingDays: 9 }, 'right'));
    const decided = decideMove([...from.clips.values()], from.clips.get(CLIP)!, facts, [from.campaign, to.campaign], { reason: 'wrong one', by: ADMIN }); // prettier-ignore
    // Its window in the new campaign closes on the 11th: no plays lie in it.
    expect(decided.clip.at(-1)!.data).toMatchObject({
      moved: { fields: [{ field: VIEWS, carried: 0, highWater: { views: 52_000 } }, { field: PLAYS, carried: 12_000, highWater: null, first: null }] },
    }); // prettier-ignore
  });
});

it('whatever is seen in whatever field, no change and no first observation of a field pays anything', () => {
  const field = fc.constantFrom('a', 'b', 'c');
  const step = fc.record({ field, change: fc.boolean(), views: fc.nat(20_000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let state = given(launched({ countFrom: 'approval' }), accepted(CLIP, { time: on(1) }));
      const now = () => earnedBy(state.clips.get(CLIP)!, state.campaign.terms);
      let [viewField, chosen, grown] = ['a', new Set(['a']), 0];
      const begun = new Map<string, number>();
      for (const [i, { field, change, views }] of steps.entries()) {
        const before = now();
        const time = on(2, i);
        if (change && field !== viewField) {
          state = and(state, inField(CLIP, [viewField, field], time));
          viewField = field;
          chosen = chosen.add(field);
          expect(now()).toBe(before);
        } else if (!change && chosen.has(field)) {
          state = and(state, observed(CLIP, views, time, { field }));
          const high = begun.get(field);
          if (high === undefined) expect(now()).toBe(before);
          grown += Math.max(0, views - (high ?? views));
          begun.set(field, Math.max(high ?? 0, views));
          expect(now()).toBeGreaterThanOrEqual(before);
          expect(now()).toBeLessThanOrEqual(Math.floor((grown * 200) / 1_000));
        }
      }
    }),
    { numRuns: Number(process.env['FAST_CHECK_RUNS'] ?? 500) },
  );
});
