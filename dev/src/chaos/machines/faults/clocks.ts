import { formatClock } from '@cliptally/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../servers/index.js';
import type { Fault } from '../fault.js';
import type { Service } from '../machine.js';
import type { Machines } from '../machines.js';

const HOUR_MS = 3_600_000;
const LASTS_MS = 8_000;
/** Parts of the speed that a clock is too fast, or too slow. */
const DRIFT = 0.05;

/** A process whose clock is wrong by so much, for a while. */
async function wrongBy(world: Machines, service: Service, ms: number): Promise<void> {
  const { setting } = world;
  const machine = world.machine(service);
  await machine.stop();
  await machine.startAs({ CLOCK: formatClock({ ...setting, world: setting.world + ms }) });
  await pause(LASTS_MS);
}

const jump = (service: Service): Fault => ({
  name: `clock-${service}`,
  family: 'clocks',
  what: `the clock of ${service} is an hour ahead, then an hour behind, then right again`,
  async strike(world) {
    for (const ms of [HOUR_MS, -HOUR_MS]) await wrongBy(world, service, ms);
    const machine = world.machine(service);
    await machine.stop();
    await machine.startAs({});
    return '3 jumps';
  },
});

const drift: Fault = {
  name: 'clock-drift',
  family: 'clocks',
  what: `the clock of the scraper is ${DRIFT * 100} % too fast, that of earnings as much too slow`,
  async strike(world) {
    const real = Date.now();
    const now = world.clock.now().getTime();
    const services = [['scraper', 1 + DRIFT], ['earnings', 1 - DRIFT]] as const; // prettier-ignore
    for (const [service, part] of services) {
      const machine = world.machine(service);
      await machine.stop();
      const speed = world.setting.speed * part;
      await machine.startAs({ CLOCK: formatClock({ world: now, real, speed }) });
    }
    await pause(2 * LASTS_MS);
    for (const [service] of services) {
      const machine = world.machine(service);
      await machine.stop();
      await machine.startAs({});
    }
    const apart = Math.round((2 * DRIFT * (Date.now() - real) * world.setting.speed) / 60_000);
    return `${apart} minutes apart in the end`;
  },
};

/** A day lasts a minute. */
const FAST = 1_440;

const passing = (name: string, what: string, begin: string, end: string, timezone: string): Fault => ({
  name,
  family: 'clocks',
  what,
  world: { begin, timezone, speed: FAST },
  async strike({ clock }) {
    const isOver = () => clock.now().getTime() > Date.parse(end);
    await until(`${end} on the simulated clock`, isOver);
    return `from ${begin} to ${end}`;
  },
}); // prettier-ignore

export const CLOCKS: readonly Fault[] = [
  ...(['earnings', 'scraper', 'scheduler', 'monitor'] as const).map(jump),
  drift,
  passing('leap-day', 'a leap day begins and ends', '2028-02-28T20:00:00Z', '2028-03-01T04:00:00Z', 'UTC'),
  passing('summer-time', 'summer time begins where the services run', '2027-03-14T02:00:00Z', '2027-03-14T16:00:00Z', 'America/New_York'),
  passing('winter-time', 'summer time ends where the services run', '2027-11-07T02:00:00Z', '2027-11-07T16:00:00Z', 'America/New_York'),
]; // prettier-ignore
