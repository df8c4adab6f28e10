import { derivedId, newEvent } from '@cliptally/contracts';
import {
  freePort,
  testDatabase,
  testNats,
  until as untilSo,
  type TestDatabase,
  type TestNats,
} from '@cliptally/dev/servers';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { LEASE_TAKEOVER_MS, positionOf, rebuildProjection } from '@cliptally/messaging';
import { monitorProjection } from '@cliptally/monitor';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { ServiceProcess } from '../service-process.js';

/** Sessions that hold or wait for the lease: the backend of the holder, and the ports of all. */
const LEASES = `select pid, exists (select from pg_locks l where l.pid = a.pid and locktype = 'advisory' and granted) as holds
  from pg_stat_activity a where application_name = 'cliptally-lease-monitor' and datname = current_database()`;

describe('two replicas of a service', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let store: PostgresEventStore;
  let pool: Pool;
  const replicas: { process: ServiceProcess; url: string }[] = [];
  let appended = 0;

  beforeAll(async () => {
    [database, nats] = await Promise.all([testDatabase(), testNats()]);
    await PostgresEventStore.migrate(database.url);
    store = new PostgresEventStore({ url: database.url });
    pool = openPool(database.url, 'test', 2);
    for (let i = 0; i < 2; i++) {
      const port = await freePort();
      const environment = {
        DATABASE_URL: database.url,
        NATS_URL: nats.url,
        PORT: String(port),
        LOG_LEVEL: 'warn',
      };
      replicas.push({
        process: new ServiceProcess('monitor', environment),
        url: `http://127.0.0.1:${port}`,
      });
    }
  });
  afterAll(async () => {
    for (const { process } of replicas) await process.end('SIGKILL');
    await store.close();
    await pool.end();
    await nats.stop();
    await database.drop();
  });

  const leases = async () => (await pool.query<{ pid: number; holds: boolean }>(LEASES)).rows;
  const holder = async () => (await leases()).find(({ holds }) => holds)?.pid;
  const until = <T>(ask: () => Promise<T>, what: string) =>
    untilSo(what, ask, { said: () => replicas.map(({ process }) => process.output).join('\n') });
  const answers = ({ url }: { url: string }) =>
    until(
      async () => (await fetch(`${url}/status`, { signal: AbortSignal.timeout(2_000) })).ok,
      `${url}/status`,
    );
  const followed = async () => {
    const terms = {
      runId: `r${++appended}`,
      slot: '2026-11-23T12:00:00Z',
      policy: 'p',
      candidates: 0,
      requested: 0,
      estimatedCostMicroUsd: 0,
    };
    const event = newEvent('TrackingRunStarted', derivedId('lease', appended), terms, {
      time: terms.slot,
      correlationId: 'c',
      causationId: 'c',
    });
    const { position } = await store.append(`tracking-run-${terms.runId}`, [event], 'none');
    await until(
      async () => (await positionOf(monitorProjection, pool)) >= position,
      `position ${position}`,
    );
  };

  it('take over from one another in less than ten seconds by what they are set to', () => {
    expect(LEASE_TAKEOVER_MS).toBeLessThan(10_000);
  });

  it('follow one at a time, whether the other dies, stands still or comes back, and both answer reads', async () => {
    const [one, two] = replicas as [(typeof replicas)[0], (typeof replicas)[0]];
    one.process.start();
    const first = await until(holder, 'the first replica to hold the lease');
    two.process.start();
    await until(async () => (await leases()).length === 2, 'the second replica to wait');
    await Promise.all([answers(one), answers(two), followed()]);

    // Nothing ends the connections of a process that is stopped, as nothing does for a machine that
    // is cut off.
    process.kill(one.process.pid!, 'SIGSTOP');
    const second = await until(
      async () => (await holder()) !== first && (await holder()),
      'the second replica to take over',
    );
    expect(second).not.toBe(first);
    await Promise.all([answers(two), followed()]);

    process.kill(one.process.pid!, 'SIGCONT');
    await until(async () => (await leases()).length === 2, 'the first replica to wait in its turn');
    expect(await holder()).toBe(second);
    await Promise.all([answers(one), followed()]);

    await two.process.end('SIGKILL');
    await until(
      async () => (await holder()) !== second && (await holder()),
      'the first replica to take over again',
    );
    await Promise.all([answers(one), followed()]);
    expect(await rebuildProjection(monitorProjection, pool, store)).toMatchObject({
      events: appended,
      differences: {},
    });
  });
});
