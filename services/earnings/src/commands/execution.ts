import type { AnyEvent, Clock } from '@cliptally/contracts';
import {
  WrongExpectedRevision,
  type Appended,
  type EventStore,
  type StreamAppend,
} from '@cliptally/event-store';
import { inAppendSpan, type Projector } from '@cliptally/messaging';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Snapshot, Tables } from '../queries/tables.js';
import { appendsOf, type StreamDecision } from './decision.js';
import { refuseErased } from './refuse-erased.js';
import { Refused } from './refused.js';

/** Whether the service's own tables have taken over what a command has written. */
export interface Done {
  visible: boolean;
}

/**
 * Whether the command may have been carried out before: its answer was lost, and the request comes
 * again.
 */
export const mayBeDone = new AsyncLocalStorage<boolean>();

/** The log that commands append to, and the projector that shows when it is in the tables. */
export interface CommandPorts {
  store: EventStore;
  projector: Pick<Projector, 'position' | 'waitFor'>;
}

export const busy = () =>
  new Refused('busy', 'Others are changing the same thing at this moment; send the request again.');

export const ATTEMPTS = 5;
export const VISIBLE_WITHIN_MS = 2_000;

/**
 * Decides from one snapshot of the tables and appends at the revisions that were read; if one of
 * the streams has moved on, it decides again.
 */
export class Execution {
  readonly #ports: CommandPorts;
  readonly #clock: Clock;
  readonly #tables: Tables;
  /** Decides as always, and appends nothing. */
  readonly #dry: boolean;

  constructor(ports: CommandPorts, clock: Clock, tables: Tables, dry = false) {
    this.#ports = ports;
    this.#clock = clock;
    this.#tables = tables;
    this.#dry = dry;
  }

  execute(
    commandId: string,
    stream: string,
    decide: (snapshot: Snapshot, now: Date) => Promise<readonly StreamDecision[]>,
  ): Promise<Done> {
    return this.attempt(async () => {
      const [before] = await this.doneBefore(commandId, stream);
      if (before) return before.position;
      const now = this.#clock.now();
      const { decision, position } = await this.#tables.snapshot(async (snapshot) => {
        const decided = await decide(snapshot, now);
        await refuseErased(snapshot, decided);
        return { decision: decided, position: snapshot.position };
      });
      return this.append(decision, commandId, now, position);
    });
  }

  /**
   * `append` gives the position it has reached, 0 if there was nothing to append; who was too
   * slow decides again.
   */
  async attempt(append: () => Promise<number>): Promise<Done> {
    const { store, projector } = this.#ports;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        const position = await append();
        return {
          visible: position === 0 || (await projector.waitFor(position, VISIBLE_WITHIN_MS)),
        };
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        // Somebody was faster: decide again on what they have made of it.
        await projector.waitFor(await store.head(), VISIBLE_WITHIN_MS);
      }
    }
    throw busy();
  }

  /** What the command has written to the stream already, newest first; read only if that may be. */
  async doneBefore(commandId: string, stream: string): Promise<AnyEvent[]> {
    if (!mayBeDone.getStore()) return [];
    const events = await Array.fromAsync(
      this.#ports.store.readStream(stream, { direction: 'backwards' }),
    );
    return events.filter(({ causationId }) => causationId === commandId);
  }

  /** Gives the position reached; 0 if nothing was decided. */
  async append(
    decision: readonly StreamDecision[],
    id: string,
    time: Date,
    position: number,
    correlationId = id,
  ): Promise<number> {
    const appends = appendsOf(decision, { id, position, time, correlationId, causationId: id });
    const appended = await this.send(appends);
    return Math.max(0, ...appended.map((of) => of.position));
  }

  async send(appends: readonly StreamAppend[]): Promise<Appended[]> {
    const [first] = appends;
    if (!first || this.#dry) return [];
    const attributes = { 'cliptally.stream': first.stream };
    return inAppendSpan('carry out', appends, { attributes }, () =>
      this.#ports.store.appendMany(appends),
    );
  }
}
