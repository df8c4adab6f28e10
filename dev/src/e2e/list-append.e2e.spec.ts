import { PostgresEventStore } from '@cliptally/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { PostgresVictim } from '../chaos/victims.js';
import { Chance } from '../simulation/chance.js';
import { check } from './list-append/check.js';
import { Clients } from './list-append/clients.js';
import type { Note, Seen } from './list-append/history.js';

/**
 * How often PostgreSQL, and a process of clients, is killed; in between, single connections are.
 */
const ROUNDS = Number(process.env['CHAOS_ROUNDS'] ?? 1);
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_129);
const PROCESSES = 3;
/** Connections that are ended one by one between two kills of the server. */
const CONNECTIONS = 4;
/** Appends that are acknowledged before the next kill. */
const PROGRESS = 25;

describe('histories of concurrent appends and reads under kills', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-list-append-'));
  const postgres = new PostgresVictim({ dataDir });
  const chance = new Chance(SEED);
  const all: Clients[] = [];
  let running: Clients[] = [];
  const begin = () => {
    const clients = new Clients(postgres.url, `p${all.length}`);
    all.push(clients);
    running.push(clients);
  };

  beforeAll(async () => {
    await postgres.start();
    await PostgresEventStore.migrate(postgres.url);
    for (let i = 0; i < PROCESSES; i++) begin();
  }, 120_000);
  afterAll(async () => {
    for (const clients of running) await clients.end('SIGKILL');
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }, 120_000);

  /** Resolves once so many appends more have been acknowledged. */
  async function progress(count: number): Promise<void> {
    const acknowledged = () => all.reduce((sum, clients) => sum + clients.acknowledged, 0);
    const goal = acknowledged() + count;
    for (let i = 0; i < 2_400 && acknowledged() < goal; i++)
      await new Promise((resolve) => setTimeout(resolve, 25));
    if (acknowledged() < goal)
      throw new Error(
        `No progress: ${all.map(({ name, output, alive }) => `${name} ${alive} ${output}`).join('\n')}`,
      );
  }

  /** Ends a connection of a client from within PostgreSQL, whatever it does at this moment. */
  async function endConnection(): Promise<void> {
    const admin = new Client({ connectionString: postgres.url });
    admin.on('error', () => {});
    await admin.connect();
    await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database() order by state, random() limit 1',
    );
    await admin.end();
  }

  it(`have one total order for all, lose nothing acknowledged, and keep every expected revision (${ROUNDS} rounds)`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await progress(PROGRESS);
      for (let i = 0; i < CONNECTIONS; i++) {
        await endConnection();
        await progress(3);
      }
      await postgres.kill();
      const victim = running.splice(chance.below(running.length), 1)[0]!;
      await victim.end('SIGKILL');
      await postgres.start();
      begin();
    }
    await progress(PROGRESS);
    for (const clients of running) await clients.end('SIGTERM');

    const store = new PostgresEventStore({ url: postgres.url });
    const log = (await Array.fromAsync(store.readAll(0))).map(
      ({ id, stream, revision, position }): Seen => ({
        id,
        stream,
        revision,
        position,
      }),
    );
    await store.close();
    // The sort is stable: what one client noted stays in its order.
    const history = all
      .flatMap(({ notes }) => notes)
      .toSorted((a: Note, b: Note) => a.time - b.time);
    const counts = Map.groupBy(history, ({ type }) => type);
    const why = [...new Set(history.flatMap((note) => (note.type === 'info' ? [note.why] : [])))];
    process.stderr.write(
      `${log.length} events; ${[...counts].map(([type, notes]) => `${notes.length} ${type}`).join(', ')}; unknown ends: ${why.join(' | ') || 'none'}\n`,
    );
    expect(all.map(({ output }) => output).join('')).toBe('');
    expect(check(history, log).slice(0, 20)).toEqual([]);
    // The same history with a log that has lost one event of it shows that it is lost.
    expect(check(history, log.toSpliced(log.length >> 1, 1))).not.toEqual([]);
    // All kinds of ends were there, or the history shows little.
    expect(counts.get('ok')!.length).toBeGreaterThan(PROGRESS * ROUNDS);
    expect(counts.get('fail')!.length).toBeGreaterThan(0);
  }, 3_000_000);
});
