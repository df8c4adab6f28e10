import { Gauge, type Registry } from 'prom-client';
import { WAITS, type PayoutSender } from './sender.js';

/** Approved payouts that Stripe has not carried out yet, by why; none if it is not set up. */
export function waitingPayoutsMetric(registry: Registry, sender: PayoutSender | undefined): void {
  const waiting = new Gauge({
    name: 'cliptally_payouts_waiting',
    help: 'Approved payouts that wait: for money at the provider (balance), for earnings after a reversal (not_covered), for an answer (no_answer).',
    labelNames: ['reason'],
    registers: [],
    collect() {
      for (const reason of WAITS) this.set({ reason }, sender?.waiting(reason) ?? 0);
    },
  });
  registry.registerMetric(waiting);
}
