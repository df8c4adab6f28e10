/** What an actor's run costs by its price list, in millionths of a US dollar. */
export interface Prices {
  startMicroUsd: number;
  resultMicroUsd: number;
}

/** What one event costs: the same for every account, or by the account's tier. */
export interface EventPrice {
  eventPriceUsd?: number | null;
  eventTieredPricingUsd?: Record<string, number | { tieredEventPriceUsd?: number }> | null;
}

export interface PricingInfo {
  pricingPerEvent?: { actorChargeEvents?: Record<string, EventPrice> };
}

/** The parts of a run that tell what it has cost; each can be absent. */
export interface BilledRun {
  usageTotalUsd?: number | null;
  /** How often each event was charged, by the event's name. */
  chargedEventCounts?: Record<string, number> | null;
  pricingInfo?: PricingInfo | null;
}

/** What is known beside the run; what is not known is left out. */
export interface BillingTerms {
  /** The account's tier, such as BRONZE. Without it, the dearest price of a table is taken. */
  tier?: string | null;
  /** The actor's own price list, for what the run does not tell. */
  listed?: PricingInfo | null;
}

/** What an event can hold: a run's own word is no reason that its batch has no end. */
const isBill = (microUsd: number): boolean => Number.isSafeInteger(microUsd) && microUsd >= 0;

/**
 * What a run has cost: what the API says was billed; if it does not say, as for actors that are
 * paid by the event, the charged events at their prices; if no counts came with the run either,
 * or none that can be counted, the configured prices for a start and for each of `rows`.
 */
export function billOf(
  run: BilledRun,
  rows: number,
  prices: Prices,
  terms: BillingTerms = {},
): number {
  const charged = chargesOf(run, prices, terms);
  const usd =
    run.usageTotalUsd ?? charged?.reduce((sum, { count, each = 0 }) => sum + count * each, 0);
  // Rounded once, as an event may cost less than a millionth; after a rounding that takes away
  // what binary fractions add.
  const bill = typeof usd === 'number' ? Math.round(Number((usd * 1e6).toFixed(4))) : NaN;
  return isBill(bill) ? bill : prices.startMicroUsd + rows * prices.resultMicroUsd;
}

/** Events that a run has charged for, and whose price nobody knows: the bill leaves them out. */
export const unpricedIn = (run: BilledRun, prices: Prices, terms: BillingTerms = {}): string[] =>
  typeof run.usageTotalUsd === 'number'
    ? []
    : (chargesOf(run, prices, terms) ?? [])
        .filter(({ count, each }) => count > 0 && each === undefined)
        .map(({ event }) => event);

/** How often each event was charged, and its price in US dollars. */
function chargesOf(
  { chargedEventCounts, pricingInfo }: BilledRun,
  prices: Prices,
  { tier = null, listed }: BillingTerms,
): { event: string; count: number; each: number | undefined }[] | null {
  if (!chargedEventCounts) return null;
  const lists = [pricingInfo, listed].map((info) => info?.pricingPerEvent?.actorChargeEvents ?? {});
  return Object.entries(chargedEventCounts).map(([event, count]) => {
    const published = lists
      .map((list) => list[event])
      .map((price) => price && usdOf(price, tier))
      .find((usd) => usd !== undefined);
    return { event, count, each: published ?? configured(event, prices) };
  });
}

function usdOf({ eventPriceUsd, eventTieredPricingUsd }: EventPrice, tier: string | null) {
  const tiers = Object.entries(eventTieredPricingUsd ?? {}).flatMap(([name, price]) => {
    const usd = typeof price === 'number' ? price : price.tieredEventPriceUsd;
    return typeof usd === 'number' ? [{ name, usd }] : [];
  });
  const own = tiers.find(({ name }) => name === tier)?.usd;
  const dearest = tiers.length > 0 ? Math.max(...tiers.map(({ usd }) => usd)) : undefined;
  return own ?? dearest ?? eventPriceUsd ?? undefined;
}

/** By its name an event is a start or a result. An add-on is neither: it has its own price only. */
function configured(event: string, { startMicroUsd, resultMicroUsd }: Prices): number | undefined {
  if (event.includes('start')) return startMicroUsd / 1e6;
  return RESULTS.test(event) ? resultMicroUsd / 1e6 : undefined;
}

/** Names of the event that is charged for each row. */
const RESULTS = /^(?:.+-)?(?:results?|items?)$/;

/** How many rows a run has charged for, if it tells. */
export const rowsCharged = ({ chargedEventCounts }: BilledRun): number =>
  chargedEventCounts?.['apify-default-dataset-item'] ?? 0;
