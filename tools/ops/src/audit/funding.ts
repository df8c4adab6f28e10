import type { CampaignFold } from './campaign.js';
import { amountOf, millis, textOf, type Fact, type RawEvent, type Report } from './events.js';

/** What a brand has paid in and promised in one currency. */
interface Account {
  funded: bigint;
  committed: bigint;
  campaigns: Set<string>;
}

/** A payment of a brand, and what has gone back of it. */
interface Paid {
  event: RawEvent;
  account: Account;
  amount: bigint;
  back: bigint;
}

/** A refund or a dispute. */
interface Taken {
  event: RawEvent;
  paid: Paid | undefined;
  amount: bigint;
  undone: RawEvent | null;
}

/** A launch or a top-up, or the commitment for it, until the other one of its append is there. */
interface Half {
  event: RawEvent;
  campaignId: string;
  amount: bigint;
}

/**
 * What came to a campaign that was over while a commitment was decided: within so many events it
 * may not have been seen.
 */
const SEEN_WITHIN = 1_000;

/** Campaigns promise no more than their brands have paid in, where budgets are paid in first. */
export class FundingAudit {
  readonly #report: Report;
  readonly #foldOf: (campaignId: string) => CampaignFold | null;
  readonly #accounts = new Map<string, Account>();
  readonly #accountOf = new Map<string, Account>();
  readonly #payments = new Map<string, Paid>();
  readonly #refunds = new Map<string, Taken>();
  readonly #before = new Map<string, { remaining: bigint; ordinal: number }>();
  #promise: Half | null = null;
  #commitment: Half | null = null;

  constructor(report: Report, foldOf: (campaignId: string) => CampaignFold | null) {
    this.#report = report;
    this.#foldOf = foldOf;
  }

  /** Before the campaigns take it. */
  take({ event, place }: Fact): void {
    const { type, data } = event;
    const campaignId = textOf(data, 'campaignId');
    if (type === 'BudgetFunded') this.#fund(event);
    else if (type === 'BudgetRefunded') this.#refund(event);
    else if (type === 'BudgetRefundUndone') this.#undo(event);
    else if (type === 'BudgetCommitted') this.#commit(event, place.ordinal);
    else if (type === 'CampaignLaunched') {
      const terms = (data['terms'] ?? {}) as Record<string, unknown>;
      const account = this.#account(textOf(data, 'brandId'), textOf(terms, 'currency'));
      this.#accountOf.set(campaignId, account);
      account.campaigns.add(campaignId);
      this.#promised({ event, campaignId, amount: amountOf(terms, 'budget') });
    } else if (type === 'CampaignToppedUp')
      this.#promised({ event, campaignId, amount: amountOf(data, 'amount') });
    else if (type === 'EarningsAccrued') {
      const remaining = this.#foldOf(campaignId)?.remaining ?? 0n;
      this.#before.set(campaignId, { remaining, ordinal: place.ordinal });
    }
  }

  end(): void {
    this.#pair(null);
  }

