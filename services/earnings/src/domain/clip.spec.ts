import { describe, expect, it } from '@jest/globals';
import { decideApproval, decideHold, decideRejection, decideRelease } from './clip-review.js';
import { decideSubmission } from './submission.js';
import type { ClipEntry, ClipFact } from './clip.js';
import { evolveCampaign, type Campaign } from './campaign.js';
import { evolveEntry } from './clip.js';
import {
  accepted,
  ADMIN,
  approved,
  ended,
  given,
  held,
  launched,
  observed,
  on,
  paused,
  refusal,
  rejected,
  released,
  retired,
  submitted,
} from './testing/facts.js';

const CLIP = 'tiktok-1';
const by = ADMIN;
const now = new Date(on(2));
const submission = {
  platform: 'tiktok' as const,
  videoId: '1',
  url: 'https://example.com/tiktok-1',
  submittedUrl: 'https://example.com/tiktok-1',
};
const byBob = (campaignId = 'spring') => ({ ...submission, campaignId, creatorId: 'bob' });
const campaign = (id = 'spring', exclusive = true): Campaign =>
  evolveCampaign(null, launched({ exclusive }, id));

/** The clip's entry in "spring" after these events. */
const entry = (...facts: ClipFact[]): ClipEntry => given(launched(), facts).clips.get(CLIP)!;
const entryIn = (where: Campaign, ...facts: ClipFact[]): ClipEntry =>
  facts.reduce<ClipEntry | null>((e, f) => evolveEntry(e, f, where), null)!;

describe('a clip is submitted', () => {
  it('to an active campaign', () => {
    expect(decideSubmission([], byBob(), campaign(), now)).toEqual([
      { type: 'ClipSubmitted', data: { clipId: CLIP, ...byBob() } },
    ]);
  });

  it('once to a campaign, by whomever', () => {
    const error = refusal(() =>
      decideSubmission([entry(submitted(CLIP, { creatorId: 'ann' }))], byBob(), campaign(), now),
    );
    expect(error).toMatchObject({ kind: 'conflict', code: 'clip_already_submitted' });
  });

  it.each([
    ['an exclusive campaign, it may be in no other', true, false],
    ['another, an exclusive campaign does not take it', false, true],
  ])('in %s', (_, first, second) => {
    const other = campaign('other', first);
    const standing = entryIn(other, submitted(CLIP, { campaignId: 'other' }));
    const error = refusal(() =>
      decideSubmission([standing], byBob(), campaign('spring', second), now),
    );
    expect(error).toMatchObject({ kind: 'conflict', code: 'clip_exclusive' });
    // It does not say which campaign another creator's clip is in.
    expect(error.message).toContain(`${first ? 'that' : 'this'} one is exclusive`);
    expect(error.message).not.toContain('other"');
    const own = { ...standing, creatorId: byBob().creatorId };
    const again = refusal(() => decideSubmission([own], byBob(), campaign('spring', second), now));
    expect(again.message).toContain(`"${first ? 'other' : 'spring'}" is exclusive`);
  });

  it('to several campaigns when none of them is exclusive', () => {
    const standing = entryIn(campaign('other', false), submitted(CLIP, { campaignId: 'other' }));
    expect(decideSubmission([standing], byBob(), campaign('spring', false), now)).toHaveLength(1);
  });

  it('again after a rejection, so that a false claim cannot keep its owner out', () => {
    const first = entry(submitted(CLIP, { creatorId: 'thief' }), rejected(CLIP));
    expect(decideSubmission([first], byBob(), campaign(), now)).toHaveLength(1);
    const second = entry(
      submitted(CLIP, { creatorId: 'thief' }),
      rejected(CLIP),
      submitted(CLIP, { creatorId: 'bob' }),
    );
    expect(second).toMatchObject({ status: 'PENDING', creatorId: 'bob' });
  });

  it('not after a rejection of a clip that had been approved: it may have earned', () => {
    const first = entry(...accepted(CLIP), held(CLIP, on(3)), rejected(CLIP, on(4)));
    expect(refusal(() => decideSubmission([first], byBob(), campaign(), now)).code).toBe(
      'clip_already_submitted',
    );
    expect(
      refusal(() => decideSubmission([first], byBob('other'), campaign('other', false), now)).code,
    ).toBe('clip_exclusive');
  });

  it('never when it is gone from its platform', () => {
    const gone = entry(submitted(CLIP), rejected(CLIP), retired(CLIP, on(2)));
    expect(refusal(() => decideSubmission([gone], byBob(), campaign(), now)).code).toBe(
      'clip_retired',
    );
  });

  it.each([
    ['PAUSED', given(launched(), paused(on(2))).campaign],
    ['ENDED', given(launched(), ended(on(2))).campaign],
  ])('not while the campaign is %s', (status, closed) => {
    expect(refusal(() => decideSubmission([], byBob(), closed, now)).message).toContain(
      `is ${status}`,
    );
  });

  it('not after the last day of the campaign', () => {
    const { campaign: short } = given(launched({ endsAt: on(10) }));
    expect(refusal(() => decideSubmission([], byBob(), short, new Date(on(10))))).toMatchObject({
      kind: 'conflict',
      code: 'campaign_over',
    });
  });
});

