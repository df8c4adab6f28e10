import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../servers/index.js';
import { recovered } from '../calm.js';
import { moment, type Fault } from '../fault.js';
import type { Machines } from '../machines.js';
import type { NatsCluster } from '../nats-cluster.js';
import type { Fate, Proxy } from '../proxy.js';

/** How long each lasts: longer than a lease, than an acknowledgement, than a client's patience. */
const FATES: readonly { fate: Exclude<Fate, 'pass'>; name: string; what: string; ms: number }[] = [
  { fate: 'cut', name: 'cut', what: 'connections end and none comes about', ms: 8_000 },
  { fate: 'slow', name: 'slow', what: 'everything arrives 2 s late', ms: 15_000 },
  { fate: 'silent', name: 'silent', what: 'nothing arrives, and no error comes', ms: 12_000 },
  { fate: 'no requests', name: 'mute', what: 'no request arrives', ms: 12_000 },
  { fate: 'no answers', name: 'deaf', what: 'no answer arrives', ms: 12_000 },
  { fate: 'reset', name: 'reset', what: 'connections end in the middle of an answer', ms: 6_000 },
];
const SIDES = {
  postgres: { name: 'PostgreSQL', links: ['postgres'] },
  nats: { name: 'NATS', links: ['nats'] },
  outside: { name: 'Apify, Stripe and the mail server', links: ['apify', 'stripe', 'mail'] },
} as const;
type Side = keyof typeof SIDES;
/** What a kernel would give up after; the services have to be faster than their kernels. */
const HALF_OPEN_MS = 180_000;
const NAMELESS_MS = 10_000;
/** Events that show that work goes on. */
const MORE = 30;

const linksTo = (world: Machines, side: Side): Proxy[] =>
  [...world.machines.values()].flatMap((machine) =>
    SIDES[side].links.flatMap((server) => machine.links[server] ?? []),
  );

async function during(links: readonly Proxy[], fate: Fate, until: () => Promise<unknown>) {
  const before = links.map(({ struck }) => struck);
  for (const link of links) link.become(fate);
  try {
    await until();
  } finally {
    for (const link of links) link.become('pass');
  }
  const struck = links.reduce((sum, link, n) => sum + link.struck - before[n]!, 0);
  if (struck === 0) throw new Error('No connection was disturbed.');
  return struck;
}

const toSide = (side: Side): Fault[] =>
  FATES.map(({ fate, name, what, ms }) => ({
    name: `${name}-${side}`,
    family: 'network',
    what: `between ${SIDES[side].name} and all services ${what}, for ${ms / 1_000} s`,
    async strike(world, chance) {
      await moment(chance);
      const struck = await during(linksTo(world, side), fate, () => pause(ms));
      return `${struck} connections`;
    },
  }));

/** Between one process and one server. */
const ofOne: Fault = {
  name: 'one-link',
  family: 'network',
  what: 'one process after the other loses one of its servers in one of these ways',
  async strike(world, chance) {
    let struck = 0;
    for (const machine of world.machines.values()) {
      const { fate, ms } = chance.of(FATES);
      struck += await during([chance.of(machine.all)], fate, () => pause(ms / 2)).catch(() => 0);
    }
    if (struck === 0) throw new Error('No connection was disturbed.');
    return `${struck} connections`;
  },
};

/** Recovers before the fault is over: by new connections. */
const halfOpen = (side: Side): Fault => ({
  name: `half-open-${side}`,
  family: 'network',
  what: `connections to ${SIDES[side].name} are dead without an error; new ones work`,
  async strike(world, chance) {
    await moment(chance);
    const began = performance.now();
    const left = () => HALF_OPEN_MS - (performance.now() - began);
    let ms: number | null = null;
    const struck = await during(linksTo(world, side), 'half-open', async () => {
      const before = await world.store.head();
      const isMore = async () => (await world.store.head()) > before + MORE;
      await until('work by new connections', isMore, { withinMs: HALF_OPEN_MS });
      if ((await recovered(world, left())) !== null) ms = performance.now() - began;
    });
    if (ms === null) throw new Error(`Not all of it went on within ${HALF_OPEN_MS / 1_000} s.`);
    return `${struck} connections; all of it went on after ${Math.round(ms / 1_000)} s`;
  },
});

/** A name that was found once is asked for again at the next connection. */
const names: Fault = {
  name: 'dns-fails',
  family: 'network',
  what: `all connections end, and for ${NAMELESS_MS / 1_000} s no name leads to its server`,
  async strike(world, chance) {
    await moment(chance);
    const links = [...world.machines.values()].flatMap(({ all }) => all);
    writeFileSync(world.namesBroken, '');
    try {
      const struck = await during(links, 'cut', () => pause(200));
      await pause(NAMELESS_MS);
      const open = links.reduce((sum, link) => sum + link.open, 0);
      if (open > 0) throw new Error(`${open} connections came about without a name.`);
      return `${struck} connections`;
    } finally {
      rmSync(world.namesBroken);
    }
  },
};

const CUT_OFF_MS = 12_000;

function clusterOf({ cluster }: Machines): NatsCluster {
  if (!cluster) throw new Error('NATS is no cluster here.');
  return cluster;
}

/** Its clients still reach it, and have to find out that it cannot keep anything any more. */
const cutOffNode: Fault = {
  name: 'partition-of-nats',
  family: 'network',
  what: `of a NATS cluster of three the leader of the stream is cut off from the others for ${CUT_OFF_MS / 1_000} s, then a follower`,
  world: { natsCluster: true },
  async strike(world, chance) {
    const cluster = clusterOf(world);
    let struck = 0;
    for (const isLeader of [true, false]) {
      await moment(chance);
      const leader = await cluster.leader(world.jetStream);
      const node = (leader + (isLeader ? 0 : 1)) % cluster.nodes.length;
      struck += await during(cluster.routesOf(node), 'cut', () => pause(CUT_OFF_MS));
    }
    return `${struck} routes`;
  },
};

const killedLeader: Fault = {
  name: 'kill-leader-of-nats',
  family: 'network',
  what: 'of a NATS cluster of three the leader of the stream is killed, twice',
  world: { natsCluster: true },
  async strike(world, chance) {
    const cluster = clusterOf(world);
    for (let n = 0; n < 2; n++) {
      await moment(chance);
      const node = cluster.nodes[await cluster.leader(world.jetStream)]!;
      await node.kill();
      await pause(chance.between(2_000, 6_000));
      await node.start();
    }
    return '2 kills';
  },
};

export const NETWORK: readonly Fault[] = [
  ...toSide('postgres'),
  ...toSide('nats'),
  ...toSide('outside'),
  halfOpen('postgres'),
  halfOpen('nats'),
  halfOpen('outside'),
  ofOne,
  names,
  cutOffNode,
  killedLeader,
];
