import type { AnyEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLog } from '../log.js';
import { startPublishedWorld, toppedUp, until } from '../testing/world.js';
import { catchUp } from './catch-up.js';
import { positionOf, type Fold, type Projection } from './projection.js';
import { Projector } from './projector.js';
import { rebuildProjection } from './rebuild.js';
import { reviewSkip, skipEvent } from './skip-event.js';
import { skipsOf } from './skips.js';

/** Sums of top-ups, by rules that know no amount of 13, until they do. */
const sums = (name: string, version = 1, mended = false): Projection => ({
  name,
  version,
  types: ['CampaignToppedUp'],
  tables: 'create table total (amount bigint not null); insert into total values (0)',
  fold(): Fold {
    let sum = 0;
    return {
      load: async () => {},
      take(event: AnyEvent) {
        const { amount } = event.data as { amount: number };
        if (amount === 13 && !mended) throw new Error('13 is no amount');
        sum += amount;
      },
      get size() {
        return 1;
      },
      save: async (db) => void (await db.query('update total set amount = amount + $1', [sum])),
    };
  },
});
const words = (position: number) => ({ position, reason: 'nobody pays 13', by: 'ann', at: new Date() }); // prettier-ignore

describe('an event that a projection cannot apply', () => {
  let world: Awaited<ReturnType<typeof startPublishedWorld>>;
  let poison: number;
  let end: number;
  beforeAll(async () => {
    world = await startPublishedWorld();
    const events = [1, 2, 13, 4, 13, 5].map((amount) => toppedUp(amount));
    end = (await world.store.append('campaign-a', events, 'any')).position;
    poison = end - 3;
  });
  afterAll(() => world.close());
  const total = async (name: string) =>
    Number((await world.pool.query(`select amount from ${name}.total`)).rows[0].amount);
  const skip = (name: string, position: number, mended = false) =>
    skipEvent(sums(name, 1, mended), world.pool, world.store, words(position));

  it('is skipped by a person: the projector goes on, and so do its rebuilds, until it is taken back', async () => {
    const name = 'skipping';
    const options = { ...world, url: world.database.url, projection: sums(name), log: silentLog };
    const applied: number[] = [];
    const afterBatch = async ({ events }: { events: readonly AnyEvent[] }) =>
      void applied.push(...events.map(({ position }) => position));
    const projector = new Projector({ ...options, afterBatch });
    projector.start();
    try {
      await until(() => projector.halted, 'the projection to halt');
      expect(projector.halted).toBe(
        `The event at position ${poison} (CampaignToppedUp, campaign-a@2) cannot be applied: 13 is no amount`,
      );
      // What was before it in the batch is applied, and who waits for it was called.
      expect(await total(name)).toBe(3);
      expect(applied).toEqual([poison - 2, poison - 1]);
      expect(await skip(name, poison)).toMatchObject({ position: poison, type: 'CampaignToppedUp', reviewed: false }); // prettier-ignore
      await until(() => projector.halted?.includes(`position ${poison + 2} `), 'the second one');
      await skip(name, poison + 2);
      expect(await projector.waitFor(end, 120_000)).toBe(true);
      expect(await total(name)).toBe(12);
      expect(projector.halted).toBeNull();
    } finally {
      await projector.stop();
    }
    const again = await rebuildProjection(sums(name), world.pool, world.store);
    expect(again).toMatchObject({ compared: true, differences: {} });
    expect(again.skipped.map(({ position }) => position)).toEqual([poison, poison + 2]);
    // Other projections read the events all the same.
    await catchUp(sums('another', 1, true), world.pool, world.store);
    expect(await total('another')).toBe(38);

    await reviewSkip(sums(name), world.store, 'stays', words(poison));
    await expect(reviewSkip(sums(name), world.store, 'stays', words(poison))).rejects.toThrow(
      'Somebody has reviewed this skip already, and it stays.',
    );
    await reviewSkip(sums(name), world.store, 'taken_back', words(poison + 2));
    expect([...(await skipsOf(sums(name), world.store)).values()]).toMatchObject([
      { position: poison, reviewed: true },
    ]);
    await catchUp(sums(name), world.pool, world.store);
    const mended = await rebuildProjection(sums(name, 1, true), world.pool, world.store);
    expect(mended).toMatchObject({ compared: true, differences: { total: 2 } });
    expect(await total(name)).toBe(25);
    await expect(reviewSkip(sums(name), world.store, 'stays', words(end))).rejects.toThrow(
      `skips no event at position ${end}; it skips ${poison}.`,
    );
  });

  it('halts a process that does not stay right before it, and a skip lets it go on', async () => {
    const name = 'brief';
    const caughtUp = () => catchUp(sums(name), world.pool, world.store);
    await expect(caughtUp()).rejects.toThrow(`The event at position ${poison} `);
    expect(await positionOf(sums(name), world.pool)).toBe(poison - 1);
    await skip(name, poison);
    await expect(caughtUp()).rejects.toThrow(`The event at position ${poison + 2} `);
    await skip(name, poison + 2);
    expect(await caughtUp()).toBe(await world.store.head());
    expect(await total(name)).toBe(12);
  });

  it('alone can be skipped: what was applied, what comes later and what can be applied cannot', async () => {
    const name = 'strict';
    await expect(catchUp(sums(name), world.pool, world.store)).rejects.toThrow('cannot be applied');
    await expect(skip(name, poison - 1)).rejects.toThrow(
      `has passed position ${poison - 1}: it is at ${poison - 1}`,
    );
    await expect(skip(name, poison + 2)).rejects.toThrow(
      `the next event that it reads is at ${poison} (CampaignToppedUp of campaign-a)`,
    );
    await expect(skip(name, poison, true)).rejects.toThrow(
      `This version of the program can apply the event at position ${poison}`,
    );
    expect(await total(name)).toBe(3);
    expect((await skipsOf(sums(name), world.store)).size).toBe(0);
    await expect(rebuildProjection(sums(name, 2), world.pool, world.store)).rejects.toThrow(
      `The event at position ${poison} `,
    );
  });
});
