import { LEASE_TAKEOVER_MS } from '@cliptally/messaging';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../servers/index.js';
import { moment, type Fault } from '../fault.js';
import type { Machine, Service } from '../machine.js';
import type { Machines } from '../machines.js';
import { operate, operated } from '../operator.js';
import { freeze, thaw } from '../processes.js';
import { hasLastRelease, lastRelease } from '../../../last-release.js';
import { Proxy, type Fate } from '../proxy.js';

const SERVICES: readonly Service[] = ['relay', 'scraper', 'earnings', 'monitor', 'scheduler'];
const TOGETHER_MS = 10_000;
const TRAP_MS = 60_000;

const addAll = (world: Machines, services: readonly Service[]): Promise<Machine[]> =>
  Promise.all(services.map((service) => world.add(service)));
const removeAll = (world: Machines, machines: readonly Machine[]) =>
  Promise.all(machines.map((one) => world.remove(one)));

const twoOfEach: Fault = {
  name: 'two-of-each',
  family: 'replicas',
  what: 'two processes of each service at once, and three scrapers; then kill -9 of the older ones',
  async strike(world, chance) {
    const added = await addAll(world, [...SERVICES, 'scraper']);
    await pause(TOGETHER_MS);
    for (const service of SERVICES) {
      await pause(chance.between(50, 400));
      await world.machine(service).kill();
    }
    await pause(TOGETHER_MS / 2);
    await Promise.all(SERVICES.map((service) => world.machine(service).begin()));
    await moment(chance);
    await removeAll(world, added);
    return `${added.length} more processes`;
  },
};

const rolling: Fault = {
  name: 'rolling-restart',
  family: 'replicas',
  what: 'each service is replaced by another process of it, one after the other, under load',
  async strike(world, chance) {
    for (const service of SERVICES) {
      const other = await world.add(service);
      const own = world.machine(service);
      await own.stop();
      await pause(chance.between(100, 1_000));
      await own.start();
      await other.stop();
      await world.remove(other);
    }
    return `${SERVICES.length} services`;
  },
};

/** As a rollout and its way back: either version goes on with what the other has written. */
const lastReleaseBeside: Fault = {
  name: 'rolling-restart-versions',
  family: 'replicas',
  what: 'each service is replaced by one of the last release, and back, under load',
  impossible: () => (hasLastRelease ? null : 'the history of this checkout does not have the last release'),
  async strike(world, _, { watcher }) {
    const folder = `${await lastRelease()}/`;
    // A projection of another version is built anew, from the beginning.
    await watcher.blindfolded(async () => {
      for (const service of SERVICES) await replaced(world, service, folder);
    });
    return `${SERVICES.length} services`;
  },
}; // prettier-ignore

/** One that waits for the lease of another version is not ready before it has it. */
async function replaced(world: Machines, service: Service, folder: string): Promise<void> {
  const own = world.machine(service);
  const old = await world.make(service, folder);
  await old.begin();
  await pause(TOGETHER_MS / 5);
  await own.stop();
  await old.ready();
  await pause(TOGETHER_MS / 2);
  await own.begin();
  await pause(TOGETHER_MS / 5);
  await old.stop();
  await own.ready();
  await world.remove(old);
}

/** Who holds the lease of a projection, by what PostgreSQL says of its sessions. */
async function holderOf(world: Machines, projection: string): Promise<number | null> {
  const { rows } = await world.pool.query<{ pid: number }>(
    `select a.pid from pg_stat_activity a join pg_locks l on l.pid = a.pid and locktype = 'advisory'
       and granted where application_name = $1 and datname = current_database()`,
    [`cliptally-lease-${projection}`],
  );
  return rows[0]?.pid ?? null;
}

/** Nothing ends the connections of a stopped process, as nothing does for one that is cut off. */
const stoppedProjector: Fault = {
  name: 'stop-projector-of-two',
  family: 'replicas',
  what: 'SIGSTOP of the process that holds a lease, until another has it; both answer afterwards',
  async strike(world, chance) {
    const services = ['earnings', 'monitor'] as const;
    const added = await addAll(world, services);
    await moment(chance);
    for (const [n, service] of services.entries()) {
      const first = await until('a holder', () => holderOf(world, service));
      // The older one has it, as long as nobody has taken it from it.
      const older = world.machine(service);
      freeze(older.pid!);
      try {
        const taken = async () => {
          const now = await holderOf(world, service);
          return now !== null && now !== first;
        };
        await until(`another ${service} to have the lease`, taken);
      } finally {
        thaw(older.pid!);
      }
      await Promise.all([older.ready(), added[n]!.ready()]);
    }
    await removeAll(world, added);
    return `leases passed on, within ${LEASE_TAKEOVER_MS / 1_000} s by their settings`;
  },
};

