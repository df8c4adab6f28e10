import type { AnyEvent } from '@cliptally/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientBase } from 'pg';
import { raiseVersion } from '../../../contracts/src/testing/raise-version.js';
import { silentLog } from '../log.js';
import { positionOf, type Fold, type Projection } from './projection.js';
import { Projector } from './projector.js';
import { rebuildProjection } from './rebuild.js';
import { runRelay } from '../relay/relay.js';
import { startWorld, toppedUp, until } from '../testing/world.js';

type Write = (events: readonly AnyEvent[], db: ClientBase) => Promise<void>;

/** Remembers its events until it is saved. */
const written = (write: Write) => (): Fold => {
  const taken: AnyEvent[] = [];
  return {
    load: async () => {},
    take: (event) => void taken.push(event),
    get size() {
      return taken.length;
    },
    save: (db) => write(taken, db),
  };
};

/** The sum of all top-ups by campaign: enough to see an event applied twice or never. */
const sums = (version = 1, write?: Write): Projection => ({
  name: 'sums',
  version,
  types: ['CampaignToppedUp'],
  tables: 'create table total (campaign text primary key, amount bigint not null)',
  fold: written(
    write ??
      (async (events, db) => {
        for (const event of events as Extract<AnyEvent, { type: 'CampaignToppedUp' }>[])
          await db.query(
            'insert into total values ($1, $2) on conflict (campaign) do update set amount = total.amount + excluded.amount',
            [event.data.campaignId, event.data.amount],
          );
      }),
  ),
});

