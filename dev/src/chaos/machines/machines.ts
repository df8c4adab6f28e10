import { clockOf, formatClock, type ClockSetting } from '@cliptally/contracts';
import { developmentTokens } from '@cliptally/earnings';
import { connectNats, prepareJetStream } from '@cliptally/messaging';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { generatedCurves, startApifyStandIn } from '../../apify-stand-in/index.js';
import { findNatsServer } from '../../servers/index.js';
import { startStripeStandIn } from '../../stripe-stand-in/index.js';
import { NatsVictim, PostgresVictim } from '../victims.js';
import { Machine, type Links, type Server, type Service } from './machine.js';
import { Mailbox } from './mailbox.js';
import { NatsCluster } from './nats-cluster.js';
import { Proxy } from './proxy.js';
import { SmallDisk } from './small-disk.js';

const HOUR_MS = 3_600_000;
/** A day lasts four minutes: a tracking run of every hour comes each ten seconds. */
const SPEED = 360;
const TOKEN = 'apify-t0ken';
const STRIPE_KEY = 'sk_test_chaos';
const STRIPE_SECRET = 'whsec_of_the_chaos';
/** JetStream gives the requests of a silent process to another after so long. */
export const ACK_WAIT_MS = 3_000;
export const CREATORS = Array.from({ length: 8 }, (_, n) => `creator-${n}`);
/** At Stripe, whose ids have no hyphens. */
export const accountOf = (creatorId: string): string => `acct_${creatorId.replace('-', '')}`;
const STANDING = ['relay', 'scraper', 'earnings', 'monitor'] as const;
const NAMES = new URL('../../../bootstrap/names.mjs', import.meta.url).href;

export type Machines = Awaited<ReturnType<typeof startMachines>>;

/** What faults of some kinds need of the machines. */
export interface WorldOptions {
  /** When it begins, on the simulated clock; now by default. */
  begin?: string;
  speed?: number;
  /** Of all services; UTC by default. */
  timezone?: string;
  /** PostgreSQL and nats-server have a small disk each. */
  smallDisks?: boolean;
  /** NATS is a cluster of three; services have no proxy to it. */
  natsCluster?: boolean;
}

const DISK_MEGABYTES = { postgres: 1_500, nats: 400 };

/**
 * Every service as a process of its own, PostgreSQL, nats-server and stand-ins of Apify and Stripe;
 * between any two a proxy.
 */
