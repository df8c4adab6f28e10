import { streams } from '@cliptally/contracts';
import { observation } from '../../../services/earnings/src/testing/api-world.js';
import type { ConsoleWorld } from './console-world.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
export const youtube = (id: string): string => `https://www.youtube.com/watch?v=${id}`;
const tiktok = (id: string) => `https://www.tiktok.com/@ann/video/${id}`;

const CURVES: readonly (readonly [clipId: string, views: readonly number[]])[] = [
  ['youtube-dQw4w9WgXcQ', [1_900, 8_400, 21_000, 34_500, 41_200, 46_800, 49_300, 51_000]],
  ['tiktok-7300000000000000001', [400, 5_200, 19_800, 61_000, 88_000, 97_000, 101_000, 103_500]],
  ['youtube-9bZkp7q19f0', [0, 0, 700, 3_100, 5_600, 7_000, 7_900, 8_300]],
];

/** A brand after eight days: campaigns in each state, clips to review, odd ones, an appeal. */
export async function aBusyBrand({ api }: ConsoleWorld): Promise<void> {
  const { clock, post, terms } = api;
  const launch = (campaignId: string, more: object) =>
    post('/campaigns', terms({ campaignId, brandId: 'acme', startsAt: clock.now().toISOString(), ...more })); // prettier-ignore
  await launch('spring', {
    name: 'Spring drop',
    budget: 150_000,
    ratePerThousand: { default: 200, youtube: 300 },
    maxPayoutPerClip: 60_000,
    endsAt: '2026-06-01T00:00:00Z',
    reviewHours: 72,
    milestones: [{ views: 50_000, bonus: 1_000 }],
    platformFee: { basisPoints: 1_000, bearer: 'brand' },
  });
  await launch('tea', {
    name: 'Kyoto tea house',
    currency: 'JPY',
    budget: 900_000,
    ratePerThousand: { default: 400 },
    platforms: ['tiktok', 'instagram'],
  });
  await launch('winter', { name: 'Winter clearance', budget: 20_000 });
  const submit = async (url: string, campaignId: string, creatorId: string) =>
    (await post('/clips', { url, campaignId, creatorId })).body.clipId as string;
  await submit(youtube('dQw4w9WgXcQ'), 'spring', 'ann');
  await submit(tiktok('7300000000000000001'), 'spring', 'bea');
  await submit(youtube('9bZkp7q19f0'), 'spring', 'cem');
  const odd = await submit(youtube('kJQP7kiw5Fk'), 'spring', 'dora');
  const refused = await submit(youtube('JGwWNGJdvx8'), 'spring', 'cem');
  for (const clipId of [...CURVES.map(([id]) => id), odd])
    await post(`/clips/${clipId}/approve`, { campaignId: 'spring' });
  await post(`/clips/${refused}/reject`, { reason: 'The hashtag #spring is missing.' });
  await post(`/clips/${refused}/appeal`, { text: 'The hashtag is in the first comment.' });
  for (let day = 0; day < 8; day++) {
    clock.advance(DAY);
    for (const [clipId, views] of CURVES)
      await see(clipId, views[day]!, { likes: Math.round(views[day]! * 0.06), comments: day * 9 });
    if (day === 5)
      for (const views of [5_600, 6_100, 6_300, 66_000]) {
        clock.advance(2 * HOUR);
        await see(odd, views, { likes: 70, comments: 4 });
      }
  }
  await post('/campaigns/winter/end', { reason: 'The stock is sold.' });
  // Waiting since before the clock moved on: one of them is overdue.
  await submit(tiktok('7311111111111111111'), 'spring', 'bea');
  clock.advance(74 * HOUR);
  await submit(youtube('oHg5SJYRHA0'), 'spring', 'ann');
  clock.advance(HOUR);
  await submit('https://www.instagram.com/reel/C1a2b3c4d5e/', 'tea', 'emil');
  clock.advance(HOUR);
  await submit(tiktok('7322222222222222222'), 'spring', 'dora');
  clock.advance(HOUR);

  async function see(clipId: string, views: number, more: object): Promise<void> {
    const event = observation(clock.now(), clipId, views, more);
    await api.store.append(streams.clip(clipId), [event], 'any');
    await api.service.settled(AbortSignal.timeout(120_000));
  }
}
