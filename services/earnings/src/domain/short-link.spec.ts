import { describe, expect, it } from '@jest/globals';
import type { IdentifiedClip } from '@cliptally/contracts';
import { evolveCampaign, type Campaign } from './campaign.js';
import { evolveEntry } from './clip.js';
import {
  decideFollowed,
  decideLinked,
  decideLinkRefusal,
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
const unknown: NotFollowed = {
  kind: 'unresolved',
  reason: 'elsewhere',
  message: 'It leads to an unknown page.',
  retryable: false,
  forPerson: true,
  leadsTo: 'https://www.tiktok.com/new/1',
};
const clip: IdentifiedClip = {
  kind: 'clip',
  platform: 'tiktok',
  videoId: '1',
  clipId: 'tiktok-1',
  url: 'https://www.tiktok.com/@/video/1',
};
const campaign: Campaign = evolveCampaign(null, launched());
const forEver: Campaign = { ...campaign, terms: { ...campaign.terms, endsAt: null } };

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

  it('B2: is tried after longer and longer pauses, for a day, and then waits for a person', () => {
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
    expect(link).toMatchObject({ status: 'WAITING', waitsSince: on(3), tries: 14, clipId: null });
    const days: number[] = [];
    for (let i = 0; i < 6; i++) {
      days.push((Date.parse(link.nextTryAt!) - Date.parse(now)) / 86_400_000);
      now = link.nextTryAt!;
      link = after(link, decideFollowed(link, busy, [], forEver, new Date(now)).link, now);
    }
    expect(days).toEqual([1, 3, 7, 30, 30, 30]);
    expect(link).toMatchObject({ status: 'WAITING', waitsSince: on(3), reason: 'busy' });
    expect(refusal(() => decideShortLink(link, asked, busy, forEver, new Date(now)))).toMatchObject(
      { kind: 'conflict', code: 'link_pending' },
    );
    // It may still lead to its clip one day.
    expect(
      after(link, decideFollowed(link, clip, [], forEver, new Date(now)).link, now),
    ).toMatchObject({ status: 'RESOLVED', clipId: 'tiktok-1', nextTryAt: null });
  });

  it('B2: waits for a person at once if it leads to what no rule knows', () => {
    const begun = decideShortLink(null, asked, unknown, campaign, new Date(on(2)));
    const link = after(null, begun, on(2));
    const waits = { status: 'WAITING', waitsSince: on(2), leadsTo: unknown.leadsTo };
    expect(link).toMatchObject({ ...waits, reason: 'elsewhere', nextTryAt: on(3), tries: 1 });
    const tried = decideFollowed(waiting, unknown, [], campaign, new Date(on(2, 1))).link;
    expect(after(waiting, tried, on(2, 1))).toMatchObject({ ...waits, waitsSince: on(2, 1) });
  });

  it('is refused only if two tries a day apart agree that it leads nowhere', () => {
    const tried = (link: PendingLink, found: NotFollowed, at: string) =>
      after(link, decideFollowed(link, found, [], campaign, new Date(at)).link, at);
    const soon = tried(waiting, gone, on(2, 1));
    expect(soon).toMatchObject({ status: 'PENDING', reason: 'gone' });
    const late = tried(soon, gone, on(3));
    expect(late).toMatchObject({ status: 'WAITING', reason: 'gone' });
    expect(tried(late, busy, on(4))).toMatchObject({ status: 'WAITING', reason: 'busy' });
    const end = tried(late, gone, on(4));
    expect(end).toMatchObject({ status: 'REFUSED', reason: 'gone', nextTryAt: null });
    // Its creator may begin anew.
    expect(
      after(end, decideShortLink(end, asked, busy, campaign, new Date(on(4))), on(4)),
    ).toMatchObject({ status: 'PENDING', tries: 1, waitsSince: null, nextTryAt: on(4, 0, 1) });
  });

  it('ends with its campaign', () => {
    const over = evolveCampaign(campaign, ended(on(2)));
    expect(
      after(waiting, decideFollowed(waiting, busy, [], over, new Date(on(2, 1))).link, on(2, 1)),
    ).toMatchObject({ status: 'REFUSED', reason: 'campaign_state', nextTryAt: null });
  });

  it.each([
    ['waits', () => after(null, decideShortLink(null, asked, unknown, campaign, new Date(on(2))), on(2))],
    ['is still tried', () => waiting],
    ['was refused', () => after(waiting, decideLinkRefusal(waiting, 'a shop', 'eve'), on(2))],
  ] as const)('a person says which clip it is, while it %s', (_, link) => {
    const decided = decideLinked(link(), clip, [], campaign, new Date(on(2, 1)), 'eve');
    expect(decided.clip).toMatchObject([{ type: 'ClipSubmitted', data: { clipId: 'tiktok-1' } }]);
    const end = after(link(), decided.link, on(2, 1));
    expect(end).toMatchObject({ status: 'RESOLVED', clipId: 'tiktok-1', tries: 1, reason: null });
    expect(
      refusal(() => decideLinked(end, clip, [], campaign, new Date(on(2, 1)), 'eve')),
    ).toMatchObject({ kind: 'conflict', code: 'link_state' });
    expect(refusal(() => decideLinkRefusal(end, 'no', 'eve'))).toMatchObject({ code: 'link_state' });
  }); // prettier-ignore

  it('a person refuses it, with a reason; a clip that no rule takes is refused to the person', () => {
    expect(after(waiting, decideLinkRefusal(waiting, 'a shop', 'eve'), on(2))).toMatchObject({
      status: 'REFUSED',
      reason: 'refused_by_person',
      detail: 'a shop',
      nextTryAt: null,
    });
    const there = [evolveEntry(null, submitted('tiktok-1'), campaign)];
    expect(
      refusal(() => decideLinked(waiting, clip, there, campaign, new Date(on(2, 1)), 'eve')),
    ).toMatchObject({ code: 'clip_already_submitted' });
  });

  it('becomes an ordinary submission if it leads to a clip', () => {
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
    'ends refused, by the rule that any submission meets, if %s',
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
