import { CreatorFold, STEPS, type Payout } from './creator.js';
import {
  IMPORT,
  MOST,
  STRIPE,
  amountOf,
  decidedAtOf,
  isIn,
  millis,
  textOf,
  wholeOf,
  type Cut,
  type Fact,
  type RawEvent,
  type Report,
} from './events.js';
import { Trail, type Window } from './trail.js';

/**
 * Decisions of one append: what stands in the stream before them, and what they have asked for so
 * far.
 */
interface Append {
  time: string;
  correlationId: string;
  decidedAt: number | null | undefined;
  before: Fact | null;
  requested: bigint;
}

interface Creator {
  now: CreatorFold;
  trail: Trail<CreatorFold>;
  last: Fact | null;
  append: Append | null;
}

export interface PayoutOptions {
  window: Window;
  report: Report;
  cutOf: (event: RawEvent, ordinal: number) => Cut | null;
  /**
   * Configured minimum by currency, in minor units; a currency without one has that of the
   * campaigns.
   */
  minimums: Readonly<Record<string, number>>;
}

/** Section 7 of docs/money.md, by creator. */
export class Payouts {
  readonly #creators = new Map<string, Creator>();
  /** Creators who have earned in a campaign. */
  readonly #earners = new Map<string, Set<string>>();
  readonly #taken = new Map<string, RawEvent>();
  readonly #options: PayoutOptions;
  decisions = 0;
  tooOld = 0;

  constructor(options: PayoutOptions) {
    this.#options = options;
  }

  /** The end of a campaign, for those who have earned there. */
  ended(fact: Fact): void {
    for (const creatorId of this.#earners.get(textOf(fact.event.data, 'campaignId')) ?? []) {
      const { now, trail } = this.#creatorOf(creatorId);
      now.apply(fact);
      trail.push(fact);
    }
  }

