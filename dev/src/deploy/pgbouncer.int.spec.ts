import { derivedId, newEvent, streams, systemTimers } from '@cliptally/contracts';
import {
  testDatabase,
  testNats,
  until,
  freePort,
  type TestDatabase,
  type TestNats,
} from '@cliptally/dev/servers';
import {
  PostgresEventStore,
  openEventStore,
  openPool,
  type EventStore,
} from '@cliptally/event-store';
import { positionOf, waitForLease, type Lease } from '@cliptally/messaging';
import { monitorProjection } from '@cliptally/monitor';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { AppendSignal } from '../../../libs/event-store/src/postgres/append-signal.js';
import { requireSessions } from '../../../libs/event-store/src/postgres/require-sessions.js';
import { expectedRevision } from '../../../libs/event-store/src/testing/conformance/expected-revision.js';
import { readingEverything } from '../../../libs/event-store/src/testing/conformance/reading-everything.js';
import { subscription } from '../../../libs/event-store/src/testing/conformance/subscription.js';
import { freshStream, paused } from '../../../libs/event-store/src/testing/conformance/support.js';
import { ServiceProcess } from '../service-process.js';
import { hasPgBouncer, startPgBouncer, type PgBouncer } from './testing/pgbouncer.js';

/** Few of each: what a pooler changes it changes at the first connection. */
const FEW = { races: 20, writers: 4, events: 2_000, run: 2_000, halted: 500 };
const NOT_KEPT = /^DATABASE_URL leads to a pooler that gives each transaction another session/;
/** As docs/operations.md has it, for two replicas of the monitor and this test. */
const SESSION = { pool_mode: 'session', default_pool_size: 40 };

