/**
 * The log and its projections against bare PostgreSQL and against emmett, in one run on one
 * machine: appends against COPY of the same rows into an equally indexed table, single appends, and
 * a rebuild of the earnings projection against a bare cursor over the same rows. What is compared
 * is measured in turns, and the median counts, of rates and of their ratios. Ratios are what to
 * read; times are noisy.
 *
 * npm run bench -- log about a minute
 *   npm run bench -- log --growth   cost per append and per event read from 100,000 to 10 million events, some eight minutes and 10 GB;
 * `--growth=3000000` ends there
 */
import { startPostgres } from '@cliptally/dev/servers';
import { earningsProjection } from '@cliptally/earnings';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { rebuildProjection } from '@cliptally/messaging';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GROWTH_SETTINGS, growth } from './growth.mjs';
import { CLIPS, batches, begin, views } from './history.mjs';
import { copier, emmett } from './peers.mjs';
import { bySeveral, cursorRead, line, median, rate, ratio, seconds } from './measure.mjs';

const ROUNDS = 7;
const EVENTS = 20_000;
const SINGLES = 3_000;

async function appendAgainstCopy({ store, pool }) {
  const copy = await copier(pool);
  const callers = [2, 8];
  const pairs = callers.map(() => []);
  let next = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, atOnce] of callers.entries()) {
      const made = batches(EVENTS / 500, 500, next);
      next += EVENTS;
      const took = await seconds(() => bySeveral(atOnce, made, (batch) => store.appendMany(batch)));
      pairs[i].push([EVENTS / took, EVENTS / (await copy(EVENTS))]);
    }
  }
  line(
    'COPY of the same rows into an equally indexed table',
    rate(median(pairs.flat().map(([, copied]) => copied))),
  );
  for (const [i, atOnce] of callers.entries())
    compared(
      `appends, 500 events to 500 streams each, ${atOnce} at once`,
      pairs[i],
      'of COPY',
      0.8,
    );
  return next;
}

async function singleAgainstEmmett({ store, url }, from) {
  const peer = await emmett(url);
  let next = from;
  for (const writers of [8, 1]) {
    const pairs = [];
    for (let round = 0; round < ROUNDS; round++) {
      const made = Array.from({ length: SINGLES / (writers === 1 ? 3 : 1) }, () => views(next++));
      const each = async (append) =>
        made.length / (await seconds(() => bySeveral(writers, made, append)));
      pairs.push([
        await each(({ stream, events, expected }) => store.append(stream, events, expected)),
        await each(peer.append),
      ]);
    }
    const by = writers === 1 ? 'one writer' : `${writers} writers`;
    line(
      `emmett-postgresql, single appends by ${by}`,
      rate(median(pairs.map(([, theirs]) => theirs))),
    );
    compared(`single appends by ${by}`, pairs, 'times emmett', writers === 1 ? undefined : 2.5);
  }
  await peer.close();
}

async function rebuildAgainstCursor({ store, pool }) {
  const pairs = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await cursorRead(pool);
    let events = 0;
    const took = await seconds(async () => {
      ({ events } = await rebuildProjection(earningsProjection, pool, store));
    });
    pairs.push([events / took, bare]);
  }
  line('bare cursor over the log', rate(median(pairs.map(([, bare]) => bare))));
  compared('rebuild of earnings', pairs, 'of the cursor', 0.7);
}

/**
 * Rates in turns with those of a peer: the median of ours, and of what they are in multiples of the
 * peer's beside them.
 */
function compared(name, pairs, of, goal) {
  line(
    name,
    rate(median(pairs.map(([ours]) => ours))),
    ratio(median(pairs.map(([ours, peers]) => ours / peers)), of, goal),
  );
}

const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-bench-'));
const grows = process.argv.find((arg) => arg.startsWith('--growth'));
const postgres = await startPostgres({ dataDir, settings: grows ? GROWTH_SETTINGS : {} });
await PostgresEventStore.migrate(postgres.url);
const store = new PostgresEventStore({ url: postgres.url, connections: 8 });
const pool = openPool(postgres.url, 'bench', 4);
try {
  await begin(store);
  const world = { store, pool, url: postgres.url };
  if (grows) await growth(world, Number(grows.split('=')[1] ?? 10_000_000));
  else {
    process.stdout.write(`\nThe log, with events of about 300 bytes to ${CLIPS} streams\n`);
    await singleAgainstEmmett(world, await appendAgainstCopy(world));
    await rebuildAgainstCursor(world);
  }
} finally {
  await store.close();
  await pool.end();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
