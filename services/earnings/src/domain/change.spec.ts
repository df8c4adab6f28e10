import { EVENT_TYPES } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { CHANGING, Summary, changesOf, mayLearn, type Change, type Owners } from './change.js';

/** Of tracking, and what only repeats another event. */
const SILENT = [
  'TrackingRunStarted', 'ClipTrackingRequested', 'ScrapeBatchStarted', 'ScrapeBatchCompleted',
  'SourceUsageMeasured', 'PayoutIdTaken', 'SubmissionCounted', 'AccountOwnerChanged', 'BudgetCommitted',
  'EventSkipped', 'EventSkipReviewed',
]; // prettier-ignore

const owners: Owners = {
  brandOf: (campaignId) => `brand of ${campaignId}`,
  entriesOf: () => [
    { campaignId: 'a', creatorId: 'ann' },
    { campaignId: 'b', creatorId: 'bob' },
  ],
  linkOf: () => ({ campaignId: 'a', creatorId: 'ann' }),
};
const of = (type: string, data: object) =>
  changesOf({ type, data } as Parameters<typeof changesOf>[0], owners);

describe('what an event changes', () => {
  it('is known of every event but those of tracking', () => {
    expect([...CHANGING, ...SILENT].toSorted()).toEqual([...EVENT_TYPES].toSorted());
  });

  it('is a change for each owner, who learns of its own only', () => {
    const changes = of('ViewsRecorded', { clipId: 'x' });
    expect(changes).toEqual([
      { kind: 'views', clipId: 'x', campaignId: 'a', creatorId: 'ann', brandId: 'brand of a' },
      { kind: 'views', clipId: 'x', campaignId: 'b', creatorId: 'bob', brandId: 'brand of b' },
    ]);
    const [first, second] = changes as [Change, Change];
    expect(mayLearn({ role: 'creator', subject: 'ann' }, first)).toBe(true);
    expect(mayLearn({ role: 'creator', subject: 'ann' }, second)).toBe(false);
    expect(mayLearn({ role: 'brand', subject: 'brand of b' }, second)).toBe(true);
    expect(mayLearn({ role: 'brand', subject: 'ann' }, first)).toBe(false);
    expect(mayLearn({ role: 'admin', subject: 'x' }, first)).toBe(true);
    expect(of('ClipApproved', { clipId: 'x', campaignId: 'b' })).toEqual([second].map((one) => ({ ...one, kind: 'clips' }))); // prettier-ignore
  });

  it('of money is one of each line', () => {
    const lines = [
      { clipId: 'x', creatorId: 'ann' },
      { clipId: 'y', creatorId: 'bob' },
    ];
    expect(of('EarningsAccrued', { campaignId: 'a', lines }).map(({ creatorId, clipId }) => [creatorId, clipId])).toEqual(
      [['ann', 'x'], ['bob', 'y']],
    ); // prettier-ignore
  });

  it('of payouts is the creator’s alone', () => {
    const [change] = of('PayoutPaid', { payoutId: 'p', creatorId: 'ann' });
    expect(change).toMatchObject({ kind: 'payouts', creatorId: 'ann', brandId: null });
    expect(mayLearn({ role: 'brand', subject: 'ann' }, change!)).toBe(false);
    expect(mayLearn({ role: 'creator', subject: 'bob' }, change!)).toBe(false);
  });

  it('of an erasure is whatever names the creator', () => {
    const changes = of('CreatorErased', { creatorId: 'ann' });
    expect(changes.map(({ kind, creatorId }) => [kind, creatorId])).toEqual(
      ['clips', 'payouts', 'links', 'accounts'].map((kind) => [kind, 'ann']),
    );
  });

  it('of what a brand has paid in is the brand’s alone', () => {
    for (const type of ['BudgetFunded', 'BudgetRefunded', 'BudgetRefundUndone'] as const) {
      const [change] = of(type, { brandId: 'acme', amount: 1 });
      expect(change).toMatchObject({ kind: 'funding', brandId: 'acme', campaignId: null });
      expect(mayLearn({ role: 'brand', subject: 'acme' }, change!)).toBe(true);
      expect(mayLearn({ role: 'brand', subject: 'globex' }, change!)).toBe(false);
      expect(mayLearn({ role: 'creator', subject: 'acme' }, change!)).toBe(false);
    }
  });

  it('that nobody owns is an admin’s only', () => {
    const nobody: Owners = { brandOf: () => null, entriesOf: () => [], linkOf: () => null };
    const event = { type: 'ViewsRecorded', data: { clipId: 'x' } } as Parameters<typeof changesOf>[0]; // prettier-ignore
    const [change] = changesOf(event, nobody);
    expect(mayLearn({ role: 'admin', subject: 'x' }, change!)).toBe(true);
    for (const role of ['brand', 'creator'] as const)
      expect(mayLearn({ role, subject: 'null' }, change!)).toBe(false);
  });

  it('is summed up: more than 200 ids are not named', () => {
    const summary = new Summary();
    for (let n = 0; n < 5_000; n++)
      summary.add({ kind: 'views', campaignId: 'a', clipId: `${n}`, brandId: null, creatorId: null }); // prettier-ignore
    expect(summary.toJSON()).toEqual({ kinds: ['views'], campaigns: ['a'], clips: null });
  });
});
