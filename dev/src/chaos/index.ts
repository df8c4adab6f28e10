import { systemTimers, type Clock } from '@cliptally/contracts';
import { earningsProjection } from '@cliptally/earnings';
import { openEventStore, openPool, type EventStoreSettings } from '@cliptally/event-store';
import { positionOf } from '@cliptally/messaging';
import { monitorProjection } from '@cliptally/monitor';
import type { ApifyStandIn } from '../apify-stand-in/index.js';
import type { ScraperProcess } from './scraper-process.js';
import { Chaos } from './chaos.js';
import { readTables } from './tables.js';
import { SourceVictim, type NatsVictim } from './victims.js';

export { openControl } from './control.js';
export { ScraperProcess, startScraperProcess } from './scraper-process.js';
export { NatsVictim } from './victims.js';

interface SampleWorldParts {
  scraper: ScraperProcess;
  nats: NatsVictim;
  standIn: ApifyStandIn;
  /** What the relay has published. */
  published: () => number;
  store: EventStoreSettings;
  clock: Clock;
}

/** The chaos of a running sample world. Whatever it disturbs is mended when it is closed. */
export async function openChaos({
  scraper,
  nats,
  standIn,
  published,
  store: settings,
  clock,
}: SampleWorldParts): Promise<Chaos> {
  const store = await openEventStore({ ...settings, connections: 2 });
  const pool = openPool(settings.databaseUrl, 'chaos', 2);
  const source = new SourceVictim(standIn);
  let killed: number | undefined;
  const scraperVictim = {
    name: 'the scraper',
    async kill() {
      killed = scraper.pid;
      await scraper.kill();
    },
    start: () => scraper.startAndWait(),
  };
  return new Chaos({
    targets: {
      scraper: {
        victim: scraperVictim,
        struck: () => (killed ? `process ${killed} was killed` : 'it was not running'),
      },
      nats: { victim: nats, struck: () => 'nats-server was killed, and refused all connections' },
      source: {
        victim: source,
        struck: () => `${source.calls} calls to the source were answered 503`,
      },
    },
    log: store,
    followers: {
      JetStream: published,
      earnings: () => positionOf(earningsProjection, pool),
      monitor: () => positionOf(monitorProjection, pool),
    },
    tables: () => readTables(pool),
    bills: (before) =>
      standIn.bills(before).map(({ actor, ...bill }) => ({ ...bill, source: `apify:${actor}` })),
    clock,
    timers: systemTimers,
    now: Date.now,
    async release() {
      await store.close();
      await pool.end();
    },
  });
}
