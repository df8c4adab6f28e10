import { ManualClock } from '@cliptally/contracts';
import { seenOn } from './accounts.js';
import { startConsoleWorld, type ConsoleWorld } from './console-world.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const youtube = (id: string) => `https://www.youtube.com/watch?v=${id}`;

export const startCreatorWorld = (): Promise<ConsoleWorld> =>
  startConsoleWorld({ clock: new ManualClock('2026-02-01T08:00:00Z') });

/** A month of a creator: every state of a clip, money in two currencies, accounts, a payout. */
export async function aMonthOfAnn({ api }: ConsoleWorld): Promise<void> {
  const { clock, post, terms } = api;
  const launch = (campaignId: string, more: object) =>
    post('/campaigns', terms({ campaignId, brandId: 'acme', startsAt: '2026-02-01T00:00:00Z', ...more })); // prettier-ignore
  await launch('spring', {
    name: 'Spring drop',
    budget: 150_000,
    ratePerThousand: { default: 200, youtube: 300 },
    maxPayoutPerClip: 20_000,
    endsAt: '2026-06-01T00:00:00Z',
    reviewHours: 72,
    validationDays: 3,
    minPayout: 2_000,
    milestones: [{ views: 50_000, bonus: 1_000 }],
    publicCatalogue: true,
    leaderboardNames: true,
  });
  await launch('own', { name: 'Own channels', requireOwnedAccount: true, validationDays: 0 });
  await launch('tea', {
    name: 'Kyoto tea house',
    brandId: 'kaze',
    currency: 'JPY',
    budget: 900_000,
    ratePerThousand: { default: 400 },
    platforms: ['tiktok', 'instagram'],
    minViews: 5_000,
    validationDays: 0,
  });
  const submit = async (url: string, campaignId: string, creatorId = 'ann') =>
    (await post('/clips', { url, campaignId, creatorId })).body.clipId as string;
  const first = await submit(youtube('dQw4w9WgXcQ'), 'spring');
  const second = await submit('https://www.tiktok.com/@ann/video/7300000000000000001', 'tea');
  const slow = await submit('https://www.instagram.com/reel/C1a2b3c4d5e/', 'tea');
  const refused = await submit(youtube('9bZkp7q19f0'), 'spring');
  const held = await submit(youtube('kJQP7kiw5Fk'), 'spring');
  for (const [clipId, campaignId] of [[first, 'spring'], [second, 'tea'], [slow, 'tea'], [held, 'spring']] as const)
    await post(`/clips/${clipId}/approve`, { campaignId }); // prettier-ignore
  await post(`/clips/${refused}/reject`, { reason: 'The hashtag #spring is missing.' });
  const views = [900, 4_100, 9_800, 15_200, 19_400, 23_900, 26_100, 27_800, 28_900];
  for (const [day, count] of views.entries()) {
    clock.advance(DAY);
    await api.see(first, count);
    if (day % 2 === 0) await api.see(second, Math.round(count * 2.7));
    if (day === 5) await api.see(slow, 3_200);
    if (day === 6) await api.see(held, 12_000);
  }
  await post(`/clips/${held}/hold`, { reason: 'Its likes do not fit its views.' });
  await post('/creators/ann/payout-account', { provider: 'manual', account: 'DE89 3704 0044' });
  await post('/payouts', { payoutId: 'ann-feb', creatorId: 'ann', currency: 'USD', amount: 4_000 });
  await post('/payouts/ann-feb/approve');
  await post('/payouts/ann-feb/paid', { externalReference: 'bank 4711' });
  clock.advance(2 * HOUR);
  await api.see(first, 29_300);
  await submit(youtube('JGwWNGJdvx8'), 'spring');
  const foreign = await submit(youtube('M7lc1UVf-VE'), 'own');
  await post(`/clips/${foreign}/approve`);
  clock.advance(HOUR);
  await seenOn(api, foreign, 'ann.clips');
  await api.see(foreign, 8_000);
  const claim = async (platform: string, handle: string, creatorId = 'ann') =>
    (await post(`/creators/${creatorId}/accounts`, { platform, handle })).body.accountId as string;
  await claim('youtube', '@ann.clips');
  await claim('instagram', '@ann.daily');
  await post(`/accounts/${await claim('tiktok', '@ann')}/confirm`, {});
  await post(`/accounts/${await claim('x', '@shared', 'eve')}/confirm`, {});
  await claim('x', '@shared');
  await post(`/accounts/${await claim('facebook', 'ann.old')}/release`, { reason: 'Closed.' });
  clock.advance(HOUR);
}