  #account(brandId: string, currency: string): Account {
    const key = JSON.stringify([brandId, currency]);
    const account = this.#accounts.get(key) ?? { funded: 0n, committed: 0n, campaigns: new Set() };
    this.#accounts.set(key, account);
    return account;
  }

  #fund(event: RawEvent): void {
    const key = keyOf(event, 'reference');
    const before = this.#payments.get(key);
    if (before)
      this.#report(event, 'a payment of a brand counts twice', 'one BudgetFunded of a reference', textOf(event.data, 'reference'), [before.event]); // prettier-ignore
    const account = this.#account(textOf(event.data, 'brandId'), textOf(event.data, 'currency'));
    const amount = amountOf(event.data, 'amount');
    this.#payments.set(key, { event, account, amount, back: 0n });
    account.funded += amount;
  }

  #refund(event: RawEvent): void {
    const key = keyOf(event, 'refundId');
    const before = this.#refunds.get(key);
    if (before)
      this.#report(event, 'a refund of a brand counts twice', 'one BudgetRefunded of a refundId', textOf(event.data, 'refundId'), [before.event]); // prettier-ignore
    const paid = this.#payments.get(keyOf(event, 'reference'));
    const amount = amountOf(event.data, 'amount');
    const currency = textOf(event.data, 'currency');
    const was = paid && `${paid.amount} ${textOf(paid.event.data, 'currency')}`;
    if (!paid || amount > paid.amount || was !== `${paid.amount} ${currency}`)
      this.#report(event, 'more is refunded than was paid in', was ? `at most ${was}` : 'a payment of this reference', `${amount} ${currency}`); // prettier-ignore
    this.#refunds.set(key, { event, paid, amount, undone: null });
    this.#back(paid, amount);
  }

  #undo(event: RawEvent): void {
    const refund = this.#refunds.get(keyOf(event, 'refundId'));
    const amount = amountOf(event.data, 'amount');
    if (!refund || refund.undone || amount !== refund.amount) {
      const expected = refund ? `${refund.amount}, once` : 'a BudgetRefunded of this refundId';
      this.#report(event, 'a refund comes back that did not go', expected, amount, [refund?.undone ?? []].flat()); // prettier-ignore
    }
    if (!refund || refund.undone) return;
    refund.undone = event;
    this.#back(refund.paid, -refund.amount);
  }

  /** All that goes back of a payment takes no more than the payment was. */
  #back(paid: Paid | undefined, amount: bigint): void {
    if (!paid) return;
    const taken = () => (paid.back < paid.amount ? paid.back : paid.amount);
    paid.account.funded += taken();
    paid.back += amount;
    paid.account.funded -= taken();
  }

  #promised(half: Half): void {
    this.#pair(half.event);
    this.#promise = half;
    const account = this.#accountOf.get(half.campaignId);
    if (account) account.committed += half.amount;
    this.#matched();
  }

  #commit(event: RawEvent, ordinal: number): void {
    this.#pair(event);
    const [campaignId, amount] = [textOf(event.data, 'campaignId'), amountOf(event.data, 'amount')];
    const account = this.#account(textOf(event.data, 'brandId'), textOf(event.data, 'currency'));
    const basis = (event.data['basis'] ?? {}) as Record<string, unknown>;
    const own = this.#promise?.campaignId === campaignId ? this.#promise.amount : 0n;
    const committed = account.committed - own;
    if (amountOf(basis, 'funded') !== account.funded)
      this.#report(event, 'the brand has paid in another sum', account.funded, basis['funded']);
    if (amountOf(basis, 'committed') !== committed)
      this.#report(event, 'the brand has promised another sum before', committed, basis['committed']); // prettier-ignore
    const most = this.#returned(account, event, ordinal);
    const returned = amountOf(basis, 'returned');
    if (returned > most)
      this.#report(event, 'more came back than ended campaigns have left', `at most ${most}`, returned); // prettier-ignore
    const left = account.funded - committed + (returned < most ? returned : most);
    if (amount > left)
      this.#report(event, 'a campaign promises more than its brand has paid in', `at most ${left}`, amount); // prettier-ignore
    this.#commitment = { event, campaignId, amount };
    this.#matched();
  }

  #returned({ campaigns }: Account, { time }: RawEvent, ordinal: number): bigint {
    let sum = 0n;
    for (const campaignId of campaigns) {
      const fold = this.#foldOf(campaignId);
      if (!fold?.terms || Math.min(fold.endedAt, fold.terms.endsAt) > millis(time)) continue;
      const before = this.#before.get(campaignId);
      const seen = before && ordinal - before.ordinal < SEEN_WITHIN ? before.remaining : 0n;
      const most = seen > fold.remaining ? seen : fold.remaining;
      if (most > 0n) sum += most;
    }
    return sum;
  }

  /** Both halves of an append are there. */
  #matched(): void {
    const [promise, commitment] = [this.#promise, this.#commitment];
    if (!promise || !commitment) return;
    if (promise.campaignId !== commitment.campaignId || promise.amount !== commitment.amount)
      this.#report(commitment.event, 'what is committed is not what was promised', `${promise.amount} for ${promise.campaignId}`, `${commitment.amount} for ${commitment.campaignId}`, [promise.event]); // prettier-ignore
    this.#promise = this.#commitment = null;
  }

  /** What waits for an event of another append waits in vain; without the setting none comes. */
  #pair(event: RawEvent | null): void {
    if (this.#commitment && this.#commitment.event.causationId !== event?.causationId) {
      this.#report(this.#commitment.event, 'a budget is committed that nobody has promised', 'CampaignLaunched or CampaignToppedUp in the same append', 'none'); // prettier-ignore
      this.#commitment = null;
    }
    if (this.#promise?.event.causationId !== event?.causationId) this.#promise = null;
  }
}

const keyOf = ({ data }: RawEvent, name: string): string =>
  JSON.stringify([textOf(data, 'brandId'), textOf(data, name)]);
