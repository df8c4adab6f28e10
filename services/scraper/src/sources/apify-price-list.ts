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

const KEPT_MS = 86_400_000;

/** The actor's own prices, asked for once a day. Until it answers the configured minimum counts. */
export class PriceLists {
  newest: PriceList;
  #until = new Date(0);

  constructor(
    private readonly client: ApifyClient,
    private readonly clock: Clock,
    private readonly actor: Actor,
  ) {
    this.newest = { minimumMicroUsd: actor.minimumMicroUsd, listed: null };
  }

  async refresh(): Promise<void> {
    const now = this.clock.now();
    if (now < this.#until) return;
    const prices = await readPriceList(this.client, this.clock, this.actor);
    if (!prices) return;
    this.newest = prices;
    this.#until = new Date(now.getTime() + KEPT_MS);
  }
}

/** The actor's own prices now, the configured minimum if it says none; null without an answer. */
async function readPriceList(
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
