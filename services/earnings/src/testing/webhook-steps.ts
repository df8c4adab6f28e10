import { newEvent, streams, type AnyEvent } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { expect } from '@jest/globals';
import { freshUrl, type startApiWorld } from './api-world.js';
import { WEBHOOK_EVENTS } from '../domain/webhook.js';

type World = Awaited<ReturnType<typeof startApiWorld>>;

/** What tests of webhooks do, each on the world of its test. */
export function webhookSteps(worldOf: () => World) {
  const add = async (body: object = {}, as: ['admin' | 'brand', string] = ['admin', 'root']) => {
    const path = `/to-${Math.random().toString(36).slice(2)}`;
    const answer = await worldOf().post(
      '/webhook-endpoints',
      { url: `https://hooks.example${path}`, ...body },
      { as },
    );
    expect(answer.status).toBe(201);
    return { path, id: answer.body.endpointId as string, secret: answer.body.secret as string };
  };
  const launch = async (campaignId: string, brandId = 'acme') =>
    expect(
      (await worldOf().post('/campaigns', worldOf().terms({ campaignId, brandId }))).status,
    ).toBe(201);
  const step = (campaignId: string, what: 'pause' | 'resume') =>
    worldOf().post(`/campaigns/${campaignId}/${what}`, {});
  /** As another process writes it. */
  const written = (campaignId: string, type: 'CampaignPaused' | 'CampaignResumed') => {
    const context = { time: worldOf().clock.now(), correlationId: 't', causationId: 't' };
    const data = { campaignId, reason: '', by: 'a test' };
    const event = newEvent(type, crypto.randomUUID(), data, context);
    return worldOf().store.append(streams.campaign(campaignId), [event], 'any');
  };
  const submit = async (campaignId: string): Promise<string> =>
    (await worldOf().post('/clips', { url: freshUrl(), campaignId, creatorId: 'ann' })).body.clipId;
  const logged = async (): Promise<AnyEvent[]> =>
    Array.fromAsync(worldOf().store.readAll(0, { types: WEBHOOK_EVENTS }));
  const deliveries = async (id: string, query = '') =>
    (await worldOf().get(`/webhook-endpoints/${id}/deliveries?limit=200${query}`)).body.items;
  const show = async (id: string) => (await worldOf().get(`/webhook-endpoints/${id}`)).body;
  /** Time passes until it is so. */
  const passing = (what: string, ms: number, so: () => unknown) =>
    until(what, async () => {
      if (await so()) return true;
      worldOf().clock.advance(ms);
      return false;
    });
  return { add, launch, step, written, submit, logged, deliveries, show, passing };
}
