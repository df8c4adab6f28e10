import { longLived, systemTimers, type Timers } from '@cliptally/contracts';
import { Client } from 'pg';

/**
 * The holder sends a heartbeat this often; PostgreSQL ends the session of one that has been silent
 * for the longer time.
 */
const HEARTBEAT_MS = 1_500;
const SILENCE_MS = 6_000;
const RETRY_MS = 1_000;

/**
 * Longest time until another replica has the lease of one that died, was cut off or is stopped.
 */
export const LEASE_TAKEOVER_MS = SILENCE_MS + RETRY_MS;

export interface Lease {
  /** Aborts when the lease is no longer held. */
  lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Waits until this process alone holds the lease of that name: a lock of PostgreSQL that ends with
 * its session. The death of a process ends its session at once; a machine that is cut off, or a
 * process that is stopped, leaves it open, and then PostgreSQL ends it for its silence. `meanwhile`
 * is called after each failed attempt. Returns null if `signal` aborts; throws if PostgreSQL is
 * away.
 */
export async function waitForLease(
  url: string,
  name: string,
  signal: AbortSignal,
  meanwhile: () => Promise<void>,
  timers: Timers = systemTimers,
): Promise<Lease | null> {
  const client = new Client({
    connectionString: url,
    application_name: `cliptally-lease-${name}`,
    connectionTimeoutMillis: SILENCE_MS,
    query_timeout: SILENCE_MS,
  });
  const lost = longLived();
  let endHeartbeat = () => {};
  const release = async () => {
    endHeartbeat();
    lost.abort();
    await client.end().catch(() => {});
  };
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  try {
    await client.connect();
    await client.query(`set idle_session_timeout = ${SILENCE_MS}`);
    while (!signal.aborted) {
      const { rows } = await client.query<{ mine: boolean }>(
        'select pg_try_advisory_lock(hashtext($1), 2) as mine',
        [name],
      );
      if (rows[0]!.mine) {
        endHeartbeat = timers.every(
          HEARTBEAT_MS,
          () => void client.query('select').catch(() => lost.abort()),
        );
        return { lost: lost.signal, release };
      }
      await meanwhile();
      await timers.sleep(RETRY_MS, signal);
    }
  } catch (error) {
    await release();
    throw error;
  }
  await release();
  return null;
}
