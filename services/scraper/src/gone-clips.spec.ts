import { describe, expect, it } from '@jest/globals';
import { clipWorld, type Row } from './testing/clip-world.js';

const A = '7500000000000000001';
const B = '7500000000000000002';
const C = '7500000000000000003';
const url = (id: string) => `https://www.tiktok.com/@a/video/${id}`;
const gone = (id: string): Row => ({ url: url(id), error: 'Post not found or private.', errorCode: 'PRIVATE_POST' }); // prettier-ignore
const seen = (id: string, playCount: number): Row => ({ id, webVideoUrl: url(id), playCount });
/** A single clip, scraped alone. */
const alone = async (world: ReturnType<typeof clipWorld>, row: Row | null, forced = false) => {
  world.source.rows = row ? [row] : [];
  return (await world.scrape([A], { forced }))[0]!;
};

describe('a clip that is gone', () => {
  it('A1: two scrapes 24 minutes apart retire nothing, and what it has when it is back is recorded', async () => {
    const world = clipWorld('tiktok');
    expect(await alone(world, seen(A, 5_000))).toBe(5_000);
    world.pass(2);
    expect(await alone(world, gone(A))).toBe('private');
    world.pass(0.4);
    expect(await alone(world, gone(A))).toBe('private');
    expect(await world.changes()).toEqual([]);
    world.pass(1);
    expect(await alone(world, seen(A, 250_000))).toBe(250_000);
    expect(await world.changes()).toEqual([]);
  });

  it('A1: is retired by two outcomes a day apart, once, and restored by the scrape that sees it', async () => {
    const world = clipWorld('tiktok');
    await alone(world, seen(A, 5_000));
    world.pass(2);
    await alone(world, gone(A));
    world.pass(23.9);
    await alone(world, gone(A));
    expect(await world.changes()).toEqual([]);
    world.pass(0.1);
    await alone(world, gone(A));
    expect(await world.changes()).toEqual(['ClipRetired private']);
    world.pass(24);
    await alone(world, gone(A));
    world.pass(48);
    expect(await alone(world, seen(A, 250_000))).toBe(250_000);
    expect(await world.changes()).toEqual(['ClipRetired private', 'ClipRestored observed']);
    // It may go and be back once more, and nothing from before counts.
    world.pass(2);
    await alone(world, gone(A));
    expect(await world.changes()).toHaveLength(2);
    world.pass(24);
    await alone(world, gone(A));
    world.pass(72);
    await alone(world, seen(A, 251_000));
    expect(await world.changes()).toHaveLength(4);
  });

  it('A1: a scrape that a person forces is no witness, neither the first nor the second', async () => {
    const world = clipWorld('tiktok');
    await alone(world, gone(A), true);
    world.pass(25);
    await alone(world, gone(A), true);
    expect(await world.changes()).toEqual([]);
    await alone(world, gone(A));
    world.pass(25);
    await alone(world, gone(A), true);
    expect(await world.changes()).toEqual([]);
    await alone(world, gone(A));
    expect(await world.changes()).toEqual(['ClipRetired private']);
  });

  it('A3: absent from two tracking runs, then back with more: restored also if nobody saw it before', async () => {
    const world = clipWorld('tiktok');
    for (let run = 0; run < 2; run++) {
      await alone(world, gone(A));
      world.pass(24);
    }
    expect(await world.changes()).toEqual(['ClipRetired private']);
    expect(await alone(world, seen(A, 5_000))).toBe(5_000);
    expect(await world.changes()).toEqual(['ClipRetired private', 'ClipRestored observed']);
  });

  it('a scrape that says nothing of the clip ends no evidence; one that has seen it does', async () => {
    const world = clipWorld('tiktok');
    await alone(world, gone(A));
    world.pass(12);
    expect(await alone(world, null)).toBe('blocked');
    world.pass(12);
    await alone(world, gone(A));
    expect(await world.changes()).toEqual(['ClipRetired private']);
    const other = clipWorld('tiktok');
    await alone(other, gone(A));
    other.pass(12);
    expect(await alone(other, { id: A, diggCount: 3 })).toBe('no_view_field');
    other.pass(12);
    await alone(other, gone(A));
    expect(await other.changes()).toEqual([]);
  });

  it('a restoration by a person begins the evidence anew', async () => {
    const world = clipWorld('tiktok');
    await alone(world, gone(A));
    world.pass(24);
    await alone(world, gone(A));
    const of = { clipId: `tiktok-${A}`, platform: 'tiktok', reason: 'admin', by: 'ada' } as const;
    await world.append(A, 'ClipRestored', of);
    world.pass(1);
    await alone(world, gone(A));
    expect(await world.changes()).toEqual(['ClipRetired private', 'ClipRestored admin']);
    world.pass(24);
    await alone(world, gone(A));
    expect(await world.changes()).toHaveLength(3);
  });

  it('A12: no second source is asked after a definite answer', async () => {
    const world = clipWorld('tiktok', { second: true });
    expect(await alone(world, gone(A))).toBe('private');
    world.source.rows = [gone(A), seen(B, 7)];
    world.pass(2);
    expect(await world.scrape([A, B])).toEqual(['private', 7]);
    expect(world.other.runs).toEqual([]);
  });
});

describe('A2: a source that says of several clips at once that they are gone', () => {
  it('is silent: the outcome may be retried, and nothing is retired', async () => {
    const world = clipWorld('tiktok');
    world.source.rows = [gone(A), gone(B), gone(C)];
    for (let run = 0; run < 3; run++) {
      expect(await world.scrape([A, B, C])).toEqual(['blocked', 'blocked', 'blocked']);
      world.pass(25);
    }
    expect((await world.lastOutcome()).data).toMatchObject({ retryable: true });
    expect(await world.changes()).toEqual([]);
  });

  it('gives way to the next source, whose answer stands', async () => {
    const world = clipWorld('tiktok', { second: true });
    world.source.rows = [gone(A), gone(B)];
    world.other.rows = [seen(A, 10), gone(B)];
    expect(await world.scrape([A, B])).toEqual([10, 'private']);
  });

  it('is believed if the next source says the same', async () => {
    const world = clipWorld('tiktok', { second: true });
    world.source.rows = world.other.rows = [gone(A), gone(B)];
    expect(await world.scrape([A, B])).toEqual(['private', 'private']);
  });

  it('is believed of clips that were gone before: their checks ask no second source', async () => {
    const world = clipWorld('tiktok', { second: true });
    for (const id of [A, B]) {
      world.source.rows = [gone(id)];
      await world.scrape([id]);
    }
    world.pass(24);
    world.source.rows = [gone(A), gone(B)];
    expect(await world.scrape([A, B])).toEqual(['private', 'private']);
    expect(world.other.runs).toEqual([]);
    expect(await world.changes()).toEqual(['ClipRetired private', 'ClipRetired private']);
  });

  it('a batch of one is no batch', async () => {
    const world = clipWorld('tiktok');
    world.source.rows = [gone(A)];
    expect(await world.scrape([A])).toEqual(['private']);
  });
});
