import { derivedId, type Clock } from '@cliptally/contracts';
import { SpanKind, beginSpan, spanOf, within, type Log } from '@cliptally/messaging';
import type { Commands } from '../commands/commands.js';
import {
  BY_STRIPE,
  decidePayoutFailure,
  decidePayoutPaid,
  decidePayoutReturn,
  isCovered,
  type Payout,
} from '../domain/payout.js';
import { RuleBroken } from '../domain/rule-broken.js';
import type { Queries } from '../queries/queries.js';
import { PeriodicTask } from '../periodic-task.js';
import type { PayoutProvider } from './provider.js';
import { carries, payoutOf, returned, type StripeTransfer } from './stripe-provider.js';

export interface SenderOptions {
  provider: PayoutProvider & { send: NonNullable<PayoutProvider['send']> };
  commands: Commands;
  queries: Queries;
  /** While it says no, the tables show what is long done. */
  ready?: () => Promise<boolean>;
  clock: Clock;
  log: Log;
}

/**
 * A payout whose end is not known is asked about again this much later, doubling up to the most
 * (real time); it never ends, since its money may have left.
 */
const RETRY_MS = 5_000;
const MOST_RETRY_MS = 3_600_000;
const PAYOUTS_A_RUN = 100;
/**
 * A payout waits this long from its approval for money at the provider: less than Stripe remembers
 * the keys of what it has refused.
 */
const MOST_BALANCE_WAIT_MS = 20 * 3_600_000;
const MOST_BALANCE_RETRY_MS = 900_000;

/** Why payouts have no end yet. */
export const WAITS = ['balance', 'not_covered', 'no_answer'] as const;
type Wait = (typeof WAITS)[number];

type Ending = { externalReference: string } | { reason: string };

/** The command that records it: of all who learn the same, it is one. */
const recordingOf = (payoutId: string, ending: Ending): string =>
  derivedId('stripe', payoutId, JSON.stringify(ending));

/** The sending begins the trace of what is recorded of it, which is known only afterwards. */
function sendingSpan({ payoutId }: Payout, ending: Ending, startTime: number) {
  const id = recordingOf(payoutId, ending);
  const at = spanOf({ id, correlationId: id });
  const attributes = { 'cliptally.payout': payoutId };
  const kind = SpanKind.CLIENT;
  beginSpan('send payout', { at, parent: null, kind, startTime, attributes }).span.end();
  return at;
}

/**
 * Carries out the approved payouts that go to Stripe, and records how they ended. What was approved
 * is in the log before anything is sent, and the provider sends a payout once however often it is
 * asked: killed at any moment, the next run goes on.
 */
export class PayoutSender extends PeriodicTask {
  readonly #options: SenderOptions;
  /** Payouts whose last sending had no clear end, by id. */
  readonly #waiting = new Map<string, { until: Date; pauseMs: number; because: Wait }>();

