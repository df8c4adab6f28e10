import type { AnyEvent } from '@cliptally/contracts';
import {
  MemoryEventStore,
  StoreUnavailable,
  type Appended,
  type EventStore,
  type StreamAppend,
} from '@cliptally/event-store';
import type { Client, Pool, Submittable } from 'pg';
import { Change, type Fault, type Life, type Loop } from './loop.js';

const away = () => new StoreUnavailable('The store gives no answer.');
const broken = () => new Error('Connection terminated unexpectedly');

/** The log itself; its followers are woken when it grows. */
export class Log extends MemoryEventStore {
  readonly grown = new Change();

  override async appendMany(appends: readonly StreamAppend[]): Promise<Appended[]> {
    const appended = await super.appendMany(appends);
    this.grown.notify();
    return appended;
  }
}

/**
 * The log as one life of a process sees it: each call waits for its turn, and may be refused, or
 * made and its answer lost.
 */
export function storeOf(log: Log, life: Life, loop: Loop): EventStore {
  const call = loop.callsOf(life, away);
  /** What is there when it is asked, in pages: the log may grow between two of them. */
  async function* paged(
    what: string,
    read: () => AsyncIterable<AnyEvent>,
  ): AsyncIterable<AnyEvent> {
    const events = await call(what, () => Array.fromAsync(read()));
    for (const [nth, event] of events.entries()) {
      if (nth > 0 && nth % 5 === 0) await call(`${what}, another page`, () => Promise.resolve());
      yield event;
    }
  }
  return {
    kind: log.kind,
    atomicAcrossStreams: true,
    detectsForeignIds: true,
    append: (stream, events, expected) =>
      call(`append to ${stream}`, () => log.append(stream, events, expected)),
    appendMany: (appends) =>
      call(
        `append to ${appends.map(({ stream, events }) => `${stream} (${events.map(({ type }) => type).join(', ')})`).join(' and ')}`,
        () => log.appendMany(appends),
      ),
    readStream: (stream, options) => paged(`read ${stream}`, () => log.readStream(stream, options)),
    readAll: (position, options) =>
      paged(`read from ${position}`, () => log.readAll(position, options)),
    tails: (streams) => call('tails', () => log.tails(streams)),
    head: () => call('head', () => log.head()),
    async *subscribe(position, signal) {
      const ended = new Promise((resolve) => signal.addEventListener('abort', resolve));
      for (let at = position; !signal.aborted;) {
        const grown = log.grown.next();
        const events = await call(`read on from ${at}`, () =>
          Array.fromAsync(log.readAll(at, { limit: 20 })),
        );
        for (const event of events) {
          if (signal.aborted) return;
          yield event;
          at = event.position;
        }
        if (events.length === 0) await Promise.race([grown, ended]);
      }
    },
    close: () => Promise.resolve(),
  };
}

/**
 * The database as one life of a process sees it. One transaction, or one question, at a time: that
 * is one call, as PostgreSQL keeps transactions apart by itself. A crash comes before it or after
 * its commit; a connection is refused, or breaks after the commit.
 */
export function poolOf(client: Client, life: Life, loop: Loop): Pool {
  const alone = <T>(what: string, work: (fault: Fault) => Promise<T>) =>
    loop.call({ life, what, make: work, lost: broken });
  const pool = {
    query: (sql: string, values?: unknown[]) =>
      alone('database: a question', () => client.query(sql, values)),
    /** The call ends when the connection is given back. */
    connect: () =>
      new Promise((resolve, reject) => {
        alone('database: a transaction', (fault) => {
          const ask = async (sql: string, values?: unknown[]) => {
            const answer = await client.query(sql, values);
            if (fault === 'answer lost' && sql === 'commit') throw broken();
            return answer;
          };
          // A cursor is read later, by its own calls.
          const query = (sql: string | Submittable, values?: unknown[]) =>
            typeof sql === 'string' ? ask(sql, values) : client.query(sql);
          return new Promise<void>((release) => resolve({ query, release: () => release() }));
        }).catch(reject);
      }),
  };
  return pool as unknown as Pool;
}
