import {
  JETSTREAM_STREAM,
  derivedId,
  newEvent,
  scraperDurable,
  type AnyEvent,
} from '@cliptally/contracts';
import { openPool } from '@cliptally/event-store';
import { catchUp, rebuildProjection, type Projection } from '@cliptally/messaging';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../servers/index.js';
import { moment, type Fault } from '../fault.js';
import type { Transfer } from '../../../stripe-stand-in/index.js';
import type { Machines } from '../machines.js';
import { publishedUpTo } from '../published.js';
import { PROJECTIONS } from '../watcher.js';

const TOO_NEW = 99;
const COMPARISONS = 20;

const projectionOf = (name: string): Projection => PROJECTIONS.find((one) => one.name === name)!;

/** An event that this software does not know yet, as a later version of it has left it. */
const event: Fault = {
  name: 'poison-event',
  family: 'poison',
  what: 'an event of a version that no projection can read: each halts and names it; mended as a new release would',
  async strike(world, chance) {
    await moment(chance);
    const { store, clock } = world;
    const runId = `poison-${chance.below(1e9)}`;
    const slot = clock.now().toISOString();
    const data = {
      runId,
      slot,
      policy: 'p',
      candidates: 0,
      requested: 0,
      estimatedCostMicroUsd: 0,
    };
    const context = { time: slot, correlationId: 'chaos', causationId: 'chaos' };
    const made = newEvent('TrackingRunStarted', derivedId(runId), data, context);
    const stream = `tracking-run-${runId}`;
    const { position } = await store.append(stream, [{ ...made, version: TOO_NEW }], 'none');
    for (const name of ['monitor', 'earnings']) {
      const { url, output } = world.machine(name);
      const halted = async () => (await (await fetch(`${url}/readyz`)).text()).includes(String(TOO_NEW)); // prettier-ignore
      await until(`${name} to say why it has halted`, halted, { said: () => output });
    }
    await until('JetStream', async () => (await publishedUpTo(world.jetStream)) >= position);
    await mend(world, position, made.version);
    return `position ${position}`;
  },
};

/** Facts do not change: only who may switch triggers off can do it. */
async function mend(world: Machines, position: number, version: number): Promise<void> {
  const pool = openPool(world.postgres.url, 'chaos-mend', 1);
  try {
    await pool.query('set session_replication_role = replica');
    await pool.query('update events set version = $2 where position = $1', [position, version]);
  } finally {
    await pool.end();
  }
}

const NO_EVENTS = [
  '',
  'no JSON',
  '{}',
  '[1,2]',
  '{"id":null}',
  '\u0000\u0001',
  'x'.repeat(100_000),
];
const SUBJECTS = [
  'cliptally.events.tracking-run.ClipTrackingRequested.tiktok',
  'cliptally.events.clip.ViewsRecorded.tiktok',
  'cliptally.events.campaign.Nonsense',
  'cliptally.events.clip.ClipSubmitted',
];

const message: Fault = {
  name: 'poison-message',
  family: 'poison',
  what: 'messages in the stream that are no events, on subjects of events',
  async strike(world, chance) {
    let sent = 0;
    for (const text of NO_EVENTS) {
      for (const subject of SUBJECTS) {
        await world.jetStream.client.publish(subject, text);
        sent++;
      }
      await pause(chance.between(50, 400));
    }
    return `${sent} messages`;
  },
};

const ROWS: readonly [projection: string, change: string][] = [
  ['earnings', `update earnings.ledger set amount = amount + 1 where (position, line) = (select position, line from earnings.ledger order by position limit 1)`],
  ['earnings', `delete from earnings.observations where ctid = (select ctid from earnings.observations limit 1)`],
  ['monitor', `update monitor.outcome_totals set scrapes = scrapes + 1 where ctid = (select ctid from monitor.outcome_totals limit 1)`],
  ['scheduler', `delete from scheduler.first_scrapes where ctid = (select ctid from scheduler.first_scrapes limit 1)`],
]; // prettier-ignore

const row: Fault = {
  name: 'changed-row',
  family: 'poison',
  what: 'rows of projections are changed by hand; a rebuild has to find and mend each',
  async strike(world) {
    for (const [name, change] of ROWS) {
      let tries = 0;
      while (!(await isFound(world, projectionOf(name), change)))
        if (++tries === COMPARISONS) throw new Error(`${name} was always behind.`);
    }
    return `${ROWS.length} rows, each found`;
  },
};

/** False if the projection was behind, so that nothing could be compared. */
async function isFound(world: Machines, projection: Projection, change: string): Promise<boolean> {
  const { pool, store } = world;
  if (projection.name === 'scheduler') await catchUp(projection, pool, store);
  const { rowCount } = await pool.query(change);
  if (rowCount !== 1) return false;
  const { compared, differences } = await rebuildProjection(projection, pool, store);
  if (compared && Object.keys(differences).length === 0)
    throw new Error(`The rebuild of ${projection.name} did not find: ${change}`);
  return compared;
}

/** Events that a restored backup does not have. */
const LATER = 150;

