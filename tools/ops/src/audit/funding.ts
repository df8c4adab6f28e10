import type { CampaignFold } from './campaign.js';
import { amountOf, millis, textOf, type Fact, type RawEvent, type Report } from './events.js';

/** What a brand has paid in and promised in one currency. */
interface Account {
  funded: bigint;
  committed: bigint;
  campaigns: Set<string>;
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
  readonly #payments = new Map<string, RawEvent>();
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
    const [brandId, reference] = [textOf(event.data, 'brandId'), textOf(event.data, 'reference')];
    const key = JSON.stringify([brandId, reference]);
    const before = this.#payments.get(key);
    if (before)
      this.#report(event, 'a payment of a brand counts twice', 'one BudgetFunded of a reference', reference, [before]); // prettier-ignore
    this.#payments.set(key, event);
    this.#account(brandId, textOf(event.data, 'currency')).funded += amountOf(event.data, 'amount');
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
