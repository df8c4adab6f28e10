import { describe, expect, it } from '@jest/globals';
import type { IdentifiedClip } from '@cliptally/contracts';
import { evolveCampaign, type Campaign } from './campaign.js';
import { evolveEntry } from './clip.js';
import {
  decideFollowed,
  decideShortLink,
  evolveShortLink,
  type NotFollowed,
  type PendingLink,
  type ShortLinkFact,
} from './short-link.js';
import { ended, launched, on, recorded, refusal, submitted } from './testing/facts.js';

const asked = {
  url: 'https://vm.tiktok.com/ZM1',
  submittedUrl: 'vm.tiktok.com/ZM1/',
  campaignId: 'spring',
  creatorId: 'bob',
};
const busy: NotFollowed = {
  kind: 'unresolved',
  reason: 'busy',
  message: 'Its site is busy.',
  retryable: true,
};
const gone: NotFollowed = {
  kind: 'unresolved',
  reason: 'gone',
  message: 'It leads nowhere.',
  retryable: false,
};
const clip: IdentifiedClip = {
  kind: 'clip',
  platform: 'tiktok',
  videoId: '1',
  clipId: 'tiktok-1',
  url: 'https://www.tiktok.com/@/video/1',
};
const campaign: Campaign = evolveCampaign(null, launched());

const after = (
  link: PendingLink | null,
  events: Parameters<typeof recorded>[0],
  time: string,
): PendingLink =>
  recorded(events, time).reduce<PendingLink | null>(
    (state, event) => evolveShortLink(state, event as ShortLinkFact),
    link,
  )!;
const waiting = after(null, decideShortLink(null, asked, busy, campaign, new Date(on(2))), on(2));

describe('a clip submitted by a short link that cannot be followed', () => {
  it('waits, with its reason and the instant of the next try', () => {
    expect(waiting).toMatchObject({
      ...asked,
      status: 'PENDING',
      tries: 1,
      reason: 'busy',
      detail: 'Its site is busy.',
      nextTryAt: on(2, 0, 1),
      lastTryAt: on(3),
      clipId: null,
    });
  });

  it('is not taken twice while it waits, nor by a campaign that takes no clips', () => {
    expect(
      refusal(() => decideShortLink(waiting, asked, busy, campaign, new Date(on(2)))),
    ).toMatchObject({
      kind: 'conflict',
      code: 'link_pending',
    });
    const over = evolveCampaign(campaign, ended(on(2)));
    expect(refusal(() => decideShortLink(null, asked, busy, over, new Date(on(2))))).toMatchObject({
      kind: 'conflict',
    });
  });

  it('is tried after longer and longer pauses, for a day, and then refused with the last reason', () => {
    const pauses: number[] = [];
    let link = waiting;
    let now = on(2);
    while (link.status === 'PENDING') {
      pauses.push((Date.parse(link.nextTryAt!) - Date.parse(now)) / 60_000);
      now = link.nextTryAt!;
      link = after(link, decideFollowed(link, busy, [], campaign, new Date(now)).link, now);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240, 240, 225]);
    expect(now).toBe(on(3));
    expect(link).toMatchObject({
      status: 'REFUSED',
      reason: 'busy',
      detail: 'It was tried 14 times in 24 hours. Its site is busy.',
      tries: 14,
      nextTryAt: null,
      clipId: null,
    });
    // Its creator may begin anew.
    expect(
      after(link, decideShortLink(link, asked, busy, campaign, new Date(on(4))), on(4)),
    ).toMatchObject({
      status: 'PENDING',
      tries: 1,
      nextTryAt: on(4, 0, 1),
    });
  });

  it('is refused at once where it leads to no clip', () => {
    const { link, clip: none } = decideFollowed(waiting, gone, [], campaign, new Date(on(2, 1)));
    expect(after(waiting, link, on(2, 1))).toMatchObject({
      status: 'REFUSED',
      reason: 'gone',
      detail: 'It leads nowhere.',
    });
    expect(none).toEqual([]);
  });

  it('becomes an ordinary submission where it leads to a clip', () => {
    const decided = decideFollowed(waiting, clip, [], campaign, new Date(on(2, 1)));
    const { platform, videoId, clipId, url } = clip;
    expect(decided.clip).toEqual([
      { type: 'ClipSubmitted', data: { ...asked, platform, videoId, clipId, url } },
    ]);
    expect(after(waiting, decided.link, on(2, 1))).toMatchObject({
      status: 'RESOLVED',
      clipId,
      nextTryAt: null,
      reason: null,
      detail: null,
    });
  });

  it.each([
    [
      'the same clip was submitted meanwhile',
      campaign,
      [submitted('tiktok-1')],
      'clip_already_submitted',
    ],
    ['its campaign is over', evolveCampaign(campaign, ended(on(2))), [], 'campaign_state'],
  ] as const)(
    'ends refused, by the rule that any submission meets, where %s',
    (_, now, facts, code) => {
      const entries = facts.map((fact) => evolveEntry(null, fact, campaign));
      const decided = decideFollowed(waiting, clip, entries, now, new Date(on(2, 1)));
      expect(decided.clip).toEqual([]);
      expect(after(waiting, decided.link, on(2, 1))).toMatchObject({
        status: 'REFUSED',
        reason: code,
        clipId: null,
      });
    },
  );
});
