import { describe, expect, it } from '@jest/globals';
import type { ClipEntry } from './clip.js';
import type { Fact } from './fact.js';
import { record, type LedgerFact } from './ledger.js';
import { decideMove } from './move.js';
import { settle } from './settlement.js';
import { ADMIN, approved, held, launched, observed, on, recorded, refusal, rejected, submitted } from './testing/facts.js'; // prettier-ignore
import { MemoryLedger } from './memory-ledger.js';

const CLIP = 'tiktok-a';
const move = { reason: 'submitted to the wrong campaign', by: ADMIN };

/** A ledger with the campaigns "spring" and "right" after these events, settled at the end. */
function after(facts: LedgerFact[], right: Parameters<typeof launched>[0] = {}) {
  const ledger = new MemoryLedger();
  const history = [launched(), launched(right, 'right'), ...facts];
  for (const fact of history) record(ledger, fact);
  return { ledger, history };
}
const entryIn = (ledger: MemoryLedger, campaignId: string): ClipEntry | null =>
  ledger.entry(CLIP, campaignId);
const settled = (ledger: MemoryLedger, campaignId: string, time: string): void => {
  const campaign = ledger.campaign(campaignId)!;
  const clips = new Map([[CLIP, entryIn(ledger, campaignId)!]]);
  const decision = settle({ campaign, clips, scrapesOutstanding: 0 }, new Date(time));
  if (decision.kind === 'settle')
    for (const fact of recorded(decision.events, time)) record(ledger, fact as LedgerFact);
};

function moved({ ledger, history }: ReturnType<typeof after>, time: string, to = 'right') {
  const entry = entryIn(ledger, 'spring')!;
  const [from, next] = [ledger.campaign('spring')!, ledger.campaign(to)!];
  const decided = decideMove(
    [...ledger.entriesOf(CLIP)],
    entry,
    history.filter((fact): fact is Fact<'ClipSubmitted'> => 'clipId' in fact.data),
    [from, next],
    move,
  );
  for (const fact of recorded([...decided.clip, ...decided.from], time))
    record(ledger, fact as LedgerFact);
  return decided;
}
const net = (ledger: MemoryLedger, campaignId: string) => {
  const { accrued, reversed } = ledger.campaign(campaignId)!;
  return accrued - reversed;
};

describe('a clip is moved to the right campaign', () => {
  const facts = [submitted(CLIP, { time: on(2) }), approved(CLIP, on(2)), observed(CLIP, 3000, on(3)), observed(CLIP, 8000, on(4))]; // prettier-ignore

  it('D5: with its dates, old earnings reversed, new ones exact', () => {
    const state = after(facts, { ratePerThousand: { default: 500 }, trackingDays: 7 });
    settled(state.ledger, 'spring', on(4));
    expect(net(state.ledger, 'spring')).toBe(1600);
    moved(state, on(5));
    settled(state.ledger, 'right', on(5));
    expect([net(state.ledger, 'spring'), net(state.ledger, 'right')]).toEqual([0, 4000]);
    expect(entryIn(state.ledger, 'spring')!.status).toBe('REJECTED');
    expect(entryIn(state.ledger, 'right')).toMatchObject({ status: 'APPROVED', approvedAt: on(2) });
    // Seven days from the approval on the 2nd, not from the move.
    record(state.ledger, observed(CLIP, 9000, on(8, 23)));
    record(state.ledger, observed(CLIP, 90_000, on(9)));
    settled(state.ledger, 'spring', on(10));
    settled(state.ledger, 'right', on(10));
    expect([net(state.ledger, 'spring'), net(state.ledger, 'right')]).toEqual([0, 4500]);
  });

  it('counts in it what lies in its own window, also if the old one was shorter', () => {
    const state = after(facts, { startsAt: on(3, 12), countFrom: 'approval' });
    record(state.ledger, observed(CLIP, 12_000, on(6)));
    state.history.push(observed(CLIP, 12_000, on(6)));
    moved(state, on(7));
    // The first observation from its start on is that of the 4th: 12,000 less 8,000 views.
    settled(state.ledger, 'right', on(7));
    expect(net(state.ledger, 'right')).toBe(800);
  });

  it('twice, and counts nothing from before the approval by a reviewer', () => {
    const early = observed(CLIP, 70_000, on(2), { loggedAt: on(1, 23) });
    const state = after([facts[0]!, early, ...facts.slice(1)]);
    moved(state, on(5));
    expect(entryIn(state.ledger, 'right')!.views.highWater!.views).toBe(8000);
  });

  it('pending as approved', () => {
    const state = after([submitted(CLIP)]);
    expect(moved(state, on(5)).clip.map(({ type }) => type)).toEqual([
      'ClipRejected',
      'ClipSubmitted',
    ]);
    expect(entryIn(state.ledger, 'right')!.status).toBe('PENDING');
  });

  it('but not a rejected one, one on hold, to where it is or is kept out, nor for nothing', () => {
    const code = (state: ReturnType<typeof after>, to?: string) =>
      refusal(() => moved(state, on(5), to)).code;
    expect(code(after([submitted(CLIP), rejected(CLIP)]))).toBe('clip_state');
    expect(code(after([...facts, held(CLIP, on(4))]))).toBe('clip_held');
    expect(code(after(facts), 'spring')).toBe('same_campaign');
    expect(code(after(facts, { startsAt: on(3), endsAt: on(1) }))).toBe('window_empty');
    const there = after([...facts, submitted(CLIP, { campaignId: 'right' })]);
    expect(code(there)).toBe('clip_already_submitted');
    const third = after(facts);
    record(third.ledger, launched({}, 'third'));
    record(third.ledger, submitted(CLIP, { campaignId: 'third' }));
    expect(code(third)).toBe('clip_exclusive');
  });
});