const PROJECTIONS = ['earnings', 'monitor', 'scheduler'];

const swaps: Fault = {
  name: 'kill-rebuild-at-swap',
  family: 'replicas',
  what: 'kill -9 of a rebuild as it swaps its copy in, and of PostgreSQL in the next one',
  async strike(world, chance) {
    const proxy = await Proxy.open(() => ({ host: '127.0.0.1', port: Number(new URL(world.postgres.url).port) })); // prettier-ignore
    const url = proxy.through(world.postgres.url);
    let kills = 0;
    try {
      for (const projection of PROJECTIONS) {
        const rebuild = operate(url, 'rebuild', projection);
        const kill = async () => void rebuild.child.kill('SIGKILL');
        if (await proxy.trap('request', 'drop schema', kill, TRAP_MS)) kills++;
        await rebuild.ended;
        await operated(url, 'rebuild', projection);
      }
      const rebuild = operate(url, 'rebuild', chance.of(PROJECTIONS));
      await pause(chance.between(300, 1_500));
      await world.postgres.kill();
      await rebuild.ended;
      await world.postgres.start();
    } finally {
      await proxy.close();
    }
    if (kills === 0) throw new Error('No rebuild came to its swap.');
    return `${kills} kills at the swap`;
  },
};

const rebuilds: Fault = {
  name: 'rebuild-during-kills',
  family: 'replicas',
  what: 'all projections are rebuilt, twice, while their services and nats-server are killed',
  async strike(world, chance) {
    let done = 0;
    const over = new AbortController();
    const rebuilding = (async () => {
      for (const projection of [...PROJECTIONS, ...PROJECTIONS]) {
        await operated(world.postgres.url, 'rebuild', projection);
        done++;
      }
    })().finally(() => over.abort());
    while (!over.signal.aborted) {
      await moment(chance);
      const victim = chance.of(['earnings', 'monitor', 'scheduler', 'nats']);
      if (victim === 'nats') {
        await world.nats.kill();
        await pause(chance.between(50, 500));
        await world.nats.start();
      } else {
        await world.machine(victim).kill();
        await pause(chance.between(50, 500));
        await world.machine(victim).begin();
      }
    }
    await rebuilding;
    return `${done} rebuilds`;
  },
};

const FATES: readonly Fate[] = ['cut', 'reset', 'silent', 'slow'];

/** A rebuild that fails leaves the live projection as it was, and is begun again by a person. */
const rebuildsCutOff: Fault = {
  name: 'rebuild-on-bad-links',
  family: 'replicas',
  what: 'all projections are rebuilt while the connections of the rebuild are cut, reset, silent and slow',
  async strike(world, chance) {
    const port = () => Number(new URL(world.postgres.url).port);
    const proxy = await Proxy.open(() => ({ host: '127.0.0.1', port: port() }));
    let failed = 0;
    try {
      for (const projection of PROJECTIONS) {
        for (const fate of FATES) {
          const rebuild = operate(proxy.through(world.postgres.url), 'rebuild', projection);
          await until('its connections', () => proxy.open > 0);
          await pause(chance.between(0, 400));
          proxy.become(fate);
          await pause(3_000);
          proxy.become('pass');
          if ((await rebuild.ended) !== 0) failed++;
        }
        await operated(world.postgres.url, 'rebuild', projection);
      }
    } finally {
      await proxy.close();
    }
    if (failed === 0) throw new Error('No rebuild was disturbed.');
    return `${failed} of ${PROJECTIONS.length * FATES.length} rebuilds failed`;
  },
};

export const REPLICAS: readonly Fault[] = [
  twoOfEach,
  rolling,
  lastReleaseBeside,
  stoppedProjector,
  swaps,
  rebuilds,
  rebuildsCutOff,
];