describe('a projection', () => {
  let world: Awaited<ReturnType<typeof startWorld>>;
  const stopRelay = new AbortController();
  let relay: Promise<void>;
  let projectors: Projector[] = [];
  let expected = 0;
  beforeAll(async () => {
    world = await startWorld();
    relay = runRelay({ ...world, log: silentLog }, stopRelay.signal);
  });
  afterEach(async () => {
    await Promise.all(projectors.map((p) => p.stop()));
    projectors = [];
  });
  afterAll(async () => {
    stopRelay.abort();
    await relay;
    await world.close();
  });

  const start = (projection = sums()) => {
    const projector = new Projector({
      ...world,
      url: world.database.url,
      projection,
      log: silentLog,
    });
    projectors.push(projector);
    projector.start();
    return projector;
  };
  const topUp = async (count: number) => {
    expected += count;
    const results = await Promise.all(
      Array.from({ length: count }, () => world.store.append('campaign-a', [toppedUp()], 'any')),
    );
    return Math.max(...results.map((r) => r.position));
  };
  const total = async () =>
    Number((await world.pool.query('select sum(amount) from sums.total')).rows[0].sum);

  it('applies every event once, and resolves when it has passed a position', async () => {
    const projector = start();
    const position = await topUp(100);
    expect(await projector.waitFor(position, 120_000)).toBe(true);
    expect(await total()).toBe(expected);
    expect(projector.caughtUp).toBe(true);
    expect(await projector.waitFor(position + 1_000, 30)).toBe(false);
  });

  it('continues from its checkpoint', async () => {
    const first = start();
    await first.waitFor(await topUp(10), 120_000);
    await first.stop();
    const position = await topUp(10);
    const again = start();
    expect(await again.waitFor(position, 120_000)).toBe(true);
    expect(await total()).toBe(expected);
  });

  it('is followed for by one replica; another takes over, and all can wait', async () => {
    const [one, two] = [start(), start()];
    await until(() => one.following || two.following, 'a follower');
    const [leader, reader] = one.following ? [one, two] : [two, one];
    const position = await topUp(20);
    expect(
      await Promise.all([leader.waitFor(position, 120_000), reader.waitFor(position, 120_000)]),
    ).toEqual([true, true]);
    expect(reader.following).toBe(false);
    await leader.stop();
    await until(() => reader.following, 'the other replica to take over');
    expect(await reader.waitFor(await topUp(20), 120_000)).toBe(true);
    expect(await total()).toBe(expected);
  });

  it('survives connections of PostgreSQL that are cut in the middle', async () => {
    const projector = start();
    let position = 0;
    for (let i = 0; i < 10; i++) {
      position = await topUp(20);
      await world.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
    }
    expect(await projector.waitFor(position, 120_000)).toBe(true);
    expect(await total()).toBe(expected);
  });

  it('is built anew when its version is raised', async () => {
    await world.store.append('campaign-a', [toppedUp(0 + 1)], 'any');
    expected += 1;
    await world.pool.query('update sums.total set amount = 0');
    const projector = start(sums(2));
    expect(await projector.waitFor(await topUp(1), 120_000)).toBe(true);
    expect(await total()).toBe(expected);
  });

  it('is rebuilt beside the live one, found equal, and swapped while it is followed', async () => {
    const projector = start(sums(2));
    await projector.waitFor(await topUp(50), 120_000);
    const adding = topUp(100);
    const { differences, events } = await rebuildProjection(sums(2), world.pool, world.store);
    expect(differences).toEqual({});
    expect(events).toBeGreaterThanOrEqual(expected - 100);
    expect(await projector.waitFor(await adding, 120_000)).toBe(true);
    expect(await total()).toBe(expected);
  });

  it('says how many rows differ when the live one was tampered with', async () => {
    const projector = start(sums(2));
    await projector.waitFor(await world.store.head(), 120_000);
    await projector.stop();
    await world.pool.query('update sums.total set amount = amount + 1');
    expect((await rebuildProjection(sums(2), world.pool, world.store)).differences).toEqual({
      total: 2,
    });
    expect(await total()).toBe(expected);
  });

  it('is rebuilt with tables of another form, and says which could not be compared', async () => {
    const projector = start(sums(2));
    await projector.waitFor(await world.store.head(), 120_000);
    await projector.stop();
    const reshaped = {
      ...sums(2),
      tables: 'create table total (campaign text primary key, amount numeric not null)',
    };
    expect(await rebuildProjection(reshaped, world.pool, world.store)).toMatchObject({
      differences: {},
      reshaped: ['total'],
    });
    expect(await total()).toBe(expected);
  });

  it('takes over an event of an older version as the newest, from the store and from messages', async () => {
    const seen: unknown[] = [];
    const reading: Projection = {
      name: 'versions',
      version: 1,
      types: ['CampaignToppedUp'],
      tables: 'create table nothing (x int)',
      fold: written(
        async (events) =>
          void seen.push(
            ...events.map(({ version, data }) => [version, (data as { cents?: number }).cents]),
          ),
      ),
    };
    const before = await world.store.head();
    const restore = raiseVersion('CampaignToppedUp', ({ amount, ...data }) => ({
      ...data,
      cents: amount,
    }));
    try {
      const projector = start(reading);
      expect(await projector.waitFor(before, 120_000)).toBe(true);
      const old = { ...toppedUp(7), version: 1 };
      expected += 7;
      const { position } = await world.store.append('campaign-a', [old], 'any');
      expect(await projector.waitFor(position, 120_000)).toBe(true);
      expect(seen).toHaveLength(before + 1);
      expect(new Set(seen.map((each) => (each as [number])[0]))).toEqual(new Set([2]));
      expect(seen.at(-1)).toEqual([2, 7]);
    } finally {
      restore();
    }
  });

  it('halts at an event it cannot apply, says so, and leaves nothing half-done', async () => {
    const before = start(sums(3));
    await before.waitFor(await topUp(1), 120_000);
    await before.stop();
    const stood = await positionOf(sums(3), world.pool);
    let mended = false;
    const projector = start(
      sums(3, async (events, db) => {
        await db.query('update total set amount = amount + 1');
        if (!mended) throw new Error('cannot read this');
        await db.query('update total set amount = amount + $1', [events.length - 1]);
      }),
    );
    const position = await topUp(1);
    await until(() => projector.halted, 'the projection to halt');
    expect(projector.halted).toMatch(
      /^The event at position \d+ \(CampaignToppedUp, campaign-a@\d+\) cannot be applied: cannot read this$/,
    );
    expect(await positionOf(sums(3), world.pool)).toBe(stood);
    expect(await total()).toBe(expected - 1);
    mended = true;
    expect(await projector.waitFor(position, 120_000)).toBe(true);
    expect(projector.halted).toBeNull();
    expect(await total()).toBe(expected);
  });

  it('halts at an event that a newer program wrote, until it is that program', async () => {
    const projector = start(sums(3));
    const event = { ...toppedUp(), version: 2 };
    expected += 1;
    const { position } = await world.store.append('campaign-a', [event], 'any');
    await until(() => projector.halted, 'the projection to halt');
    expect(projector.halted).toContain('is of version 2, and this program knows 1');
    const restore = raiseVersion('CampaignToppedUp', (data) => data as Record<string, unknown>);
    try {
      expect(await projector.waitFor(position, 120_000)).toBe(true);
      expect(await total()).toBe(expected);
    } finally {
      restore();
    }
  });
});
