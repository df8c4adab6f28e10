/** A billing cycle in epoch milliseconds; the next one begins at `to`. */
export interface BillingCycle {
  from: number;
  to: number;
}

/** The billing cycle of `now`. It begins at midnight UTC on `day` (1 to 28) of a month. */
export function billingCycleAt(now: Date, day: number): BillingCycle {
  const month = now.getUTCDate() >= day ? now.getUTCMonth() : now.getUTCMonth() - 1;
  return {
    from: Date.UTC(now.getUTCFullYear(), month, day),
    to: Date.UTC(now.getUTCFullYear(), month + 1, day),
  };
}
