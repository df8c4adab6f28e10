import type { AnyEvent, EventData } from '@cliptally/contracts';
import { Counts, Rows } from '@cliptally/messaging';

type Of<T extends AnyEvent['type']> = Extract<AnyEvent, { type: T }>;
export type ScrapeMoneyEvent = Of<
  'TrackingRunStarted' | 'ScrapeBatchCompleted' | 'SourceUsageMeasured'
>;

const TYPES: ReadonlySet<string> = new Set<ScrapeMoneyEvent['type']>([
  'TrackingRunStarted',
  'ScrapeBatchCompleted',
  'SourceUsageMeasured',
]);
export const isOfScrapeMoney = (event: AnyEvent): event is ScrapeMoneyEvent =>
  TYPES.has(event.type);

interface RunRow {
  run_id: string;
  position: number;
  started_at: string;
  data: EventData<'TrackingRunStarted'>;
}
interface AccountRow {
  account: string;
  measured_at: string;
  data: EventData<'SourceUsageMeasured'>;
}

/** What scraping costs, what was planned, and the views that were paid for meanwhile. */
export class ScrapeMoneyRows {
  readonly #runs = new Rows<RunRow>('tracking_runs', 'run_id');
  readonly #accounts = new Rows<AccountRow>('scrape_accounts', 'account');
  readonly #days = new Counts<
    { day: string; platform: string; source: string },
    { batches: number; scrapes: number; recorded: number; cost_micro_usd: number }
  >('scrape_days');
  readonly #views = new Counts<{ day: string }, { views: number }>('paid_view_days');
  readonly tables = [this.#runs, this.#accounts, this.#days, this.#views];

  take({ type, time, position, data }: ScrapeMoneyEvent): void {
    if (type === 'TrackingRunStarted') {
      // What a plan is made again from is long, and nobody reads it here.
      const { learned: _, ...plan } = data;
      this.#runs.put({ run_id: data.runId, position, started_at: time, data: plan });
    } else if (type === 'SourceUsageMeasured')
      this.#accounts.put({ account: data.account, measured_at: time, data });
    else {
      const { platform, source, looks: scrapes, recorded, costMicroUsd } = data;
      this.#days.add(
        { day: dayOf(time), platform, source },
        { batches: 1, scrapes, recorded, cost_micro_usd: costMicroUsd },
      );
    }
  }

  /** Settled views by the day of the settlement. A reversal takes money back, and no views. */
  paid({ time, data: { lines } }: Of<'EarningsAccrued'>): void {
    const views = lines.reduce((sum, { fromViews, toViews }) => sum + toViews - fromViews, 0);
    this.#views.add({ day: dayOf(time) }, { views });
  }
}

const dayOf = (time: string): string => time.slice(0, 10);
