import { newEvent, streams, type AnyEvent, type EventInput } from '@cliptally/contracts';
import { asStored, type EventStore } from '@cliptally/event-store';
import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { isFault } from './apply-batch.js';
import { inTransaction, positionOf, takeAll, type Projection } from './projection.js';
import { NO_SKIPS, readSkips, type Skip, type Skips } from './skips.js';

/** A skip or a review that makes no sense as things are; shown as one sentence. */
export class SkipRefused extends Error {
  override readonly name = 'SkipRefused';
  readonly expected = true;
}

/** What a person says of a skip. */
export interface SkipWords {
  position: number;
  reason: string;
  by: string;
  at: Date;
}

/**
 * Has a projection leave out the event that it is halted at, and no other: the next one that it
 * reads, if this program cannot apply it either. Throws {@link SkipRefused}.
 */
export async function skipEvent(
  projection: Projection,
  pool: Pool,
  store: EventStore,
  { position, reason, by, at }: SkipWords,
): Promise<Skip> {
  const { name } = projection;
  const { skips, expected } = await readSkips(name, store);
  const reached = await positionOf(projection, pool);
  if (reached >= position)
    throw new SkipRefused(
      `The projection ${name} has passed position ${position}: it is at ${reached}, and an event that it has applied cannot be skipped. If what it made of the event is wrong, mend the rule, raise the projection's version, and deploy.`,
    );
  const next = await nextEvent(projection, store, reached, skips);
  if (next?.position !== position)
    throw new SkipRefused(
      `The projection ${name} is at position ${reached}, and ${next ? `the next event that it reads is at ${next.position} (${next.type} of ${next.stream})` : 'no event that it reads follows'}. Only the event that it is halted at can be skipped; /readyz of its service names it.`,
    );
  const why = await faultOf(projection, pool, next);
  if (why === null)
    throw new SkipRefused(
      `This version of the program can apply the event at position ${position} (${next.type} of ${next.stream}), so that nothing has to be skipped. Deploy this version, or wait: the projection goes on by itself.`,
    );
  const { id: eventId, type } = next;
  const data = { projection: name, position, eventId, type, reason, by };
  await store.append(streams.projection(name), [recorded('EventSkipped', data, at)], expected);
  return { position, eventId, type, reason, by, reviewed: false };
}

/** Says that a skip stays for good, or takes it back. Throws {@link SkipRefused}. */
export async function reviewSkip(
  { name }: Pick<Projection, 'name'>,
  store: EventStore,
  outcome: 'stays' | 'taken_back',
  { position, reason, by, at }: SkipWords,
): Promise<Skip> {
  const { skips, expected } = await readSkips(name, store);
  const skip = [...skips.values()].find((one) => one.position === position);
  if (!skip)
    throw new SkipRefused(
      `The projection ${name} skips no event at position ${position}${skips.size > 0 ? `; it skips ${[...skips.values()].map((one) => one.position).join(', ')}` : ''}.`,
    );
  if (skip.reviewed && outcome === 'stays')
    throw new SkipRefused(`Somebody has reviewed this skip already, and it stays.`);
  const data = { projection: name, position, eventId: skip.eventId, outcome, reason, by };
  await store.append(streams.projection(name), [recorded('EventSkipReviewed', data, at)], expected);
  return skip;
}

const recorded = <T extends 'EventSkipped' | 'EventSkipReviewed'>(
  type: T,
  data: EventInput<T> & { eventId: string },
  time: Date,
) => {
  const id = randomUUID();
  return newEvent(type, id, data, { time, correlationId: id, causationId: data.eventId });
};

async function nextEvent(
  projection: Projection,
  store: EventStore,
  from: number,
  skips: Skips,
): Promise<AnyEvent | null> {
  // As the tables get it: with sealed texts as they are stored.
  for await (const event of asStored(store).readAll(from, { types: projection.types }))
    if (!skips.has(event.id)) return event;
  return null;
}

/** Why the event cannot be applied to the tables as they are; null if it can. Changes nothing. */
async function faultOf(
  projection: Projection,
  pool: Pool,
  event: AnyEvent,
): Promise<string | null> {
  const undone = new Error('undone');
  try {
    await inTransaction(pool, projection.name, async (db: ClientBase) => {
      const fold = projection.fold();
      await takeAll(fold, [event], db, NO_SKIPS);
      await fold.save(db);
      throw undone;
    });
  } catch (error) {
    if (error === undone) return null;
    if (!isFault(error)) throw error;
    return (error as Error).message;
  }
  return null;
}
