import {
  derivedId,
  newEvent,
  streams,
  systemClock,
  type EventInput,
  type EventType,
  type NewEvent,
} from '@cliptally/contracts';
import { freePort, testNats, until } from '@cliptally/dev/servers';
import { earningsProjection } from '@cliptally/earnings';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import {
  connectNats,
  positionOf,
  rebuildProjection,
  runRelay,
  silentLog,
} from '@cliptally/messaging';
import { monitorProjection } from '@cliptally/monitor';
import { schedulerProjection } from '@cliptally/scheduler';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Client, type Pool } from 'pg';
import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import { history } from '../../../services/monitor/src/testing/history.js';
import { standingsOf } from '@cliptally/ops/audit';
import { expectSound } from '../e2e/testing/sound.js';
import { ServiceProcess } from '../service-process.js';
import { docker, dockerLane, root } from './testing/docker.js';

const [lane, reason] = dockerLane('engine');
const PROJECTIONS = [earningsProjection, monitorProjection, schedulerProjection];
const USER = 'cliptally';

lane(`PostgreSQL in a container${reason}`, () => {
  const closers: (() => Promise<unknown>)[] = [];
  let container: StartedTestContainer;
  let port: number;
  const urlOf = (database: string) => `postgres://${USER}:secret@127.0.0.1:${port}/${database}`;

  beforeAll(async () => {
    // One that stays the same over a restart.
    port = await freePort();
    container = await new GenericContainer('postgres:18.1-bookworm')
      .withEnvironment({
        POSTGRES_USER: USER,
        POSTGRES_DB: USER,
        POSTGRES_PASSWORD: 'secret',
        PGDATA: '/var/lib/postgresql/data/cliptally',
      })
      .withExposedPorts({ container: 5432, host: port })
      .withWaitStrategy(Wait.forListeningPorts())
      .withStartupTimeout(120_000)
      .start();
    closers.push(() => container.stop());
    await until('PostgreSQL', async () => (await answer(urlOf(USER), 'select 1')) !== '');
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  /** The first column of the first row, as text. */
  async function answer(url: string, sql: string): Promise<string> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return String(Object.values((await client.query<object>(sql)).rows[0] ?? {})[0]);
    } finally {
      await client.end();
    }
  }
  async function database(
    name: string,
  ): Promise<{ url: string; store: PostgresEventStore; pool: Pool }> {
    await answer(urlOf(USER), `create database ${name}`);
    const url = urlOf(name);
    await PostgresEventStore.migrate(url);
    const [store, pool] = [new PostgresEventStore({ url }), openPool(url, 'test', 4)];
    closers.push(
      () => pool.end(),
      () => store.close(),
    );
    return { url, store, pool };
  }
  const made = <T extends EventType>(type: T, key: string, data: EventInput<T>) =>
    newEvent(type, derivedId(type, key), data, {
      time: systemClock.now(),
      correlationId: 'test',
      causationId: 'test',
    }) as NewEvent;

  it('is restarted in the middle of settlements, and every balance is exact', async () => {
    const { url, store, pool } = await database('settling');
    const server = await testNats();
    const nats = await connectNats(server.url, 'test');
    const stop = new AbortController();
    const relay = runRelay({ store, nats, log: silentLog }, stop.signal);
    const earnings = new ServiceProcess('earnings', {
      DATABASE_URL: url,
      NATS_URL: server.url,
      PORT: '0',
      JWT_SECRET: 'x'.repeat(32),
    });
    earnings.start();
    closers.push(
      () => server.stop(),
      async () => {
        stop.abort();
        await relay;
        await nats.connection.close();
      },
      () => earnings.end('SIGKILL'),
    );
    const clips = Array.from({ length: 30 }, (_, n) => ({
      clipId: `youtube-${n}`,
      platform: 'youtube' as const,
      campaignId: `c${n % 3}`,
    }));
    for (const campaignId of ['c0', 'c1', 'c2']) {
      const open = {
        minViews: 0,
        maxPayoutPerClip: null,
        countFrom: 'zero',
        endsAt: null,
        exclusive: true,
        minPayout: 0,
      } as const;
      const terms = {
        currency: 'USD',
        budget: 900_000_000,
        ratePerThousand: { default: 150 },
        trackingDays: 30,
        validationDays: 0,
        ...open,
      };
      const launched = {
        campaignId,
        brandId: 'b',
        name: campaignId,
        terms: { ...terms, startsAt: '2026-01-01T00:00:00Z' },
      };
      await store.append(
        streams.campaign(campaignId),
        [made('CampaignLaunched', campaignId, launched)],
        'none',
      );
    }
    for (const clip of clips) {
      const url = `https://example.com/${clip.clipId}`;
      const submitted = {
        ...clip,
        videoId: clip.clipId.slice(8),
        url,
        submittedUrl: url,
        creatorId: 'ann',
      };
      const events = [
        made('ClipSubmitted', clip.clipId, submitted),
        made('ClipApproved', clip.clipId, { ...clip, by: 'test' }),
      ];
      await store.append(streams.clip(clip.clipId), events, 'none');
    }
    const unpaid = async () =>
      standingsOf(await expectSound(store)).filter(({ owed, has }) => owed !== has);

    for (let round = 1; round <= 3; round++) {
      await store.appendMany(
        clips.map(({ clipId, platform }, n) => {
          const outcome = {
            clipId,
            platform,
            requestId: derivedId(String(round), clipId),
            runId: 'r',
            source: 'test',
            costMicroUsd: 0,
          };
          const counted = {
            views: round * 1_007 + n * 13,
            metric: 'views',
            observedAt: systemClock.now().toISOString(),
            cached: false,
          };
          return {
            stream: streams.clip(clipId),
            events: [made('ViewsRecorded', outcome.requestId, { ...outcome, ...counted })],
            expected: 'any',
          };
        }),
      );
      // The settlement is decided, and is being appended: it waits for the lock that all appends
      // pass.
      const inTheWay = new Client({ connectionString: url });
      inTheWay.on('error', () => {});
      await inTheWay.connect();
      await inTheWay.query(`select pg_advisory_lock(hashtext('cliptally.events'), 0)`);
      const waits = `select count(*) from pg_stat_activity where datname = 'settling' and wait_event_type = 'Lock' and query like '%append_%'`;
      const settledAlready = (await unpaid()).length === 0;
      if (!settledAlready)
        await until(
          `a settlement\n${earnings.output}`,
          async () => (await answer(url, waits)) !== '0',
        );
      expect([round, settledAlready]).toEqual([round, false]);
      await docker(['restart', '--time', round === 3 ? '0' : '30', container.getId()]);
      await inTheWay.end().catch(() => {});
      await until(
        `everything to be settled\n${earnings.output}`,
        async () => (await unpaid()).length === 0,
      );
    }

    expect(await unpaid()).toEqual([]);
    await until(
      'the projection',
      async () => (await positionOf(earningsProjection, pool)) === (await store.head()),
    );
    const events = await Array.fromAsync(store.readAll(0));
    const lines = events.flatMap((e) =>
      e.type === 'EarningsAccrued' ? e.data.lines.map((l) => `${l.clipId} ${l.observation}`) : [],
    );
    expect(new Set(lines).size).toBe(lines.length);
    expect(events.filter((e) => e.type === 'ViewsRecorded')).toHaveLength(90);
    const total = standingsOf(await expectSound(store)).reduce((sum, { owed }) => sum + owed, 0n);
    expect(await answer(url, 'select sum(amount) from earnings.ledger')).toBe(String(total));
    await earnings.end('SIGTERM');
    expect(await rebuildProjection(earningsProjection, pool, store)).toMatchObject({
      differences: {},
      position: events.length,
    });
  }, 600_000);

  it('is dumped while events come and restored, by the commands of docs/operations.md, and every projection is equal', async () => {
    const { url, store, pool } = await database('dumped');
    await answer(urlOf(USER), 'create database restored');
    await store.appendMany(
      history({ until: new Date('2026-03-10T12:00:00Z'), hours: 24, clips: 40, failing: 0.1 }),
    );
    for (const projection of PROJECTIONS) await rebuildProjection(projection, pool, store);
    const [, dump, restore, migrate] =
      /## Backup and restore[\s\S]*?```\n(pg_dump[\s\S]*?)\n(psql.*)\n(node.*)\n```/.exec(
        readFileSync(`${root}docs/operations.md`, 'utf8'),
      ) ?? [];
    const inside = async (script: string) => {
      const variables = [url, urlOf('restored')].map((u) => u.replace(/@.*\//, '@127.0.0.1:5432/'));
      const environment = { DATABASE_URL: variables[0]!, NEW_DATABASE_URL: variables[1]! };
      const { exitCode, output } = await container.exec(['sh', '-c', script], {
        env: environment,
        workingDir: '/tmp',
      });
      expect([script, exitCode, output]).toEqual([script, 0, expect.anything()]);
    };

    const dumped = new AbortController();
    const meanwhile = (async () => {
      for (let n = 0; !dumped.signal.aborted; n++) {
        const topUp = { campaignId: 'aurora', amount: 1, by: 'test' };
        await store.append('campaign-aurora', [made('CampaignToppedUp', String(n), topUp)], 'any');
      }
    })();
    await inside(dump!);
    dumped.abort();
    await meanwhile;
    await inside(restore!);
    const passwords = ['relay', 'scheduler', 'scraper', 'earnings', 'monitor'].map((role) => [
      `${role.toUpperCase()}_PASSWORD`,
      `secret-${role}`,
    ]);
    const [program, ...args] = migrate!.split(/\s*#/)[0]!.split(' ');
    expect(program).toBe('node');
    const environment = {
      ...process.env,
      ...Object.fromEntries(passwords),
      DATABASE_URL: urlOf('restored'),
    };
    await promisify(execFile)(process.execPath, args, { cwd: root, env: environment });

    const copy = new PostgresEventStore({ url: urlOf('restored') });
    const copyPool = openPool(urlOf('restored'), 'test', 4);
    closers.push(
      () => copyPool.end(),
      () => copy.close(),
    );
    const events = await Array.fromAsync(copy.readAll(0));
    expect(events.length).toBeGreaterThan(1_000);
    expect(await Array.fromAsync(store.readAll(0, { limit: events.length }))).toEqual(events);
    // What came after the dump is delivered again, and the restored log goes on as the other did.
    for await (const { stream, position: _, revision: __, ...event } of store.readAll(
      events.length,
    ))
      await copy.append(stream, [event as NewEvent], 'any');
    expect(await copy.head()).toBe(await store.head());
    for (const projection of PROJECTIONS) {
      const rebuilt = await rebuildProjection(projection, copyPool, copy);
      expect(rebuilt.position).toBe(await store.head());
      expect(await rebuildProjection(projection, pool, store)).toMatchObject({ differences: {} });
      expect(await rowsOf(projection.name, copyPool)).toEqual(await rowsOf(projection.name, pool));
    }
  });

  /** The rows of each table as text, sorted. */
  async function rowsOf(schema: string, pool: Pool): Promise<Record<string, string[]>> {
    const { rows: tables } = await pool.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = $1 and tablename <> 'checkpoint'`,
      [schema],
    );
    const rows: Record<string, string[]> = {};
    for (const { name } of tables)
      rows[name] = (
        await pool.query<{ row: string }>(
          `select t::text as row from ${schema}.${name} t order by 1`,
        )
      ).rows.map(({ row }) => row);
    expect(Object.values(rows).flat().length).toBeGreaterThan(50);
    return rows;
  }
});
