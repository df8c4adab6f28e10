import { ManualClock } from '@cliptally/contracts';
import { startConsoleWorld, type ConsoleWorld } from './console-world.js';
import { aWeekOfScrapes } from './scraping.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const youtube = (id: string) => `https://www.youtube.com/watch?v=${id}`;

/** A console whose short links lead to an address that no rule knows. */
export const startAdminWorld = (): Promise<ConsoleWorld> =>
  startConsoleWorld({
    clock: new ManualClock('2026-02-01T08:00:00Z'),
    follow: async () => ({
      kind: 'unresolved',
      reason: 'no_clip',
      message: 'The link leads to a page that is no clip.',
      retryable: false,
      forPerson: true,
      leadsTo: 'https://www.tiktok.com/music/original-sound-7300000000000000000',
    }),
  });

/** What waits for an admin after a month: payouts, holds, an appeal, failed scrapes, links. */
export async function aMonthForAdmins(world: ConsoleWorld): Promise<void> {
  const { api } = world;
  const { clock, post, terms } = api;
  const ok = async (answer: ReturnType<typeof post>) => {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return body;
  };
  const launch = (campaignId: string, more: object) =>
    ok(post('/campaigns', terms({ campaignId, brandId: 'acme', startsAt: '2026-02-01T00:00:00Z', ...more }))); // prettier-ignore
  const fund = (brandId: string, currency: string, amount: number, reference: string) =>
    ok(post(`/brands/${brandId}/funding`, { currency, amount, reference }));
  await fund('acme', 'USD', 150_000, 'SEPA 2026-02 acme');
  await fund('kaze', 'JPY', 30_000, 'invoice 77');
  await launch('spring', {
    name: 'Spring drop',
    budget: 100_000,
    ratePerThousand: { default: 200, youtube: 300 },
    maxPayoutPerClip: 20_000,
    validationDays: 0,
    countFrom: 'approval',
    flatFee: 500,
    platformFee: { basisPoints: 1_000, bearer: 'creator' },
  });
  await launch('tea', {
    name: 'Kyoto tea house',
    brandId: 'kaze',
    currency: 'JPY',
    budget: 30_000,
    ratePerThousand: { default: 400 },
    validationDays: 0,
  });
  const submit = async (url: string, campaignId: string, creatorId: string) =>
    (await ok(post('/clips', { url, campaignId, creatorId }))).clipId as string;
  const names = ['ann', 'bea', 'cem', 'dana', 'eli'];
  const clips = new Map<string, string>();
  for (const [nth, name] of names.entries()) {
    const clip = await submit(youtube(`spring-${name}`.padEnd(11, '0').slice(0, 11)), nth < 4 ? 'spring' : 'tea', name); // prettier-ignore
    clips.set(name, clip);
    await ok(post(`/clips/${clip}/approve`));
    await ok(post(`/creators/${name}/payout-account`, { provider: 'manual', account: `DE89 3704 0044 053${nth}` })); // prettier-ignore
  }
  for (let day = 1; day <= 6; day++) {
    clock.advance(DAY);
    for (const [nth, clip] of [...clips.values()].entries())
      await api.see(clip, 900 + day * day * 700 * (nth + 1));
  }
  const ask = (payoutId: string, creatorId: string, currency: string, amount: number) =>
    ok(post('/payouts', { payoutId, creatorId, currency, amount }));
  await ask('ann-feb', 'ann', 'USD', 1_500);
  await ok(post('/payouts/ann-feb/approve'));
  await ok(post('/payouts/ann-feb/paid', { externalReference: 'bank 4711' }));
  clock.advance(DAY);
  await ok(post('/creators/ann/payout-account', { provider: 'manual', account: 'LT12 1000 0111' }));
  await ask('ann-mar', 'ann', 'USD', 2_500);
  await ask('bea-mar', 'bea', 'USD', 4_000);
  await ask('cem-mar', 'cem', 'USD', 3_050);
  await ask('eli-mar', 'eli', 'JPY', 12_000);
  await ask('dana-feb', 'dana', 'USD', 2_200);
  await ok(post('/payouts/dana-feb/approve'));
  await ok(post(`/clips/${clips.get('bea')!}/hold`, { reason: 'Its likes do not fit its views.' }));
  const rejected = await submit(youtube('9bZkp7q19f0'), 'spring', 'dana');
  await ok(post(`/clips/${rejected}/reject`, { reason: 'The hashtag #spring is missing.' }));
  await ok(post(`/clips/${rejected}/appeal`, { text: 'The hashtag is in the first comment, and the brand has agreed to that by mail.' })); // prettier-ignore
  for (const name of ['cem', 'dana'])
    await api.fail(clips.get(name)!, (await ok(post(`/clips/${clips.get(name)!}/track`))).requestId); // prettier-ignore
  for (const link of ['ZMabc1234', 'ZMxyz9876'])
    await ok(post('/clips', { url: `vm.tiktok.com/${link}/`, campaignId: 'tea', creatorId: 'eli' })); // prettier-ignore
  await ok(post('/webhook-endpoints', { url: 'https://hooks.example/money' }));
  await ok(post('/webhook-endpoints', { url: 'https://hooks.acme.example/', brandId: 'acme' }));
  const claim = async (creatorId: string, platform: string, handle: string) =>
    (await ok(post(`/creators/${creatorId}/accounts`, { platform, handle }))).accountId as string;
  await claim('bea', 'instagram', '@bea.daily');
  await ok(post(`/accounts/${await claim('ann', 'youtube', '@shared')}/confirm`, {}));
  await claim('dana', 'youtube', '@Shared');
  await ok(post('/creators/bea/payout-account', { provider: 'manual', account: 'LT77 2000 0222' }));
  await aWeekOfScrapes(world);
  clock.advance(2 * HOUR);
  await ok(post(`/clips/${clips.get('cem')!}/reverse`, { campaignId: 'spring', amount: 250, reason: 'bought views' })); // prettier-ignore
  clock.advance(HOUR);
}
