import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../servers/index.js';
import { recovered } from '../calm.js';
import { moment, type Fault } from '../fault.js';
import type { Machines } from '../machines.js';
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
  outside: { name: 'Apify and Stripe', links: ['apify', 'stripe'] },
} as const;
type Side = keyof typeof SIDES;
/** What a kernel would give up after; the services have to be faster than their kernels. */
const HALF_OPEN_MS = 180_000;
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

export const NETWORK: readonly Fault[] = [
  ...toSide('postgres'),
  ...toSide('nats'),
  ...toSide('outside'),
  halfOpen('postgres'),
  halfOpen('nats'),
  halfOpen('outside'),
  ofOne,
];