  constructor(options: SenderOptions) {
    const { ready, clock, log } = options;
    super({ run: (signal) => this.#sendDue(signal), ready, what: 'sending payouts', clock, log });
    this.#options = options;
  }

  async #sendDue(signal: AbortSignal): Promise<Date | null> {
    const { clock, queries } = this.#options;
    const open = await queries.payoutsToSend('stripe');
    for (const id of this.#waiting.keys())
      if (!open.some(({ payoutId }) => payoutId === id)) this.#waiting.delete(id);
    const due = open.filter(
      ({ payoutId }) => (this.#waiting.get(payoutId)?.until ?? clock.now()) <= clock.now(),
    );
    for (const payout of due.slice(0, PAYOUTS_A_RUN)) {
      if (signal.aborted) return null;
      await this.#send(payout);
    }
    if (due.length > PAYOUTS_A_RUN) return clock.now();
    return [...this.#waiting.values()].reduce<Date | null>(
      (first, { until }) => (first && first < until ? first : until),
      null,
    );
  }

  /** How many payouts wait for this. */
  waiting(because: Wait): number {
    return [...this.#waiting.values()].filter((one) => one.because === because).length;
  }

  async #send(payout: Payout): Promise<void> {
    const { provider, queries, clock } = this.#options;
    const { payoutId, creatorId, currency } = payout;
    try {
      const now = clock.now();
      if (!isCovered(await queries.balance(creatorId, currency, now), now))
        return this.#later(
          payoutId,
          'not_covered',
          'a reversal has left less than what is reserved',
        );
      const began = Date.now();
      const sent = await provider.send(payout);
      if (sent.outcome === 'wait' && !this.#isTooLate(payout))
        return this.#later(payoutId, 'balance', sent.reason);
      const ending =
        sent.outcome === 'paid' ? { externalReference: sent.reference } : { reason: sent.reason };
      const sending = sendingSpan(payout, ending, began);
      await within(sending, () => this.#record(payout, ending));
      this.#waiting.delete(payoutId);
    } catch (error) {
      this.#later(payoutId, 'no_answer', (error as Error).message);
    }
  }

  #isTooLate({ approvedAt }: Payout): boolean {
    const since = approvedAt === null ? 0 : Date.parse(approvedAt);
    return this.#options.clock.now().getTime() - since >= MOST_BALANCE_WAIT_MS;
  }

  #later(payoutId: string, because: Wait, error: string): void {
    const { clock, log } = this.#options;
    const before = this.#waiting.get(payoutId);
    const most = because === 'balance' ? MOST_BALANCE_RETRY_MS : MOST_RETRY_MS;
    const pauseMs = Math.min(most, before ? before.pauseMs * 2 : RETRY_MS);
    const until = new Date(clock.now().getTime() + pauseMs * clock.speed);
    this.#waiting.set(payoutId, { until, pauseMs, because });
    log.warn(
      { payoutId, because, error, againInMs: pauseMs },
      'a payout has no clear end yet; asking again',
    );
  }

  /**
   * Of all who learn the same of a transfer, one records it: the ids of the events follow from what
   * they say.
   */
  #record({ payoutId, creatorId }: Payout, ending: Ending) {
    const by = BY_STRIPE;
    const { commands } = this.#options;
    return commands.payout(
      recordingOf(payoutId, ending),
      creatorId,
      payoutId,
      async (payout, now, snapshot) => {
        if (!payout) return [];
        if ('reason' in ending)
          return payout.status === 'FAILED'
            ? []
            : decidePayoutFailure(payout, { reason: ending.reason, by });
        const balance = await snapshot.balance(creatorId, payout.currency, now);
        return decidePayoutPaid(
          payout,
          balance,
          { externalReference: ending.externalReference, by },
          now,
        );
      },
    );
  }

  /**
   * What a verified webhook says of a transfer. Transfers that are not ours, and what is known
   * already, change nothing.
   */
  async learn(type: string, transfer: StripeTransfer): Promise<void> {
    const { queries, commands, log } = this.#options;
    const payoutId = payoutOf(transfer);
    const payout = payoutId === null ? null : await queries.payout(payoutId);
    if (!payout) return;
    if (!carries(transfer, payout))
      return log.error(
        { payoutId, transfer: transfer.id },
        'a transfer is not what its payout asked for',
      );
    try {
      if (type === 'transfer.created')
        await this.#record(payout, { externalReference: transfer.id });
      else if (type === 'transfer.reversed' && transfer.reversed) {
        const ending = { externalReference: transfer.id, reason: returned(transfer) };
        const commandId = derivedId('stripe', payout.payoutId, JSON.stringify(ending));
        await commands.payout(commandId, payout.creatorId, payout.payoutId, async (now) =>
          now ? decidePayoutReturn(now, ending) : [],
        );
      } else if (type === 'transfer.reversed')
        log.error(
          { payoutId, transfer: transfer.id },
          'a transfer was reversed in part: settle it by hand',
        );
    } catch (error) {
      // What the rules refuse now they refuse each time; the sender tries a payout that is
      // open again.
      if (!(error instanceof RuleBroken)) throw error;
      log.warn(
        { payoutId, transfer: transfer.id, error: error.message },
        'what Stripe says of a transfer was not recorded',
      );
    }
  }
}
