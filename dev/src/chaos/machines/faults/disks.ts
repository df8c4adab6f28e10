import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../servers/index.js';
import { moment, type Fault } from '../fault.js';
import type { Machines } from '../machines.js';
import { operate, operated } from '../operator.js';
import { SlowCalls } from '../slow-calls.js';
import { SmallDisk } from '../small-disk.js';

const FULL_MS = 10_000;
const world = { smallDisks: true };
const impossible = () => SmallDisk.impossible();

function diskOf({ disks }: Machines, server: 'postgres' | 'nats'): SmallDisk {
  const disk = disks[server];
  if (!disk) throw new Error(`${server} has no small disk.`);
  return disk;
}

const fullPostgres: Fault = {
  name: 'full-postgres',
  family: 'disks',
  what: `the disk of PostgreSQL is full for ${FULL_MS / 1_000} s; started again if it has ended`,
  world,
  impossible,
  async strike(machines, chance) {
    await moment(chance);
    const disk = diskOf(machines, 'postgres');
    disk.fill();
    await pause(FULL_MS);
    disk.free();
    await machines.postgres.kill();
    await machines.postgres.start();
    return 'to the last byte';
  },
};

const fullNats: Fault = {
  name: 'full-nats',
  family: 'disks',
  what: `the disk of nats-server is full for ${FULL_MS / 1_000} s; then it is started again`,
  world,
  impossible,
  async strike(machines, chance) {
    await moment(chance);
    const disk = diskOf(machines, 'nats');
    disk.fill();
    await pause(FULL_MS);
    disk.free();
    await machines.nats.kill();
    await machines.nats.start();
    return 'to the last byte';
  },
};

const readOnly = (server: 'postgres' | 'nats'): Fault => ({
  name: `read-only-${server}`,
  family: 'disks',
  what: `${server === 'nats' ? 'nats-server' : 'PostgreSQL'} comes back to a disk that is read-only`,
  world,
  impossible,
  async strike(machines, chance) {
    await moment(chance);
    const disk = diskOf(machines, server);
    const victim = machines[server];
    await victim.kill();
    // Its last sessions may have a file open for a moment.
    await pause(2_000);
    disk.readOnly();
    const refused = await victim.start().then(
      () => 'it started',
      () => 'it refused to start',
    );
    await victim.kill().catch(() => {});
    disk.writable();
    await victim.start();
    return refused;
  },
});

/** Nothing that was archived may be read from a file that is cut off. */
const torn: Fault = {
  name: 'torn-archive',
  family: 'disks',
  what: 'a file of the archive is cut off in its middle; a reader of it has to say so',
  async strike(machines) {
    const folder = join(machines.dir, 'archive');
    const url = machines.postgres.url;
    const file = await until('something old enough for an archive', async () => {
      await operated(url, 'events', 'archive', folder, '2h');
      return readdirSync(folder).find((name) => name.endsWith('.gz'));
    });
    const path = join(folder, file);
    const whole = readFileSync(path);
    truncateSync(path, whole.length >> 1);
    const rebuild = operate(url, 'rebuild', 'monitor');
    const status = await rebuild.ended;
    writeFileSync(path, whole);
    if (status === 0 || !rebuild.output().includes(file))
      throw new Error(`A rebuild from half of a file ended with ${status}: ${rebuild.output()}`);
    return `${file} was refused`;
  },
};

const fullArchive: Fault = {
  name: 'full-archive',
  family: 'disks',
  what: 'the disk of the archive is full while it is written; archived again once there is room',
  impossible,
  async strike(machines) {
    const url = machines.postgres.url;
    const disk = SmallDisk.mount(join(machines.dir, 'small-archive'), 1);
    try {
      disk.fill();
      const archive = operate(url, 'events', 'archive', disk.path, '1h');
      const status = await archive.ended;
      if (status === 0) throw new Error(`It archived to a full disk: ${archive.output()}`);
      disk.free();
    } finally {
      disk.unmount();
    }
    await operated(url, 'events', 'archive', join(machines.dir, 'archive'), '1h');
    return 'refused, then archived elsewhere';
  },
};

const SLOW_MS = 20_000;
const CALL_MS = 300;

const slow = (server: 'postgres' | 'nats'): Fault => ({
  name: `slow-disk-${server}`,
  family: 'disks',
  what: `each write to the disk of ${server === 'nats' ? 'nats-server' : 'PostgreSQL'} takes ${CALL_MS} ms, for ${SLOW_MS / 1_000} s`,
  impossible: () => SlowCalls.impossible(),
  async strike(machines, chance) {
    await moment(chance);
    const calls = SlowCalls.begin(machines[server].pid, CALL_MS);
    await pause(SLOW_MS);
    const held = await calls.end();
    if (held === 0) throw new Error('No write was held back.');
    return `${held} writes`;
  },
});

export const DISKS: readonly Fault[] = [
  slow('postgres'),
  slow('nats'),
  torn,
  fullArchive,
  fullPostgres,
  fullNats,
  readOnly('postgres'),
  readOnly('nats'),
];
