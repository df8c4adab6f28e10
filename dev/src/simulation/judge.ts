import type { AnyEvent, EventType } from '@cliptally/contracts';
import type { MemoryEventStore } from '@cliptally/event-store';
import { NO_SKIPS, takeAll, compare, type Projection } from '@cliptally/messaging';
import { ExactlyOnce, assertSound, standingsOf } from '@cliptally/ops/audit';
import type { Client, PoolClient } from 'pg';
import { isDeepStrictEqual } from 'node:util';
import type { Providers } from './sources.js';
import { PROJECTIONS, prepareTables } from './tables.js';

interface Judged {
  log: MemoryEventStore;
  client: Client;
  /** Ids of the commands that were accepted, with what they were. */
  acknowledged: ReadonlyMap<string, string>;
  providers: Providers;
}

interface Judgement {
  /** How many events of each type. */
  events: Partial<Record<EventType, number>>;
  lines: number;
}

/**
 * The invariants of a log and of its tables, after everything has come to rest. Throws with the
 * number of the first that does not hold.
 */
export async function judge({ log, client, acknowledged, providers }: Judged): Promise<Judgement> {
  const events = await Array.fromAsync(log.readAll(0));
  // 1, 2, 5, 6, 9: every decision is computed anew from its prefix, by a second implementation.
  const audit = await assertSound(events);
  if (audit.notRecomputed.undated > 0)
    throw new Error(
      `${audit.notRecomputed.undated} decisions do not say the position they were made at`,
    );

  const once = new ExactlyOnce();
  for (const event of events) once.take(event);
  for (const [what, { lost, twice }] of [
    ['requests', once.requests()],
    ['observations', once.observations()],
    ['batches', once.batches()],
  ] as const)
    if (lost.length + twice.length > 0)
      throw new Error(
        `3: lost ${what}: ${lost.join()}; ${what} that are there twice: ${twice.join()}`,
      );

  for (const projection of PROJECTIONS) {
    const differences = await differencesOf(projection, events, client);
    if (Object.keys(differences).length > 0)
      throw new Error(
        `4: ${projection.name} differs from what is built anew: ${JSON.stringify(differences)}`,
      );
  }

  assertStartedOnce(events, providers);

  const caused = new Set(events.map(({ causationId }) => causationId));
  for (const [id, name] of acknowledged)
    if (!caused.has(id)) throw new Error(`7: "${name}" was accepted and is not in the log`);

  // Neither budget nor a person keeps these from what their observations give.
  const { rows: free } = await client.query<{ name: string }>(
    `select campaign_id || ' ' || clip_id as name from earnings.entries e join earnings.campaigns c using (campaign_id)
     where c.status <> 'PAUSED' and c.remaining > 0 and e.status = 'APPROVED' and e.state -> 'hold' = 'null'`,
  );
  const names = new Set(free.map(({ name }) => name));
  const unpaid = standingsOf(audit).find(
    ({ campaignId, clipId, owed, has }) => names.has(`${campaignId} ${clipId}`) && owed !== has,
  );
  if (unpaid)
    throw new Error(
      `5: ${unpaid.clipId} has ${unpaid.has} in ${unpaid.campaignId}, and its observations give ${unpaid.owed}`,
    );

  const { rows: balances } = await client.query<{
    creator_id: string;
    earnings: unknown;
    monitor: unknown;
  }>(
    `select creator_id, e.sums as earnings, m.money as monitor from (
       select creator_id, jsonb_object_agg(currency, jsonb_build_array(totals -> 'accrued', totals -> 'reversed', totals -> 'withheld', totals -> 'paid')) as sums
       from earnings.balances group by 1
     ) e full join (
       select creator_id, (select jsonb_object_agg(key, jsonb_build_array(value -> 'accrued', value -> 'reversed', value -> 'withheld', value -> 'paid')) from jsonb_each(money)) as money
       from monitor.creators
     ) m using (creator_id)`,
  );
  const nothing = (sums: unknown) =>
    sums === null ||
    Object.values(sums as object).every((one) => isDeepStrictEqual(one, [0, 0, 0, 0]));
  for (const { creator_id, earnings, monitor } of balances)
    if (!isDeepStrictEqual(earnings, monitor) && !(nothing(earnings) && nothing(monitor)))
      throw new Error(
        `10: ${creator_id} has ${JSON.stringify(earnings)} in earnings and ${JSON.stringify(monitor)} in the monitor`,
      );
  const counts: Judgement['events'] = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return { events: counts, lines: audit.lines };
}

/**
 * No more runs of a clip at a source than requests, each in the log with its price, and no slot is
 * left. A source knows links only: which of two requests for one clip a run was for, it cannot say.
 */
function assertStartedOnce(events: readonly AnyEvent[], { runs, slots }: Providers): void {
  const ends = events.flatMap((event) =>
    event.type === 'ScrapeBatchCompleted' && event.data.sourceRunId !== null ? [event.data] : [],
  );
  const clipOf = new Map(
    events.flatMap((event) =>
      event.type === 'ClipTrackingRequested' ? [[event.data.requestId, event.data.clipId]] : [],
    ),
  );
  const requests = new Map<string, Set<string>>();
  for (const event of events)
    if (event.type === 'ScrapeBatchStarted')
      for (const requestId of event.data.requestIds) {
        const name = `${event.data.source} ${clipOf.get(requestId)}`;
        requests.set(name, (requests.get(name) ?? new Set()).add(requestId));
      }
  const started = new Map<string, number>();
  for (const { id, clips, costMicroUsd } of runs) {
    for (const clipId of clips.split(',')) {
      const name = `${id.split(' ')[0]} ${clipId}`;
      started.set(name, (started.get(name) ?? 0) + 1);
      const asked = requests.get(name)?.size ?? 0;
      if (started.get(name)! > asked)
        throw new Error(`7: ${name} was started more often than the ${asked} requests for it`);
    }
    const bills = ends
      .filter(({ sourceRunId }) => sourceRunId === id)
      .map((end) => end.costMicroUsd);
    if (!isDeepStrictEqual(bills, [costMicroUsd]))
      throw new Error(`7: the run ${id} cost ${costMicroUsd}, and the log has ${bills.join()}`);
  }
  if (slots.length > 0) throw new Error(`7: the slot of ${slots.join()} was not released`);
}

/**
 * Built anew beside the live tables, in a transaction that is rolled back: neither its tables nor
 * its rows have to be made away with.
 */
async function differencesOf(
  projection: Projection,
  events: readonly AnyEvent[],
  client: Client,
): Promise<Record<string, number>> {
  const again = `${projection.name}_again`;
  await prepareTables(projection, client, again);
  await client.query(`begin; set local search_path to ${again}`);
  const fold = projection.fold();
  await takeAll(fold, events.filter(({ type }) => projection.types.includes(type)), client, NO_SKIPS); // prettier-ignore
  await fold.save(client);
  const { differences } = await compare(client as unknown as PoolClient, projection.name, again);
  await client.query('rollback');
  return differences;
}
