import { describe, expect, it } from '@jest/globals';
import { decideAppeal, decideAppealAnswer } from './appeal.js';
import type { ClipEntry } from './clip.js';
import { settle } from './settlement.js';
import { accepted, ADMIN, amountsOf, and, ended, given, held, launched, observed, on, recorded, refusal, rejected, submitted, type SettlementFact } from './testing/facts.js'; // prettier-ignore

const CLIP = 'tiktok-a';
const text = 'The hashtag is in the first comment.';
const world = (...facts: SettlementFact[]) => given(launched(), ...facts);
const entryOf = (state: ReturnType<typeof world>): ClipEntry => state.clips.get(CLIP)!;
const appealed = (state: ReturnType<typeof world>) =>
  and(state, ...(recorded(decideAppeal(entryOf(state), { text, by: 'ann' }), on(3)) as SettlementFact[])); // prettier-ignore
const answer = (state: ReturnType<typeof world>, granted: boolean, others: ClipEntry[] = []) =>
  decideAppealAnswer(
    [entryOf(state), ...others],
    entryOf(state),
    state.campaign,
    { granted, reason: 'it is there', by: ADMIN },
    new Date(on(4)),
  );

describe('a creator appeals', () => {
  it('against a rejection or a hold, once, with a text', () => {
    const state = appealed(world(submitted(CLIP), rejected(CLIP)));
    expect(entryOf(state).appeal).toEqual({ at: on(3), text, answer: null });
    expect(refusal(() => appealed(state)).code).toBe('appeal_exists');
    expect(entryOf(appealed(world(...accepted(CLIP), held(CLIP, on(2))))).appeal).not.toBeNull();
    expect(refusal(() => appealed(world(submitted(CLIP)))).code).toBe('nothing_to_appeal');
    const state2 = entryOf(world(submitted(CLIP), rejected(CLIP)));
    expect(refusal(() => decideAppeal(state2, { text: ' ', by: 'ann' })).kind).toBe('malformed');
  });

  it('and is answered once, by a person with a reason', () => {
    const state = appealed(world(submitted(CLIP), rejected(CLIP)));
    const refused = and(state, ...(recorded(answer(state, false), on(4)) as SettlementFact[]));
    expect(entryOf(refused)).toMatchObject({
      status: 'REJECTED',
      appeal: { answer: { granted: false, reason: 'it is there', at: on(4) } },
    });
    expect(refusal(() => answer(refused, true)).code).toBe('no_appeal');
    expect(refusal(() => answer(world(submitted(CLIP)), true)).code).toBe('no_appeal');
  });

  it('granted, a rejected clip is approved, and a clip on hold released', () => {
    const types = (state: ReturnType<typeof world>) => answer(state, true).map(({ type }) => type);
    expect(types(appealed(world(submitted(CLIP), rejected(CLIP))))).toEqual([
      'ClipAppealAnswered',
      'ClipApproved',
    ]);
    expect(types(appealed(world(...accepted(CLIP), held(CLIP, on(2)))))).toEqual([
      'ClipAppealAnswered',
      'ClipReleased',
    ]);
  });

  it('granted, a clip that was approved before keeps its date and is paid what was seen since', () => {
    const facts = [...accepted(CLIP, { time: on(1) }), held(CLIP, on(2)), rejected(CLIP, on(2, 1)), observed(CLIP, 10_000, on(3))]; // prettier-ignore
    const state = appealed(world(...facts));
    const after = and(state, ...(recorded(answer(state, true), on(4)) as SettlementFact[]));
    expect(entryOf(state).rejection).toEqual({ reason: 'no hashtag', at: on(2, 1) });
    expect(entryOf(after)).toMatchObject({
      status: 'APPROVED',
      approvedAt: on(1),
      rejection: null,
    });
    expect(amountsOf(settle(after, new Date(on(4))))).toEqual({ [CLIP]: 2000 });
  });

  it('granted, it cannot be approved if it could not be otherwise', () => {
    const over = appealed(world(submitted(CLIP), rejected(CLIP), ended(on(2))));
    expect(refusal(() => answer(over, true)).code).toBe('campaign_state');
    const state = appealed(world(submitted(CLIP), rejected(CLIP)));
    const elsewhere = { ...entryOf(state), campaignId: 'other', status: 'PENDING' as const };
    expect(refusal(() => answer(state, true, [elsewhere])).code).toBe('clip_exclusive');
  });
});