  /** A creator's part of an accrual or a reversal. */
  earned(creatorId: string, fact: Fact): void {
    const campaignId = textOf(fact.event.data, 'campaignId');
    this.#earners.set(campaignId, (this.#earners.get(campaignId) ?? new Set()).add(creatorId));
    const { now, trail } = this.#creatorOf(creatorId);
    now.apply(fact);
    trail.push(fact);
    const money = now.in(textOf(fact.event.data, 'currency'));
    if (money.accrued > MOST)
      this.#options.report(
        fact.event,
        `the sum of ${creatorId} is no longer exact`,
        `at most ${MOST}`,
        money.accrued,
      );
  }

  /** An event of a payout stream. */
  take(fact: Fact): void {
    const { event } = fact;
    const creator = this.#creatorOf(textOf(event.data, 'creatorId'));
    const isDecision = event.type === 'PayoutRequested' || Object.hasOwn(STEPS, event.type);
    if (isDecision) this.#judge(creator, fact);
    creator.now.apply(fact);
    creator.trail.push(fact);
    if (event.type === 'PayoutPaid') this.#paid(creator, event);
    creator.last = fact;
    if (!isDecision) creator.append = null;
  }

  #creatorOf(creatorId: string): Creator {
    const there = this.#creators.get(creatorId);
    if (there) return there;
    const fresh: Creator = {
      now: new CreatorFold(),
      trail: new Trail(new CreatorFold(), this.#options.window),
      last: null,
      append: null,
    };
    this.#creators.set(creatorId, fresh);
    return fresh;
  }

  #judge(creator: Creator, { event, place }: Fact): void {
    const { report, cutOf } = this.#options;
    const payoutId = textOf(event.data, 'payoutId');
    const payout = creator.now.payouts.get(payoutId);
    if (event.type === 'PayoutRequested') this.#takeId(payoutId, event);
    else this.#step(payout, event);
    const decidedAt = decidedAtOf(event);
    const { append } = creator;
    if (
      append?.time !== event.time ||
      append.decidedAt !== decidedAt ||
      append.correlationId !== event.correlationId
    )
      creator.append = {
        time: event.time,
        correlationId: event.correlationId,
        decidedAt,
        before: creator.last,
        requested: 0n,
      };
    if (decidedAt === null) return;
    const cut = cutOf(event, place.ordinal);
    if (!cut) return;
    const { before } = creator.append!;
    if (before && !isIn(before.place, cut)) {
      report(
        event,
        'something came into the payout stream between the decision and its event',
        `no event of ${event.stream} after ${decidedAt}`,
        `${before.event.type} at position ${before.event.position}`,
        [before.event],
      );
      return;
    }
    const then = creator.trail.at(cut);
    if (!then) {
      this.tooOld++;
      return;
    }
    this.decisions++;
    if (event.type === 'PayoutRequested') this.#requested(then, creator.append!, event);
    else if (event.type === 'PayoutApproved' || event.type === 'PayoutPaid')
      this.#covered(then, creator.append!, event, payout);
  }

  #takeId(payoutId: string, event: RawEvent): void {
    const other = this.#taken.get(payoutId);
    if (other)
      this.#options.report(
        event,
        `the payout id ${payoutId} is taken`,
        'an id of its own',
        `the id of ${other.stream}`,
        [other],
      );
    else this.#taken.set(payoutId, event);
  }

  #step(payout: Payout | undefined, event: RawEvent): void {
    const { from, to } = STEPS[event.type]!;
    const found = payout?.status ?? 'a payout that nobody asked for';
    if (!payout || !from.includes(payout.status))
      this.#options.report(
        event,
        `${event.type} of a payout in another state`,
        from.join(' or '),
        found,
      );
    else if (to !== 'APPROVED' && payout.provider === 'stripe' && event.data['by'] !== STRIPE)
      this.#options.report(
        event,
        'Stripe alone says how a payout ended that it carries out',
        STRIPE,
        event.data['by'],
      );
    else if (
      event.type === 'PayoutFailed' &&
      payout.status === 'PAID' &&
      payout.provider !== 'stripe'
    )
      this.#options.report(
        event,
        'a payment that a person made cannot fail after it was paid',
        'APPROVED',
        'PAID',
      );
  }

  #requested(then: CreatorFold, append: Append, event: RawEvent): void {
    const { report } = this.#options;
    const amount = amountOf(event.data, 'amount');
    const money = then.in(textOf(event.data, 'currency'));
    const available = money.available(millis(event.time)) - append.requested;
    if (amount > available)
      report(event, 'more was asked for than was available', `at most ${available}`, amount);
    if (event.data['outside'] !== true) this.#small(money, available, amount, event);
    append.requested += amount;
  }

  /** Minimums by campaign; a request without a basis is older than they are. */
  #small(money: ReturnType<CreatorFold['in']>, available: bigint, amount: bigint, event: RawEvent) {
    const { report, minimums } = this.#options;
    const basis = event.data['basis'] as Record<string, unknown> | null | undefined;
    const configured = minimums[textOf(event.data, 'currency')];
    const { kept, minimum } = basis
      ? money.small(millis(event.time))
      : {
          kept: 0n,
          minimum: configured === undefined ? money.greatestMinimum : BigInt(configured),
        };
    if (amount <= available && amount > available - kept)
      report(event, 'money was asked for that a campaign keeps', `at most ${available - kept}`, amount); // prettier-ignore
    if (amount < minimum)
      report(event, 'less was asked for than the minimum', `at least ${minimum}`, amount);
    for (const [field, right] of Object.entries(basis ? { available, kept, minimum } : {}))
      if (wholeOf(basis![field]) !== right)
        report(event, `basis.${field} of the request is another`, right, basis![field]);
  }

  /** While the balance is below 0 nothing is approved or paid. */
  #covered(then: CreatorFold, append: Append, event: RawEvent, payout: Payout | undefined): void {
    if (!payout) return;
    const { report } = this.#options;
    const available = then.in(payout.currency).available(millis(event.time)) - append.requested;
    if (available < 0n)
      report(
        event,
        'nothing is approved or paid while the balance is below 0',
        'a balance of at least 0',
        available,
      );
    const set = payout.destination ?? then.account;
    if (event.type !== 'PayoutApproved' || !set || payout.outside) return;
    const destination = (event.data['destination'] ?? {
      provider: 'manual',
      account: set['account'],
    }) as Record<string, unknown>;
    if (destination['provider'] !== set['provider'] || destination['account'] !== set['account'])
      report(event, 'the destination is not the account that was set', `${String(set['provider'])} ${String(set['account'])}`, `${String(destination['provider'])} ${String(destination['account'])}`); // prettier-ignore
  }

  /** Invariant 2. What another system paid before an import is its own affair. */
  #paid(creator: Creator, event: RawEvent): void {
    if (event.data['by'] === IMPORT) return;
    const payout = creator.now.payouts.get(textOf(event.data, 'payoutId'));
    if (!payout) return;
    const { accrued, reversed, paid } = creator.now.in(payout.currency);
    if (paid > accrued - reversed)
      this.#options.report(
        event,
        'the creator was paid more than accrued less reversed',
        `at most ${accrued - reversed}`,
        paid,
      );
  }
}
