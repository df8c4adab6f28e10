import {
  newEvent,
  outcomeId,
  streams,
  type EventInput,
  type EventType,
  type NewEvent,
} from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { randomUUID } from 'node:crypto';
import { earn, requested } from '../../../../services/earnings/src/payouts/testing/payout-steps.js';
import type { RunbookWorld } from './runbook-world.js';

export const why = { reason: 'as the runbook says' };

export const written = <T extends EventType>(
  { api }: RunbookWorld,
  type: T,
  id: string,
  data: EventInput<T>,
): NewEvent =>
  newEvent(type, id, data, { time: api.clock.now(), correlationId: 't', causationId: 't' });

/** A clip whose scrape has failed; gives the id of the failed scrape. */
export async function failed(world: RunbookWorld, more: Partial<EventInput<'ScrapeFailed'>> = {}) {
  const campaignId = await world.launched();
  const clipId = await world.approved(campaignId);
  const requestId = randomUUID();
  const scrape = { clipId, platform: 'youtube' as const, requestId, runId: 'r', source: 't' };
  const event = written(world, 'ScrapeFailed', outcomeId(requestId), {
    ...scrape,
    costMicroUsd: 0,
    reason: 'dead_letter',
    retryable: true,
    attempts: 10,
    ...more,
  });
  await world.api.store.append(streams.clip(clipId), [event], 'any');
  await world.api.service.settled(AbortSignal.timeout(20_000));
  const { items } = (await world.api.get('/failed-scrapes?limit=200')).body;
  const id = items.find((one: { clipId: string }) => one.clipId === clipId).id as string;
  return { campaignId, clipId, id };
}

/** A clip that has earned. */
export async function paying(world: RunbookWorld, creatorId = 'ann') {
  const clipId = await earn(world.api, creatorId, 20_000);
  const campaignId = (await world.api.get(`/clips/${clipId}`)).body.campaigns[0]
    .campaignId as string;
  return { clipId, campaignId, creatorId };
}

/** A creator with money, and payouts of it in these states. */
export async function payouts(
  world: RunbookWorld,
  ...states: ('asked' | 'approved' | 'failed' | 'paid')[]
) {
  const creatorId = `creator-${randomUUID().slice(0, 8)}`;
  await earn(world.api, creatorId, 1_000_000);
  const ids: string[] = [];
  for (const state of states) {
    const id = await requested(world.api, creatorId, 1_000);
    ids.push(id);
    if (state === 'asked') continue;
    await world.api.post(`/payouts/${id}/approve`);
    if (state === 'failed') await world.api.post(`/payouts/${id}/failed`, why);
    if (state === 'paid') await world.api.post(`/payouts/${id}/paid`, { externalReference: id });
  }
  await world.api.service.settled(AbortSignal.timeout(20_000));
  return { creatorId, ids };
}

/** An event that nobody expected: money for a campaign that there is not. */
export async function halted(world: RunbookWorld): Promise<{ position: string; stream: string }> {
  const campaignId = `poison-${randomUUID().slice(0, 8)}`;
  const toppedUp = { campaignId, amount: 1, by: 'ann' };
  const event = written(world, 'CampaignToppedUp', randomUUID(), toppedUp);
  const stream = streams.campaign(campaignId);
  await world.api.store.append(stream, [event], 'any');
  // As its runbook says: /readyz names the event. It may still name the one before.
  const ready = await until('the projection to halt', async () => {
    const text = await (await fetch(`${world.api.service.url}/readyz`)).text();
    const named = /The event at position (\d+) \(\w+, (\S+)@\d+\)/.exec(text);
    return named?.[2] === stream && named;
  });
  return { position: ready[1]!, stream };
}