describe('an entry goes PENDING -> APPROVED or REJECTED', () => {
  const pending = entry(submitted(CLIP));
  const admitted = entry(...accepted(CLIP));
  const refused = entry(submitted(CLIP), rejected(CLIP));
  const reason = 'no hashtag';

  it('approved', () => {
    expect(decideApproval(pending, campaign(), { by }, now)).toEqual([
      {
        type: 'ClipApproved',
        data: { clipId: CLIP, platform: 'tiktok', campaignId: 'spring', by },
      },
    ]);
    expect(admitted).toMatchObject({ status: 'APPROVED', approvedAt: on(1) });
  });

  it('rejected, with a reason', () => {
    expect(decideRejection(pending, { reason, by })).toMatchObject([
      { type: 'ClipRejected', data: { reason } },
    ]);
    expect(refusal(() => decideRejection(pending, { reason: ' ', by }))).toMatchObject({
      kind: 'malformed',
      field: 'reason',
    });
  });

  it.each([
    ['APPROVED', 'approved', () => decideApproval(admitted, campaign(), { by }, now)],
    ['REJECTED', 'approved', () => decideApproval(refused, campaign(), { by }, now)],
    ['APPROVED', 'rejected', () => decideRejection(admitted, { reason, by })],
    ['REJECTED', 'rejected', () => decideRejection(refused, { reason, by })],
  ])('but an entry that is %s cannot be %s', (status, done, command) => {
    const error = refusal(command);
    expect(error).toMatchObject({ kind: 'conflict', code: 'clip_state' });
    expect(error.message).toContain(`is ${status}`);
    expect(error.message).toContain(done);
  });

  it('is not approved on hold, nor when it is gone', () => {
    expect(
      refusal(() =>
        decideApproval(entry(submitted(CLIP), held(CLIP, on(2))), campaign(), { by }, now),
      ).code,
    ).toBe('clip_held');
    expect(
      refusal(() =>
        decideApproval(entry(submitted(CLIP), retired(CLIP, on(2))), campaign(), { by }, now),
      ).code,
    ).toBe('clip_retired');
  });

  it('is not approved when it could never earn', () => {
    const { campaign: over } = given(launched(), ended(on(2)));
    expect(refusal(() => decideApproval(pending, over, { by }, now)).message).toContain('is ENDED');
    const { campaign: short } = given(launched({ endsAt: on(10) }));
    expect(refusal(() => decideApproval(pending, short, { by }, new Date(on(10)))).code).toBe(
      'campaign_over',
    );
    const { campaign: later } = given(launched({ startsAt: on(20), trackingDays: 7 }));
    expect(refusal(() => decideApproval(pending, later, { by }, now)).code).toBe('window_empty');
  });
});

