import { until as untilSo } from '@cliptally/dev/servers';
import { expect } from '@jest/globals';
import { freshUrl, startApiWorld } from '../../testing/api-world.js';

export const SECRET_KEY = 'sk_test_stand_in';
export const WEBHOOK_SECRET = 'whsec_stand_in';
export const HOUR_MS = 3_600_000;

export type World = Awaited<ReturnType<typeof startApiWorld>>;

/** Gives a creator `views` x 1.00 per thousand, at once available. */
export async function earn(
  world: World,
  creatorId: string,
  views: number,
  currency = 'USD',
): Promise<string> {
  const terms = world.terms({ validationDays: 0, currency, anomalyThreshold: null });
  const { campaignId } = (await world.post('/campaigns', terms)).body;
  const { clipId } = (await world.post('/clips', { url: freshUrl(), campaignId, creatorId })).body;
  await world.post(`/clips/${clipId}/approve`);
  world.clock.advance(1_000);
  await world.see(clipId, views);
  return clipId;
}

export async function requested(
  world: World,
  creatorId: string,
  amount: number,
  more: object = {},
): Promise<string> {
  const answer = await world.post('/payouts', { creatorId, currency: 'USD', amount, ...more });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body.payoutId;
}

export const approve = (world: World, payoutId: string) =>
  world.post(`/payouts/${payoutId}/approve`);
export const typesOf = async (world: World, creatorId: string) =>
  (await Array.fromAsync(world.store.readStream(`payout-${creatorId}`))).map(({ type }) => type);

export const until = (holds: () => Promise<boolean> | boolean) => untilSo(String(holds), holds);
export const untilStatus = (world: World, payoutId: string, status: string) =>
  until(async () => (await world.get(`/payouts/${payoutId}`)).body.status === status);
