import type { AnyEvent, EventType } from '@cliptally/contracts';
import { Counts, Rows } from '@cliptally/messaging';
import type { AccountRow, CostRow } from './rows.js';

type Of<T extends EventType> = Extract<AnyEvent, { type: T }>;

/** Scrapes that the mean cost remembers: it is steady, and follows a change of price. */
const COSTS_REMEMBERED = 1_000;

/** What scrapes have cost, by source and day, and what the paying accounts say of it. */
export class ScrapeMoney {
  readonly #costs = new Rows<CostRow>('scrape_costs', 'platform', 'source');
  readonly #accounts = new Rows<AccountRow>('accounts', 'account');
  readonly usage = new Counts<{ day: string }, { cost_micro_usd: number }>('usage');
  /** Tables that are loaded whole. */
  readonly small = [this.#costs, this.#accounts];

  billed({
    time,
    data: { platform, source, recorded, costMicroUsd },
  }: Of<'ScrapeBatchCompleted'>): void {
    this.usage.add({ day: time.slice(0, 10) }, { cost_micro_usd: costMicroUsd });
    for (const { account } of this.#accounts.values())
      this.#accounts.change(account, (row) => (row.since_micro_usd += costMicroUsd));
    // The next source is paid for what the first could not answer: an answer costs all tries.
    const keep = Math.max(0, 1 - recorded / COSTS_REMEMBERED);
    for (const row of this.#costs.values())
      if (row.platform === platform)
        this.#costs.put({
          ...row,
          scrapes: row.scrapes * keep,
          cost_micro_usd: row.cost_micro_usd * keep,
        });
    const row = this.#costs.get(`${platform} ${source}`) ?? {
      platform,
      source,
      scrapes: 0,
      cost_micro_usd: 0,
    };
    this.#costs.put({
      ...row,
      scrapes: row.scrapes + recorded,
      cost_micro_usd: row.cost_micro_usd + costMicroUsd,
    });
  }

  reported({
    account,
    cycleStartsAt,
    cycleEndsAt,
    usedMicroUsd,
    limitMicroUsd,
    state,
  }: Of<'SourceUsageMeasured'>['data']): void {
    this.#accounts.put({
      account,
      cycle_starts_at: cycleStartsAt,
      cycle_ends_at: cycleEndsAt,
      used_micro_usd: usedMicroUsd,
      limit_micro_usd: limitMicroUsd,
      state,
      since_micro_usd: 0,
    });
  }
}
