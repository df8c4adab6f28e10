import { derivedId, newEvent, type AnyEvent, type NewEvent } from '@cliptally/contracts';
import { testDatabase } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createReadStream,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import type { Pool } from 'pg';
import { exportLog, verifyExport } from '../export/export.js';
import { WrongExpectedRevision } from '../port.js';
import { collect } from '../testing/conformance.js';
import { ARCHIVABLE, archiveLog, moveArchive, type ArchiveAges } from './archive.js';
import { openPool } from '../postgres/pool.js';
import { PostgresEventStore } from '../postgres/postgres-event-store.js';

const DAY = 86_400_000;
const RUNS = 40;
const SCRAPES = 300;

/** A day's run: its start, its requests, and as many events of a clip's stream in between. */
function day(n: number): { run: NewEvent[]; clip: NewEvent[] } {
  const at = {
    time: new Date(Date.parse('2026-01-01T00:00:00Z') + n * DAY),
    correlationId: `żółć ${n}`,
    causationId: `c${n}`,
  };
  const runId = `r${n}`;
  const counts = { candidates: SCRAPES, requested: SCRAPES, estimatedCostMicroUsd: 0 };
  const started = newEvent(
    'TrackingRunStarted',
    derivedId(runId),
    { runId, slot: at.time.toISOString(), policy: 'p', ...counts },
    at,
  );
  const outcome = {
    clipId: 'youtube-a',
    platform: 'youtube' as const,
    url: 'https://example.com/',
    score: 1,
    campaignIds: ['a'],
  };
  const requests = Array.from({ length: SCRAPES }, (_, i) =>
    newEvent(
      'ClipTrackingRequested',
      derivedId(runId, i),
      { requestId: derivedId(runId, i), runId, ...outcome },
      at,
    ),
  );
  const clip = newEvent(
    'ClipApproved',
    derivedId('clip', n),
    { clipId: 'youtube-a', platform: 'youtube', campaignId: `c${n}`, by: 'b' },
    at,
  );
  return { run: [started, ...requests], clip: [clip] };
}

