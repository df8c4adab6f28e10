import type { AnyEvent, NewEvent } from '@cliptally/contracts';
import { isDeepStrictEqual } from 'node:util';
import { PersonalStore } from '../personal/personal-store.js';
import type { EventStore, StreamAppend } from '../port.js';

/** What is appended at once: below what a KurrentDB takes as one, as it is delivered (1 MiB). */
const BATCH_EVENTS = 500;
const BATCH_BYTES = 512 * 1024;

export interface CopyProgress {
  /** Events that are in both logs, each compared with the other. */
  events: number;
  /** Of them, those that this call has appended. */
  copied: number;
  /** Position of the last of them in either log. */
  from: number;
  to: number;
}

export interface CopyOptions {
  signal?: AbortSignal;
  /** Called after each append and after each comparison. */
  onProgress?: (progress: CopyProgress) => void;
}

/**
 * The target is not the beginning of the source: it was written to by somebody else, or is the copy
 * of another log.
 */
export class NotACopy extends Error {
  override readonly name = 'NotACopy';
  readonly expected = true;
}

/**
 * As {@link copyLog}, of a log into another whose personal texts are sealed with keys of its own:
 * what is in both is compared as it reads. For logs of before texts were sealed.
 */
export const sealCopy = (from: EventStore, to: EventStore, options?: CopyOptions) =>
  copyLog(allOpened(from), allOpened(to), options);

const allOpened = (store: EventStore): EventStore =>
  store instanceof PersonalStore ? new PersonalStore(store.sealed, store.keys, true) : store;

/**
 * Copies a log into another store: the n-th event there is the n-th here, with the same id, stream
 * and revision, as it was written; only its position is the other store's own. What is there
 * already is compared with what is here, and then copied on from there, so that the same call goes
 * on after an interruption, and at its end has compared every event. Ends when both have the same
 * events.
 */
export async function copyLog(
  from: EventStore,
  to: EventStore,
  { signal, onProgress }: CopyOptions = {},
): Promise<CopyProgress> {
  const done: CopyProgress = { events: 0, copied: 0, from: 0, to: 0 };
  for (;;) {
    const more = await compareOn(from, to, done, signal);
    onProgress?.({ ...done });
    if (!more) return done;
    let { events } = done;
    for await (const batch of batchesOf(from.readAll(done.from, { asWritten: true }))) {
      signal?.throwIfAborted();
      const appended = await to.appendMany(batch);
      const added = appended.reduce((sum, stream) => sum + stream.added, 0);
      if (added === 0)
        throw new NotACopy(
          'Events that are missing at the end of the other log are elsewhere in it.',
        );
      done.copied += added;
      events += added;
      onProgress?.({ ...done, events });
    }
  }
}

/**
 * Compares from the positions in `done` to the end of the target, and moves them there. Returns
 * whether the source has more.
 */
async function compareOn(
  from: EventStore,
  to: EventStore,
  done: CopyProgress,
  signal?: AbortSignal,
): Promise<boolean> {
  const copies = to.readAll(done.to, { asWritten: true })[Symbol.asyncIterator]();
  try {
    for await (const event of from.readAll(done.from, { asWritten: true })) {
      signal?.throwIfAborted();
      const copy = await copies.next();
      if (copy.done) return true;
      if (!isDeepStrictEqual({ ...copy.value, position: event.position }, event))
        throw new NotACopy(
          `${nameOf(copy.value)} is in the other log where this one has ${nameOf(event)}.`,
        );
      done.events++;
      done.from = event.position;
      done.to = copy.value.position;
    }
    const extra = await copies.next();
    if (!extra.done)
      throw new NotACopy(
        `The other log goes on with ${nameOf(extra.value)}, which this one does not have.`,
      );
    return false;
  } finally {
    await copies.return?.();
  }
}

const nameOf = ({ type, id, stream, revision }: AnyEvent): string =>
  `${type} ${id} (${stream}@${revision})`;

/**
 * Appends that keep the order of the whole log. A store writes one append stream by stream, so a
 * stream may not come a second time in it. Names count as the same that differ by case alone:
 * KurrentDB takes them apart into two appends.
 */
async function* batchesOf(events: AsyncIterable<AnyEvent>): AsyncGenerator<StreamAppend[]> {
  let batch = new Map<string, { stream: string; events: NewEvent[]; expected: 'none' | number }>();
  let [count, bytes, open] = [0, 0, ''];
  for await (const { stream, revision, position: _, ...event } of events) {
    const size = JSON.stringify(event).length;
    const name = stream.toLowerCase();
    const known = batch.get(name);
    const again = known !== undefined && open !== stream;
    if (count > 0 && (again || count === BATCH_EVENTS || bytes + size > BATCH_BYTES)) {
      yield [...batch.values()];
      batch = new Map();
      [count, bytes] = [0, 0];
    }
    const append = batch.get(name) ?? {
      stream,
      events: [],
      expected: revision === 0 ? ('none' as const) : revision - 1,
    };
    batch.set(name, append);
    append.events.push(event);
    count++;
    bytes += size;
    open = stream;
  }
  if (count > 0) yield [...batch.values()];
}
