/** What an actor's run costs by its price list, in millionths of a US dollar. */
export interface Prices {
  startMicroUsd: number;
  resultMicroUsd: number;
}

/** The parts of a run that tell what it has cost; each can be absent. */
export interface BilledRun {
  usageTotalUsd?: number | null;
  /** How often each event was charged, by the event's name. */
  chargedEventCounts?: Record<string, number> | null;
  pricingInfo?: { pricingPerEvent?: { actorChargeEvents?: Record<string, { eventPriceUsd?: number }> } } | null;
}

/**
 * What a run has cost: what the API says was billed; where it does not say, as for actors that are paid by the event, the charged events at their
 * prices; where no prices came with the run either, the configured ones for a start and for each of `rows`.
 */
export function billOf(run: BilledRun, rows: number, { startMicroUsd, resultMicroUsd }: Prices): number {
  if (typeof run.usageTotalUsd === 'number') return Math.round(run.usageTotalUsd * 1e6);
  const counts = run.chargedEventCounts;
  if (!counts) return startMicroUsd + rows * resultMicroUsd;
  const prices = run.pricingInfo?.pricingPerEvent?.actorChargeEvents ?? {};
  return Object.entries(counts).reduce((sum, [event, count]) => {
    const usd = prices[event]?.eventPriceUsd;
    const each = usd === undefined ? (event.includes('start') ? startMicroUsd : resultMicroUsd) : Math.round(usd * 1e6);
    return sum + count * each;
  }, 0);
}
