import type { AnyEvent, Clock, Timers } from '@cliptally/contracts';
import type { Caller } from '@cliptally/contracts/api';
import type { EventStore } from '@cliptally/event-store';
import type { Log } from '@cliptally/messaging';
import { eventText, openEventStream } from '@cliptally/telemetry';
import type { ServerResponse } from 'node:http';
import { CHANGING, Summary, changesOf, mayLearn } from '../domain/change.js';
import type { Queries } from '../queries/queries.js';
import { ownersOf } from './owners.js';

/** In real time, whatever the clock's speed. */
const TICK_MS = 1_000;
/** A reader without a word so long is cut off. */
const HEARTBEAT_TICKS = 5;
/** A stream ends then, and its reader comes back with a token that is still good. */
const LIFETIME_TICKS = 600;
/** Events that are read at once; what lies further back is not named. */
const MOST_EVENTS = 5_000;

export interface FeedOptions {
  store: EventStore;
  tables: Queries;
  /** Position of the log that the tables have taken over. */
  position: () => Promise<number>;
  clock: Clock;
  log: Log;
  timers: Timers;
  /** Streams at most, of all callers and of one. */
  most?: { all: number; caller: number };
}

interface Reader {
  caller: Caller;
  response: ServerResponse;
  /** Position that it knows up to. */
  at: number;
  pending: Summary;
  /** It missed more than can be named: it reads everything anew. */
  reset: boolean;
  ticks: number;
}

/**
 * Tells open pages that something of theirs has changed, and never what: they read it anew, by the
 * routes and rights of the API. The log is read once for all pages, up to where the tables are, and
 * not at all without one. A slow page gets one summary of what it missed, never a queue.
 */
export class ChangeFeed {
  readonly #options: Required<FeedOptions>;
  readonly #readers = new Set<Reader>();
  #stop: (() => void) | null = null;
  #at = 0;
  #turn: Promise<void> = Promise.resolve();
  #waiting = false;

  constructor(options: FeedOptions) {
    this.#options = { most: { all: 500, caller: 6 }, ...options };
  }

  /** Open streams. */
  get size(): number {
    return this.#readers.size;
  }

  /**
   * Takes over the response; false if too many streams are open. `after` is the last id that the
   * reader had.
   */
  async attach(caller: Caller, response: ServerResponse, after: number | null): Promise<boolean> {
    const { all, caller: own } = this.#options.most;
    const same = [...this.#readers].filter(
      (one) => one.caller.role === caller.role && one.caller.subject === caller.subject,
    );
    if (this.#readers.size >= all || same.length >= own) return false;
    const reader: Reader = {
      caller,
      response,
      at: 0,
      pending: new Summary(),
      reset: false,
      ticks: 0,
    };
    this.#readers.add(reader);
    response.on('close', () => this.#leave(reader));
    try {
      await this.#inTurn(() => this.#welcome(reader, after));
    } catch (error) {
      this.#leave(reader);
      throw error;
    }
    return true;
  }

  close(): void {
    for (const { response } of this.#readers) response.end();
  }

  async #welcome(reader: Reader, after: number | null): Promise<void> {
    if (!this.#stop) {
      this.#at = await this.#options.position();
      this.#stop = this.#options.timers.every(TICK_MS, () => this.#tick());
    }
    reader.at = this.#at;
    if (after !== null && after !== reader.at) await this.#catchUp(reader, after);
    if (reader.response.destroyed) return this.#leave(reader);
    openEventStream(reader.response);
    this.#send(reader);
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#stop?.();
    this.#stop = null;
  }

  /** One at a time: who comes while events are sent would miss them, or get them twice. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** What a reader missed while it was away; of too much, or of another log, it learns no more. */
  async #catchUp(reader: Reader, after: number): Promise<void> {
    const events = after > reader.at ? null : await this.#read(after, reader.at).catch(() => null);
    if (events) await this.#tell(events, [reader]);
    else reader.reset = true;
  }

  /** Null if there are too many. */
  async #read(after: number, upTo: number): Promise<AnyEvent[] | null> {
    const options = { types: CHANGING, limit: MOST_EVENTS + 1 };
    const events = await Array.fromAsync(this.#options.store.readAll(after, options));
    const due = events.filter(({ position }) => position <= upTo);
    return due.length > MOST_EVENTS ? null : due;
  }

  #tick(): void {
    // The tables are asked again when they have answered.
    if (this.#waiting) return;
    this.#waiting = true;
    void this.#inTurn(async () => {
      this.#waiting = false;
      await this.#news().catch((error: Error) =>
        this.#options.log.warn({ error: error.message }, 'open pages did not learn of changes'),
      );
      for (const reader of this.#readers) if (reader.ticks > 0) this.#send(reader);
    });
  }

  async #news(): Promise<void> {
    const position = await this.#options.position();
    if (position <= this.#at) return;
    const readers = [...this.#readers].filter(({ ticks }) => ticks > 0);
    const events = await this.#read(this.#at, position);
    if (events) await this.#tell(events, readers);
    else for (const reader of readers) reader.reset = true;
    this.#at = position;
    for (const reader of readers) reader.at = position;
  }

  async #tell(events: readonly AnyEvent[], readers: readonly Reader[]): Promise<void> {
    if (events.length === 0) return;
    const owners = await ownersOf(events, this.#options.tables);
    for (const event of events)
      for (const change of changesOf(event, owners))
        for (const { caller, pending } of readers)
          if (mayLearn(caller, change)) pending.add(change);
  }

  #send(reader: Reader): void {
    const { response, at } = reader;
    if (response.writableNeedDrain || response.destroyed || response.writableEnded) return;
    const first = reader.ticks === 0;
    if (reader.ticks++ >= LIFETIME_TICKS) return void response.end();
    const { clock } = this.#options;
    const parts: string[] = [];
    if (first || reader.ticks % HEARTBEAT_TICKS === 0) {
      const time = { now: clock.now().getTime(), speed: clock.speed, position: at };
      parts.push(eventText('clock', JSON.stringify(time), at));
    }
    if (reader.reset) parts.push(eventText('reset', JSON.stringify({ position: at }), at));
    else if (!reader.pending.isEmpty)
      parts.push(eventText('changes', JSON.stringify({ position: at, ...reader.pending.toJSON() }), at)); // prettier-ignore
    if (parts.length === 0) return;
    reader.reset = false;
    reader.pending = new Summary();
    response.write(parts.join(''));
  }
}