describe('the archive', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let store: PostgresEventStore;
  let pool: Pool;
  let before: AnyEvent[];
  let exported: string[];
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-archive-'));
  const never = new AbortController().signal;
  const ages = (days: number, types = ARCHIVABLE): ArchiveAges =>
    new Map(types.map((type) => [type, days * DAY]));
  const archive = async (days: number) => {
    const { events, upTo } = await archiveLog(pool, store, { folder, ages: ages(days), signal: never }); // prettier-ignore
    expect([...upTo.keys()]).toEqual(ARCHIVABLE);
    expect(new Set(upTo.values()).size).toBe(1);
    return { events, upTo: [...upTo.values()][0]! };
  };

  beforeAll(async () => {
    database = await testDatabase();
    await PostgresEventStore.migrate(database.url);
    store = new PostgresEventStore({ url: database.url });
    pool = openPool(database.url, 'test', 3);
    for (let n = 0; n < RUNS; n++) {
      await store.append(`tracking-run-r${n}`, day(n).run, 'none');
      await store.append('clip-youtube-a', day(n).clip, 'any');
    }
    before = await collect(store.readAll(0));
    exported = await collect(exportLog(store));
  });
  afterAll(async () => {
    await store.close();
    await pool.end();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A reader that has unpacked nothing yet. */
  const fresh = async <T>(read: (reader: PostgresEventStore) => Promise<T>): Promise<T> => {
    const reader = new PostgresEventStore({ url: database.url });
    try {
      return await read(reader);
    } finally {
      await reader.close();
    }
  };
  const files = () => readdirSync(folder).toSorted();
  const stripped = async () => (await pool.query('select from events where data is null')).rowCount;

  it('takes what is old enough, stopped and continued, and nothing else', async () => {
    expect(await archive(RUNS)).toEqual({ events: 0, upTo: 0 });
    const stopped = new AbortController();
    await archiveLog(pool, store, {
      folder,
      ages: ages(3),
      signal: stopped.signal,
      onFile: () => stopped.abort(),
    });
    expect(files()).toEqual(['cliptally-1-10000.jsonl.gz']);
    const { upTo } = await archive(3);
    // The newest event is of day 39: the runs of days 0 to 36 are at least three days older, with
    // one event of the clip after each.
    expect(upTo).toBe(37 * (SCRAPES + 2));
    expect(await stripped()).toBe(37 * (SCRAPES + 1));
    expect(files()).toEqual(['cliptally-1-10000.jsonl.gz', `cliptally-10001-${upTo}.jsonl.gz`]);
    expect(await archive(3)).toEqual({ events: 0, upTo });
  });

  it('changes nothing for who reads: the whole log, by type, a stream in both directions, a copy', async () => {
    expect(await fresh((reader) => collect(reader.readAll(0)))).toEqual(before);
    expect(await fresh((reader) => collect(exportLog(reader)))).toEqual(exported);
    const started = before.filter(({ type }) => type === 'TrackingRunStarted');
    expect(
      await fresh((reader) => collect(reader.readAll(0, { types: ['TrackingRunStarted'] }))),
    ).toEqual(started);
    const stream = before.filter((event) => event.stream === 'tracking-run-r33');
    expect(await fresh((reader) => collect(reader.readStream('tracking-run-r33')))).toEqual(stream);
    expect(
      await fresh((reader) =>
        collect(reader.readStream('tracking-run-r33', { direction: 'backwards' })),
      ),
    ).toEqual(stream.toReversed());
  });

  it('still knows ids and revisions', async () => {
    const head = await store.head();
    expect(await store.append('tracking-run-r0', day(0).run, 'none')).toMatchObject({
      added: 0,
      revision: SCRAPES,
    });
    expect(await store.head()).toBe(head);
    const other = newEvent(
      'CampaignResumed',
      derivedId('other'),
      { campaignId: 'a', by: 'b' },
      { time: new Date(0), correlationId: '', causationId: '' },
    );
    await expect(store.append('tracking-run-r0', [other], 'none')).rejects.toBeInstanceOf(
      WrongExpectedRevision,
    );
    await expect(store.append('tracking-run-r0', [other], SCRAPES - 1)).rejects.toMatchObject({
      actual: SCRAPES,
    });
  });

  it('is an export, which anybody can verify', async () => {
    for (const file of files()) {
      const input = createReadStream(join(folder, file)).pipe(createGunzip());
      expect(await verifyExport(input)).toMatchObject({ sound: true });
    }
  });

  it('lets no data go that are in no file, and nothing that is in one be changed', async () => {
    const young = `update events set data = null, correlation_id = '', causation_id = '' where position = $1`;
    await expect(pool.query(young, [await store.head()])).rejects.toThrow('append-only');
    await expect(pool.query(`update events set data = '{}' where position = 1`)).rejects.toThrow(
      'append-only',
    );
    await expect(pool.query(`update events set type = 'X' where position = 1`)).rejects.toThrow(
      'append-only',
    );
    await expect(pool.query('delete from events where position = 1')).rejects.toThrow(
      'append-only',
    );
  });

  it('takes types at ages of their own, each once, and no type whose streams live on', async () => {
    const request = new Map([...ages(2, ['TrackingRunStarted']), ...ages(1, ['ClipTrackingRequested'])]); // prettier-ignore
    const archived = await archiveLog(pool, store, { folder, ages: request, signal: never });
    // Day 37 of both types, and day 38 of the requests.
    expect(archived.events).toBe(2 * SCRAPES + 1);
    expect([...archived.upTo.values()]).toEqual([38 * (SCRAPES + 2), 39 * (SCRAPES + 2)]);
    expect(await fresh((reader) => collect(reader.readAll(0)))).toEqual(before);
    expect(await archiveLog(pool, store, { folder, ages: request, signal: never })).toEqual({
      ...archived,
      events: 0,
    });
    // One age again: each type goes on where it is.
    const rest = RUNS * (SCRAPES + 1) - (await stripped())!;
    expect(await archive(0)).toEqual({ events: rest, upTo: await store.head() });
    expect(await stripped()).toBe(RUNS * (SCRAPES + 1));
    expect(await fresh((reader) => collect(reader.readAll(0)))).toEqual(before);
    await expect(
      archiveLog(pool, store, { folder, ages: ages(0, ['ViewsRecorded']), signal: never }),
    ).rejects.toThrow('ViewsRecorded are not archived');
  });

  it('says which file is missing, changed or cut off, and goes on once it is back or found again', async () => {
    const path = join(folder, files()[0]!);
    const good = readFileSync(path);
    const reading = () => fresh((reader) => collect(reader.readAll(0, { limit: 1 })));
    const lines = gunzipSync(good).toString().split('\n');
    for (const bad of [
      gzipSync(lines.slice(0, -2).join('\n')),
      gzipSync(lines.with(5, lines[5]!.replace('"score":1', '"score":2')).join('\n')),
      good.subarray(0, 99),
    ]) {
      writeFileSync(path, bad);
      await expect(reading()).rejects.toThrow(`${path}, which is`);
    }
    rmSync(path);
    await expect(reading()).rejects.toThrow(
      `${path}, which cannot be read (ENOENT). Put it back as it was`,
    );
    writeFileSync(path, good);
    expect(await reading()).toEqual(before.slice(0, 1));

    const elsewhere = `${folder}-moved`;
    renameSync(folder, elsewhere);
    expect(await moveArchive(pool, elsewhere)).toBe(readdirSync(elsewhere).length);
    expect(await reading()).toEqual(before.slice(0, 1));
    renameSync(elsewhere, folder);
    await moveArchive(pool, folder);
  });
});
