import { setTimeout as pause } from 'node:timers/promises';
import { LEASE_TAKEOVER_MS } from '@cliptally/messaging';
import { moment, type Fault } from '../fault.js';
import type { Machine, Server, Service } from '../machine.js';
import { TAKEN } from '../mailbox.js';
import { ACK_WAIT_MS, type Machines } from '../machines.js';
import { freeze, thaw } from '../processes.js';

const SERVICES: readonly Service[] = ['relay', 'scraper', 'earnings', 'monitor', 'scheduler'];
const SERVERS = ['nats-server', 'PostgreSQL'] as const;
type Name = Service | (typeof SERVERS)[number];
const ALL: readonly Name[] = [...SERVICES, ...SERVERS];
/** Longer than a lease and than what JetStream waits for an acknowledgement. */
const STILL_MS = Math.max(LEASE_TAKEOVER_MS, ACK_WAIT_MS) + 2_000;
const TIMES = 2;
const TRAP_MS = 40_000;

interface Killable {
  pid: number | undefined;
  kill(): Promise<void>;
  /** Without a wait for what it needs. */
  begin(): Promise<void>;
}

function killable(world: Machines, name: Name): Killable {
  if (name === 'PostgreSQL' || name === 'nats-server') {
    const server = name === 'PostgreSQL' ? world.postgres : world.nats;
    return { pid: server.pid, kill: () => server.kill(), begin: () => server.start() };
  }
  return world.machine(name);
}

const killed = (name: Name): Fault => ({
  name: `kill-${name.toLowerCase()}`,
  family: 'kills',
  what: `kill -9 of ${name}, ${TIMES} times`,
  async strike(world, chance) {
    for (let n = 0; n < TIMES; n++) {
      await moment(chance);
      const one = killable(world, name);
      await one.kill();
      await pause(chance.between(50, 1_500));
      await one.begin();
    }
    return `${TIMES} kills`;
  },
});

const stopped = (name: Name): Fault => ({
  name: `stop-${name.toLowerCase()}`,
  family: 'kills',
  what: `SIGSTOP of ${name} for ${STILL_MS / 1_000} s`,
  async strike(world, chance) {
    await moment(chance);
    const { pid } = killable(world, name);
    if (pid === undefined) throw new Error(`${name} does not run.`);
    freeze(pid);
    await pause(STILL_MS);
    thaw(pid);
    return `${STILL_MS / 1_000} s`;
  },
});

/** Pairs that share the most, and one that comes back in the order in which it should not. */
const PAIRS: readonly (readonly [Name, Name])[] = [
  ['nats-server', 'PostgreSQL'],
  ['scraper', 'nats-server'],
  ['relay', 'nats-server'],
  ['earnings', 'PostgreSQL'],
  ['scraper', 'relay'],
  ['scheduler', 'earnings'],
];

const both = ([first, second]: readonly [Name, Name]): Fault => ({
  name: `kill-${first.toLowerCase()}-and-${second.toLowerCase()}`,
  family: 'kills',
  what: `kill -9 of ${first} and ${second}; they come back in either order`,
  async strike(world, chance) {
    const orders: (readonly Name[])[] = [[first, second], [second, first]]; // prettier-ignore
    for (const order of orders) {
      await moment(chance);
      await Promise.all([first, second].map((name) => killable(world, name).kill()));
      for (const name of order) {
        await pause(chance.between(50, 2_000));
        await killable(world, name).begin();
      }
    }
    return '4 kills';
  },
});

const everything: Fault = {
  name: 'kill-everything',
  family: 'kills',
  what: 'kill -9 of all processes; services come back before the servers',
  async strike(world, chance) {
    await moment(chance);
    await Promise.all(ALL.map((name) => killable(world, name).kill()));
    const order = [...SERVICES].toSorted(() => chance.next() - 0.5);
    for (const name of [...order, ...SERVERS]) {
      await pause(chance.between(50, 800));
      await killable(world, name).begin();
    }
    return `${ALL.length} kills`;
  },
};

/** At a point of a process's work, which its own bytes show, on a connection of it. */
const at = (
  name: string,
  service: Service,
  what: string,
  link: Server,
  way: 'request' | 'answer',
  pattern: string,
): Fault => ({
  name,
  family: 'kills',
  what: `kill -9 of ${service} ${what}`,
  async strike(world, chance) {
    let kills = 0;
    for (let n = 0; n < TIMES; n++) {
      const machine = world.machine(service);
      if (await killedAt(machine, link, way, pattern)) kills++;
      await pause(chance.between(50, 1_000));
      await machine.begin();
    }
    if (kills === 0) throw new Error(`${service} never came to this point.`);
    return `${kills} kills`;
  },
});

function killedAt(
  machine: Machine,
  link: Server,
  way: 'request' | 'answer',
  pattern: string,
): Promise<boolean> {
  const proxy = machine.links[link];
  if (!proxy) throw new Error(`${machine.name} has no connection to ${link}.`);
  return proxy.trap(way, pattern, () => machine.kill(), TRAP_MS);
}

export const KILLS: readonly Fault[] = [
  ...ALL.map(killed),
  ...ALL.map(stopped),
  ...PAIRS.map(both),
  everything,
  at('kill-before-start', 'scraper', 'between its claim and the start of an actor run', 'apify', 'request', 'POST /v2/act'),
  at('kill-after-start', 'scraper', 'between the start of an actor run and its answer', 'apify', 'answer', '201 Created'),
  at('kill-before-outcome', 'scraper', 'before its outcomes are appended', 'postgres', 'request', 'ViewsRecorded'),
  at('kill-after-append', 'earnings', 'between an append and its answer', 'postgres', 'answer', 'lasts'),
  at('kill-after-publish', 'relay', 'between a publish and its acknowledgement', 'nats', 'answer', '"stream":"CLIPTALLY"'),
  at('kill-after-settlement', 'earnings', 'as it appends a settlement', 'postgres', 'request', 'EarningsAccrued'),
  at('kill-before-transfer', 'earnings', 'as it sends a transfer', 'stripe', 'request', 'POST /v1/transfers'),
  at('kill-after-transfer', 'earnings', 'between a transfer and its answer', 'stripe', 'answer', '"object":"transfer"'),
  at('kill-after-webhook', 'earnings', 'between the delivery of a webhook and its record', 'mail', 'answer', TAKEN),
]; // prettier-ignore
