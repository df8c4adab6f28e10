import type { Clock } from '@cliptally/contracts';
import type { ApifyClient } from 'apify-client';
import type { Actor } from '../domain/actors.js';
import type { PricingInfo } from '../domain/bill.js';
import { callApify } from './apify-clients.js';

export interface PriceList {
  /** The smallest cap on a run's cost that the actor takes, in millionths of a US dollar. */
  minimumMicroUsd: number;
  listed: PricingInfo | null;
}

/** The actor's own prices now, the configured minimum if it says none; null without an answer. */
export async function readPriceList(
  client: ApifyClient,
  clock: Clock,
  { id, minimumMicroUsd }: Actor,
): Promise<PriceList | null> {
  const now = clock.now();
  const actor = await callApify('reading an actor', clock, () => client.actor(id).get()).catch(
    () => null,
  );
  if (!actor) return null;
  // Prices of the future are in the list as well.
  const inForce = actor.pricingInfos?.findLast(({ startedAt }) => startedAt <= now);
  const usd =
    inForce?.pricingModel === 'PAY_PER_EVENT' ? inForce.minimalMaxTotalChargeUsd : undefined;
  return {
    minimumMicroUsd: usd === undefined ? minimumMicroUsd : Math.ceil(usd * 1e6),
    listed: (inForce as PricingInfo | undefined) ?? null,
  };
}
