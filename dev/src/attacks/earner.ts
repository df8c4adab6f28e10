import { streams } from '@cliptally/contracts';
import { randomUUID } from 'node:crypto';
import { until } from '../servers/index.js';
import type { Target } from './target.js';

const creatorOf = () => `c-${randomUUID().slice(0, 8)}`;

/** A creator with 50.00 USD that can be paid out. */
export async function earner(target: Target, terms: object = {}, creatorId = creatorOf()) {
  const campaignId = await target.launch('acme', terms);
  const { clipId } = (await target.ask('/clips', { body: { url: target.freshUrl(), campaignId, creatorId } })).body as { clipId: string };
  await target.ask(`/clips/${clipId}/approve`, { body: { campaignId } });
  const requestId = randomUUID();
  const seen = target.event('ViewsRecorded', { clipId, platform: 'youtube', requestId, runId: 'r', source: 't', costMicroUsd: 0, views: 50_000, metric: 'm', observedAt: new Date().toISOString(), cached: false });
  await target.store.append(streams.clip(clipId), [seen], 'any');
  await until('what is earned', async () => {
    const { body } = await target.ask(`/creators/${creatorId}/balance`);
    return (body.balances as { accrued: number; campaigns?: unknown }[]).some(({ accrued }) => accrued >= 5_000) || undefined;
  });
  return { creatorId, campaignId, clipId };
} // prettier-ignore