(hasPgBouncer() ? describe : describe.skip)(
  'PgBouncer in front of PostgreSQL [needs pgbouncer]',
  () => {
    let database: TestDatabase;
    let nats: TestNats;
    const poolers: PgBouncer[] = [];
    const pooled = async (settings: Parameters<typeof startPgBouncer>[1]) => {
      const pooler = await startPgBouncer(database.url, settings);
      poolers.push(pooler);
      return pooler;
    };
    const never = new AbortController().signal;
    const lease = async (url: string, meanwhile = async () => {}, signal = never) =>
      (await waitForLease(url, 'test', signal, meanwhile))!;
    const monitor = async (url: string) => {
      const port = await freePort();
      const environment = { DATABASE_URL: url, NATS_URL: nats.url, PORT: String(port), LOG_LEVEL: 'warn' }; // prettier-ignore
      return new ServiceProcess('monitor', environment);
    };

    beforeAll(async () => {
      [database, nats] = await Promise.all([testDatabase(), testNats()]);
      await PostgresEventStore.migrate(database.url);
    });
    afterAll(async () => {
      for (const pooler of poolers) await pooler.stop();
      await nats.stop();
      await database.drop();
    });

    describe('with pool_mode = session', () => {
      let url: string;
      beforeAll(async () => {
        ({ url } = await pooled(SESSION));
      });

      describe('is an event store, with statements that each connection prepares once', () => {
        let store: EventStore;
        beforeAll(async () => {
          store = await openEventStore({ databaseUrl: url });
        });
        afterAll(() => store.close());
        for (const theme of [expectedRevision, readingEverything, subscription])
          theme(() => store, FEW);
      });

      it('gives each connection the settings that it asks for, and no other what it has set', async () => {
        const settings = [
          'statement_timeout',
          'lock_timeout',
          'idle_in_transaction_session_timeout',
          'search_path',
        ];
        const ask = settings.map((name) => `current_setting('${name}') as ${name}`).join(', ');
        const given = {
          statement_timeout: '1min',
          lock_timeout: '15s',
          idle_in_transaction_session_timeout: '8s',
        };
        for (const schema of ['elsewhere', undefined]) {
          const pool = openPool(url, 'test', 1, schema);
          const { rows } = await pool.query(`select ${ask}`);
          await pool.end();
          expect(rows).toEqual([{ ...given, search_path: schema ?? '"$user", public' }]);
        }
      });

      it('wakes readers by LISTEN', async () => {
        // Nothing else wakes this one: its clock stands still.
        const signal = new AppendSignal(url, { ...systemTimers, after: () => () => {} });
        const stop = new AbortController();
        const woken = signal.next(stop.signal);
        const store = await openEventStore({ databaseUrl: url });
        let done = false;
        void woken.then(() => (done = true));
        // The first may come before the reader listens.
        await until('the reader to be woken', async () => {
          await store.append(freshStream(), [paused()], 'none');
          return done;
        });
        await signal.close();
        await store.close();
      });

      it('has one holder of a lease, and the next one once that holder is gone', async () => {
        const first = await lease(url);
        let tries = 0;
        const stop = new AbortController();
        const none = waitForLease(
          url,
          'test',
          stop.signal,
          async () => void (++tries === 2 && stop.abort()),
        );
        expect(await none).toBeNull();
        // As if its process had died: PgBouncer ends the session of a client that is gone.
        const second = lease(url, () => first.release());
        expect(await second).toMatchObject({ lost: { aborted: false } });
        await (await second).release();
      });

      it('ends a session that is silent, and tells its client', async () => {
        const held = await lease(url);
        const pool = openPool(database.url, 'test', 1);
        await pool.query(
          `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objsubid = 2 and granted`,
        );
        await pool.end();
        if (!held.lost.aborted) await once(held.lost, 'abort');
        expect(held.lost.aborted).toBe(true);
        await held.release();
      });

      it('carries two replicas of a service, of which one follows after the other', async () => {
        const replicas = [await monitor(url), await monitor(url)] as const;
        const said = () => replicas.map(({ output }) => output).join('\n');
        const store = await openEventStore({ databaseUrl: url });
        const pool = openPool(database.url, 'test', 1);
        let runs = 0;
        const followed = async () => {
          const runId = `r${++runs}`;
          const slot = '2026-11-23T12:00:00Z';
          const terms = {
            runId,
            slot,
            policy: 'p',
            candidates: 0,
            requested: 0,
            estimatedCostMicroUsd: 0,
          };
          const event = newEvent('TrackingRunStarted', derivedId(runId), terms, {
            time: slot,
            correlationId: 'c',
            causationId: 'c',
          });
          const { position } = await store.append(streams.trackingRun(runId), [event], 'none');
          await until(
            `position ${position}`,
            async () => (await positionOf(monitorProjection, pool)) >= position,
            { said },
          );
        };
        try {
          replicas[0].start();
          await followed();
          replicas[1].start();
          const holders = `select from pg_stat_activity where datname = current_database() and application_name = 'cliptally-lease-monitor'`;
          await until('the other to wait', async () => (await pool.query(holders)).rowCount === 2, {
            said,
          });
          await replicas[0].end('SIGKILL');
          await followed();
        } finally {
          for (const replica of replicas) await replica.end('SIGKILL');
          await store.close();
          await pool.end();
        }
      });

      it('says so if the pool is too small for a second session', async () => {
        const { url: narrow } = await pooled({ pool_mode: 'session', default_pool_size: 1 });
        await expect(requireSessions(narrow, 500)).rejects.toThrow(
          /^PostgreSQL answers one connection, and another one waits .* raise its pool size/,
        );
      });
    });

    describe.each(['transaction', 'statement'])('with pool_mode = %s', (mode) => {
      let url: string;
      beforeAll(async () => {
        ({ url } = await pooled({ pool_mode: mode, default_pool_size: 5 }));
      });

      it('is refused by what opens the log or migrates it', async () => {
        await expect(openEventStore({ databaseUrl: url })).rejects.toThrow(NOT_KEPT);
        await expect(PostgresEventStore.migrate(url)).rejects.toThrow(NOT_KEPT);
      });
    });

    describe('with pool_mode = transaction', () => {
      let url: string;
      beforeAll(async () => {
        ({ url } = await pooled({ pool_mode: 'transaction', default_pool_size: 5 }));
      });

      it('is refused while others work through it', async () => {
        const pool = openPool(url, 'others', 4);
        const stop = new AbortController();
        const others = Array.from({ length: 4 }, async () => {
          while (!stop.signal.aborted) await pool.query('select pg_sleep(0.001)');
        });
        await expect(openEventStore({ databaseUrl: url })).rejects.toThrow(NOT_KEPT);
        stop.abort();
        await Promise.all(others);
        await pool.end();
      });

      it('is refused for a reason: two hold one lease', async () => {
        const holders: Lease[] = [await lease(url), await lease(url)];
        expect(holders.map(({ lost }) => lost.aborted)).toEqual([false, false]);
        for (const holder of holders) await holder.release();
      });

      it('ends a service with that sentence', async () => {
        const service = await monitor(url);
        service.start();
        await until('its end', () => !service.alive, { said: () => service.output });
        expect(service.output).toContain('pool_mode = session');
        expect(service.output).not.toMatch(/^\s+at /m);
      });
    });
  },
);