describe('a clip is held and released', () => {
  const hold = { reason: 'views x10', reviewAt: on(9), by };

  it('with a reason and a date of review', () => {
    expect(decideHold(entry(...accepted(CLIP)), hold, now)).toMatchObject([
      { type: 'ClipHeld', data: { reason: 'views x10', reviewAt: on(9) } },
    ]);
    expect(
      refusal(() => decideHold(entry(...accepted(CLIP)), { ...hold, reviewAt: on(2) }, now)),
    ).toMatchObject({
      kind: 'rule',
      field: 'reviewAt',
    });
    expect(
      refusal(() => decideHold(entry(...accepted(CLIP)), { ...hold, reviewAt: 'soon' }, now)).kind,
    ).toBe('rule');
  });

  it('once at a time, and not when it was rejected', () => {
    expect(
      refusal(() => decideHold(entry(...accepted(CLIP), held(CLIP, on(2))), hold, now)).code,
    ).toBe('clip_held');
    expect(refusal(() => decideHold(entry(submitted(CLIP), rejected(CLIP)), hold, now)).code).toBe(
      'clip_state',
    );
  });

  it('released only from a hold', () => {
    expect(decideRelease(entry(...accepted(CLIP), held(CLIP, on(2))), { by })).toMatchObject([
      { type: 'ClipReleased' },
    ]);
    expect(refusal(() => decideRelease(entry(...accepted(CLIP)), { by })).code).toBe(
      'clip_not_held',
    );
  });

  it('or rejected when the review ends badly', () => {
    const onHold = entry(...accepted(CLIP), held(CLIP, on(2)));
    expect(decideRejection(onHold, { reason: 'bots', by })).toHaveLength(1);
    expect(entry(...accepted(CLIP), held(CLIP, on(2)), rejected(CLIP, on(3)))).toMatchObject({
      status: 'REJECTED',
      hold: null,
    });
  });
});

describe('what is unsettled', () => {
  it('is known by the time since when anything is due', () => {
    expect(entry(...accepted(CLIP)).unsettledSince).toBeNull();
    const once = entry(...accepted(CLIP), observed(CLIP, 4, on(3)));
    expect(once.unsettledSince).toBeNull();
    const twice = entry(
      ...accepted(CLIP),
      observed(CLIP, 4000, on(3), { loggedAt: on(3, 0, 1) }),
      observed(CLIP, 5000, on(4)),
    );
    expect(twice.unsettledSince).toBe(on(3, 0, 1));
  });

  it('is nothing before approval, and counts no observation that came earlier', () => {
    expect(entry(submitted(CLIP), observed(CLIP, 9000, on(2))).views.highWater).toBeNull();
    expect(
      entry(submitted(CLIP), observed(CLIP, 9000, on(4)), approved(CLIP, on(3))).unsettledSince,
    ).toBeNull();
  });

  it('is nothing on hold, and begins anew at the release', () => {
    const onHold = entry(...accepted(CLIP), observed(CLIP, 9000, on(2)), held(CLIP, on(3)));
    expect(onHold.unsettledSince).toBeNull();
    expect(
      entry(
        ...accepted(CLIP),
        observed(CLIP, 9000, on(2)),
        held(CLIP, on(3)),
        released(CLIP, on(5)),
      ).unsettledSince,
    ).toBe(on(5));
  });

  it('events of other campaigns and of unknown clips change nothing', () => {
    const elsewhere = [
      submitted('tiktok-2', { campaignId: 'other' }),
      observed('tiktok-2', 5000, on(2)),
      submitted(CLIP, { campaignId: 'other' }),
    ];
    expect(given(launched(), accepted(CLIP), elsewhere).clips.size).toBe(1);
    expect(() => evolveEntry(null, observed(CLIP, 1, on(2)), campaign())).toThrow(
      'before its submission',
    );
  });
});
