import type { AnyEvent, EventType } from '@cliptally/contracts';
import type { ClientBase } from 'pg';

type Of<T extends EventType> = Extract<AnyEvent, { type: T }>;

const hourOf = (time: string) => `${time.slice(0, 13)}:00:00Z`;

interface RunDelta {
  run_id: string;
  recorded: number;
  failed: number;
  cost: number;
  at: string;
}

/** What a batch of events adds to the counts, so that a thousand outcomes cost a few statements and not some thousands. */
export class Tally {
  readonly #outcomes = new Map<string, { hour: string; platform: string; result: string; count: number }>();
  readonly #runs = new Map<string, RunDelta>();
  readonly #batches = new Map<
    string,
    { hour: string; platform: string; source: string; status: string; count: number; looks: number; cost: number; duration: number }
  >();
  readonly #requested = new Map<string, { request_id: string; platform: string; requested_at: string }>();
  readonly #answered: string[] = [];

  requested({ time, data }: Of<'ClipTrackingRequested'>): void {
    this.#requested.set(data.requestId, { request_id: data.requestId, platform: data.platform, requested_at: time });
  }

  outcome(event: Of<'ViewsRecorded' | 'ScrapeFailed'>): void {
    const { time, data } = event;
    const recorded = event.type === 'ViewsRecorded';
    const result = recorded ? (event.data.cached ? 'cached' : 'recorded') : event.data.reason;
    const key = `${hourOf(time)} ${data.platform} ${result}`;
    const row = this.#outcomes.get(key) ?? { hour: hourOf(time), platform: data.platform, result, count: 0 };
    row.count++;
    this.#outcomes.set(key, row);
    const run = this.#runs.get(data.runId) ?? { run_id: data.runId, recorded: 0, failed: 0, cost: 0, at: time };
    if (recorded) run.recorded++;
    else run.failed++;
    run.cost += data.costMicroUsd;
    if (time > run.at) run.at = time;
    this.#runs.set(data.runId, run);
    if (!this.#requested.delete(data.requestId)) this.#answered.push(data.requestId);
  }

  batch({ time, data }: Of<'ScrapeBatchCompleted'>): void {
    const key = [hourOf(time), data.platform, data.source, data.status].join(' ');
    const { platform, source, status } = data;
    const row = this.#batches.get(key) ?? { hour: hourOf(time), platform, source, status, count: 0, looks: 0, cost: 0, duration: 0 };
    row.count++;
    row.looks += data.looks;
    row.cost += data.costMicroUsd;
    row.duration += data.durationMs;
    this.#batches.set(key, row);
  }

  async save(db: ClientBase): Promise<void> {
    const rows = (values: Iterable<object>) => JSON.stringify([...values]);
    if (this.#outcomes.size > 0)
      await db.query(
        `insert into outcomes select * from jsonb_to_recordset($1) as o(hour timestamptz, platform text, result text, count bigint)
         on conflict (hour, platform, result) do update set count = outcomes.count + excluded.count`,
        [rows(this.#outcomes.values())],
      );
    if (this.#runs.size > 0)
      await db.query(
        `update runs set recorded = runs.recorded + d.recorded, failed = runs.failed + d.failed, cost_micro_usd = cost_micro_usd + d.cost,
                last_outcome_at = greatest(last_outcome_at, d.at)
         from jsonb_to_recordset($1) as d(run_id text, recorded int, failed int, cost bigint, at timestamptz) where runs.run_id = d.run_id`,
        [rows(this.#runs.values())],
      );
    if (this.#batches.size > 0)
      await db.query(
        `insert into batches select * from jsonb_to_recordset($1)
           as b(hour timestamptz, platform text, source text, status text, count bigint, looks bigint, cost bigint, duration bigint)
         on conflict (hour, platform, source, status) do update set count = batches.count + excluded.count, looks = batches.looks + excluded.looks,
           cost_micro_usd = batches.cost_micro_usd + excluded.cost_micro_usd, duration_ms = batches.duration_ms + excluded.duration_ms`,
        [rows(this.#batches.values())],
      );
    if (this.#requested.size > 0)
      await db.query(
        `insert into open_looks select * from jsonb_to_recordset($1) as l(request_id uuid, platform text, requested_at timestamptz)`,
        [rows(this.#requested.values())],
      );
    if (this.#answered.length > 0) await db.query('delete from open_looks where request_id = any($1)', [this.#answered]);
  }
}