const restored: Fault = {
  name: 'restored-backup',
  family: 'poison',
  what: 'PostgreSQL comes back with a backup that is older than JetStream; mended as docs/operations.md says',
  async strike(world, chance, { load, watcher }) {
    const { postgres, store, jetStream, machines, dir, apify, stripe, clock, forgotten } = world;
    await moment(chance);
    const [data, backup] = [join(dir, 'postgres'), join(dir, 'backup')];
    rmSync(backup, { recursive: true, force: true });
    await postgres.stop();
    copy(data, backup);
    await postgres.start();
    const kept = await until('the log', () => store.head());
    const isOlder = async () => (await publishedUpTo(jetStream)) > kept + LATER;
    await until('events that the backup does not have', isOlder);
    await load.pause();
    await Promise.all([...machines.values()].map((one) => one.kill()));
    const lost = await store.head();
    await watcher.blindfolded(async () => {
      await postgres.stop();
      rmSync(data, { recursive: true });
      copy(backup, data);
      await postgres.start();
      await until('the older log', async () => (await store.head()) < lost);
    });
    const log = await Array.fromAsync(store.readAll(0));
    const runs = apify.bills(clock.now()).filter(({ runId }) => !isKnown(log, runId));
    for (const { runId } of runs) forgotten.add(runId);
    const transfers = stripe.transfers.filter(({ transfer_group }) => !isKnown(log, transfer_group));
    const relay = world.machine('relay');
    for (const machine of machines.values()) await machine.begin();
    const refuses = () => relay.output.includes('Delete the stream CLIPTALLY');
    await until('the relay to say that JetStream has another log', refuses, { said: () => relay.output });
    await jetStream.manager.streams.delete(JETSTREAM_STREAM);
    const recorded = await Promise.all(transfers.map((transfer) => isRecorded(world, log, transfer)));
    // What nobody has earned any more cannot be recorded.
    transfers.forEach(({ id }, nth) => recorded[nth] || forgotten.add(id));
    load.setBack(log);
    load.start();
    return `${lost - log.length} events back; of ${transfers.length} transfers that were forgotten ${recorded.filter(Boolean).length} are recorded again, and ${runs.length} actor runs are not`;
  },
}; // prettier-ignore

const isKnown = (log: readonly AnyEvent[], name: string | null): boolean =>
  log.some(
    ({ type, data }) =>
      (type === 'ScrapeBatchCompleted' && data.sourceRunId === name) ||
      (type === 'PayoutApproved' && data.payoutId === name),
  );

const RECORDED_WITHIN_MS = 60_000;

/** As a payment that was made outside; one that was asked for before is approved again. */
async function isRecorded(
  world: Machines,
  log: readonly AnyEvent[],
  transfer: Transfer,
): Promise<boolean> {
  const { id, amount, currency, metadata, transfer_group: payoutId } = transfer;
  const isAsked = log.some(
    ({ type, data }) => type === 'PayoutRequested' && data.payoutId === payoutId,
  );
  const path = isAsked
    ? `/payouts/${payoutId}/approve`
    : `/creators/${metadata['cliptally_creator']}/payments`;
  const body = isAsked ? {} : { currency: currency.toUpperCase(), amount, externalReference: id };
  const headers = {
    authorization: `Bearer ${world.tokens.admin}`,
    'content-type': 'application/json',
  };
  const record = async () => {
    const url = world.machine('earnings').url + path;
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).ok;
  };
  return until(`the payment ${id}`, record, { withinMs: RECORDED_WITHIN_MS }).catch(() => false);
}

/** Owners too: PostgreSQL takes no files of others. */
function copy(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${from} could not be copied: ${stderr}`);
}

const ofJetStream = (
  name: string,
  what: string,
  act: (world: Machines) => Promise<unknown>,
): Fault => ({
  name,
  family: 'poison',
  what,
  async strike(world, chance) {
    await moment(chance);
    const done = await act(world);
    await pause(2_000);
    return String(done);
  },
});

const BUCKETS = ['scraper-counts', 'scraper-batches', 'scraper-days', 'scraper-limits'];

export const POISON: readonly Fault[] = [
  event,
  message,
  row,
  restored,
  ofJetStream('purged-stream', 'the stream of JetStream is purged', async ({ jetStream }) => {
    const { purged } = await jetStream.manager.streams.purge(JETSTREAM_STREAM);
    return `${purged} messages`;
  }),
  ofJetStream('deleted-stream', 'the stream of JetStream is deleted, consumers and all', async ({ jetStream }) => {
    await jetStream.manager.streams.delete(JETSTREAM_STREAM);
    return '1 stream';
  }),
  ofJetStream('lost-buckets', "the scraper's buckets are deleted while it works", async ({ jetStream }) => {
    for (const bucket of BUCKETS) await jetStream.manager.streams.delete(`KV_${bucket}`);
    return `${BUCKETS.length} buckets`;
  }),
  ofJetStream('deleted-durable', 'a durable consumer is deleted while it has work', async ({ jetStream }) => {
    for (const platform of ['tiktok', 'youtube'] as const)
      await jetStream.manager.consumers.delete(JETSTREAM_STREAM, scraperDurable(platform));
    return '2 consumers';
  }),
]; // prettier-ignore