export async function startMachines(options: WorldOptions = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'cliptally-chaos-'));
  const closers: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true })];
  const real = Date.now();
  const begin = options.begin === undefined ? real : Date.parse(options.begin);
  const { speed = SPEED, timezone = 'UTC', smallDisks = false, natsCluster = false } = options;
  const setting: ClockSetting = { world: begin, real, speed };
  const clock = clockOf(setting);
  const disks: Partial<Record<'postgres' | 'nats', SmallDisk>> = {};
  try {
    for (const server of smallDisks ? (['postgres', 'nats'] as const) : []) {
      const disk = SmallDisk.mount(join(dir, server), DISK_MEGABYTES[server]);
      disks[server] = disk;
      closers.push(() => disk.unmount());
    }
    const postgres = new PostgresVictim({ dataDir: join(dir, 'postgres') });
    await postgres.start();
    closers.push(() => postgres.stop());
    const binary = await natsBinary();
    const cluster = natsCluster ? await NatsCluster.start(binary, dir) : null;
    closers.push(() => cluster?.close());
    const nats =
      cluster?.nodes[0] ?? (await NatsVictim.start({ binary, dataDir: join(dir, 'nats') }));
    closers.push(() => nats.stop());
    await PostgresEventStore.migrate(postgres.url);
    const jetStream = await connectNats(cluster?.url ?? nats.url, 'chaos', cluster?.nodes.length);
    closers.push(() => jetStream.connection.close());
    await prepareJetStream(jetStream, { maxAckPending: 600, ackWaitMs: ACK_WAIT_MS });
    const { store, pool } = openOwn(postgres.url);
    closers.push(() => store.close(), () => pool.end()); // prettier-ignore
    const curves = generatedCurves({ worldStart: new Date(begin - 24 * HOUR_MS) });
    const limits = { maxMonthlyUsageUsd: 10_000 };
    const apify = await startApifyStandIn({ clock, curves, token: TOKEN, limits });
    closers.push(() => apify.close());
    const accounts = CREATORS.map(accountOf);
    const stripe = await startStripeStandIn({ clock, secretKey: STRIPE_KEY, accounts });
    closers.push(() => stripe.close());
    const mailbox = await Mailbox.open();
    closers.push(() => mailbox.close());
    const secret = randomBytes(32).toString('hex');
    const given = { clock, setting, dir, disks, postgres, nats, cluster, jetStream, store, pool };
    const world = {
      ...given,
      curves,
      apify,
      stripe,
      mailbox,
      /** While this file is there, no process finds a server by its name. */
      namesBroken: join(dir, 'no-names'),
      /** What a log that was set back does not know: transfers and actor runs. */
      forgotten: new Set<string>(),
      machines: new Map<string, Machine>(),
    };
    const addresses: Record<Server, () => string> = {
      postgres: () => postgres.url,
      nats: () => nats.url,
      apify: () => apify.url,
      stripe: () => stripe.url,
      mail: () => mailbox.url,
    };
    const made = new Map<Service, number>();
    /** One more process of a service, to be started; of another version if its folder is given. */
    async function make(service: Service, folder?: string): Promise<Machine> {
      const nth = made.get(service) ?? 0;
      made.set(service, nth + 1);
      const links = await linksOf(service, addresses);
      for (const link of Object.values(links)) closers.push(() => link.close());
      const through = (server: Server) =>
        links[server]?.through(addresses[server](), hostOf(server)) ?? '';
      const name = nth === 0 ? service : `${service}-${nth + 1}`;
      const environment = {
        NODE_OPTIONS: `--import ${NAMES}`,
        CHAOS_NAMES: world.namesBroken,
        DATABASE_URL: through('postgres'),
        NATS_URL: cluster?.url ?? through('nats'),
        NATS_REPLICAS: String(cluster?.nodes.length ?? 1),
        APIFY_BASE_URL: through('apify'),
        APIFY_TOKEN: TOKEN,
        STRIPE_BASE_URL: through('stripe'),
        STRIPE_SECRET_KEY: STRIPE_KEY,
        STRIPE_WEBHOOK_SECRET: STRIPE_SECRET,
        SMTP_URL: through('mail'),
        MAIL_FROM: through('mail') && 'Clips <clips@example.com>',
        JWT_SECRET: secret,
        CLOCK: formatClock(setting),
        ACK_WAIT: `${ACK_WAIT_MS}ms`,
        TZ: timezone,
        // A second of life.
        LINGER: `${speed}s`,
        INTERVAL: '1h',
        MONTHLY_BUDGET_USD: '10000',
        LOG_LEVEL: 'warn',
      };
      const machine = await Machine.make(name, service, links, environment, folder);
      world.machines.set(machine.name, machine);
      closers.push(() => machine.end());
      return machine;
    }
    /** One more process of a service, ready. */
    async function add(service: Service): Promise<Machine> {
      const machine = await make(service);
      await machine.start();
      return machine;
    }
    for (const service of STANDING) await add(service);
    await add('scheduler');
    return {
      ...world,
      add,
      make,
      tokens: await developmentTokens(secret, clock),
      async remove(machine: Machine): Promise<void> {
        await machine.end();
        world.machines.delete(machine.name);
      },
      machine(name: string): Machine {
        const found = world.machines.get(name);
        if (!found) throw new Error(`There is no machine ${name}.`);
        return found;
      },
      close: () => closeAll(closers),
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function closeAll(closers: (() => unknown)[]): Promise<void> {
  for (const close of closers.splice(0).toReversed())
    await Promise.resolve()
      .then(close)
      .catch((error: Error) => process.stderr.write(`${error.message}\n`));
}

async function natsBinary(): Promise<string> {
  const named = process.env['TEST_NATS_SERVER'];
  return named ?? (await findNatsServer({ cacheDir: join('.cliptally', 'cache') }));
}

/** The mail client asks name servers of its own. */
const hostOf = (server: Server) => (server === 'mail' ? '127.0.0.1' : `${server}.chaos.test`);

/** Past all proxies: who judges is no part of what is disturbed. */
function openOwn(url: string): { store: PostgresEventStore; pool: Pool } {
  return { store: new PostgresEventStore({ url }), pool: openPool(url, 'chaos', 3) };
}

const CONNECTS: Readonly<Record<Service, readonly Server[]>> = {
  relay: ['postgres', 'nats'],
  scraper: ['postgres', 'nats', 'apify'],
  earnings: ['postgres', 'nats', 'stripe', 'mail'],
  monitor: ['postgres', 'nats'],
  scheduler: ['postgres'],
};

async function linksOf(
  service: Service,
  addresses: Readonly<Record<Server, () => string>>,
): Promise<Links> {
  const links: Links = {};
  for (const server of CONNECTS[service]) {
    const port = () => Number(new URL(addresses[server]()).port);
    links[server] = await Proxy.open(() => ({ host: '127.0.0.1', port: port() }));
  }
  return links;
}
