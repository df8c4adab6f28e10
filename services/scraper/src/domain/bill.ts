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
  pricingInfo?: {
    pricingPerEvent?: { actorChargeEvents?: Record<string, { eventPriceUsd?: number }> };
  } | null;
}

/** What an event can hold: a run's own word is no reason that its batch has no end. */
const isBill = (microUsd: number): boolean => Number.isSafeInteger(microUsd) && microUsd >= 0;

/**
 * What a run has cost: what the API says was billed; if it does not say, as for actors that are
 * paid by the event, the charged events at their prices; if no prices came with the run either,
 * or none that can be counted, the configured ones for a start and for each of `rows`.
 */
export function billOf(run: BilledRun, rows: number, prices: Prices): number {
  const bill =
    typeof run.usageTotalUsd === 'number'
      ? Math.round(run.usageTotalUsd * 1e6)
      : chargedBy(run, prices);
  return bill !== null && isBill(bill) ? bill : prices.startMicroUsd + rows * prices.resultMicroUsd;
}

function chargedBy(run: BilledRun, { startMicroUsd, resultMicroUsd }: Prices): number | null {
  const counts = run.chargedEventCounts;
  if (!counts) return null;
  const prices = run.pricingInfo?.pricingPerEvent?.actorChargeEvents ?? {};
  return Object.entries(counts).reduce((sum, [event, count]) => {
    const usd = prices[event]?.eventPriceUsd;
    const each =
      usd === undefined
        ? event.includes('start')
          ? startMicroUsd
          : resultMicroUsd
        : Math.round(usd * 1e6);
    return sum + count * each;
  }, 0);
}
