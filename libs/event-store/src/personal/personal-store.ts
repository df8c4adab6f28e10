import type { AnyEvent, NewEvent } from '@cliptally/contracts';
import type {
  Appended,
  EventStore,
  ExpectedRevision,
  ReadAllOptions,
  ReadStreamOptions,
  StreamAppend,
  Tail,
} from '../port.js';
import type { PersonalKeys } from './keys.js';
import { Opener, sealAppends, type OpenTexts } from './seal.js';

/**
 * A log whose personal texts are sealed before they are appended, and opened when they are read.
 * {@link sealed} is the same log as it is stored: projections, messages, archives and exports have
 * that form.
 */
export class PersonalStore implements EventStore {
  readonly kind;
  readonly atomicAcrossStreams;
  readonly detectsForeignIds;

  constructor(
    readonly sealed: EventStore,
    readonly keys: PersonalKeys,
    /** For a copy that is sealed anew: also events as they were written are opened. */
    private readonly opensAll = false,
  ) {
    this.kind = sealed.kind;
    this.atomicAcrossStreams = sealed.atomicAcrossStreams;
    this.detectsForeignIds = sealed.detectsForeignIds;
  }

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<Appended> {
    return (await this.appendMany([{ stream, events, expected }]))[0]!;
  }

  async appendMany(appends: readonly StreamAppend[]): Promise<Appended[]> {
    return this.sealed.appendMany(await sealAppends(appends, this.keys));
  }

  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<AnyEvent> {
    return this.#opened(this.sealed.readStream(stream, options));
  }

  /** As they were written means sealed. */
  readAll(position: number, options?: ReadAllOptions): AsyncIterable<AnyEvent> {
    const events = this.sealed.readAll(position, options);
    return options?.asWritten && !this.opensAll ? events : this.#opened(events);
  }

  subscribe(
    position: number,
    signal: AbortSignal,
    options?: ReadAllOptions,
  ): AsyncIterable<AnyEvent> {
    const events = this.sealed.subscribe(position, signal, options);
    return options?.asWritten ? events : this.#opened(events, 0);
  }

  tails(streams: readonly string[]): Promise<ReadonlyMap<string, Tail>> {
    return this.sealed.tails(streams);
  }

  head(): Promise<number> {
    return this.sealed.head();
  }

  async close(): Promise<void> {
    await this.sealed.close();
    await this.keys.close();
  }

  /** One read asks for a key once; one that does not end asks again. */
  async *#opened(events: AsyncIterable<AnyEvent>, keep = 1): AsyncIterable<AnyEvent> {
    let opener = new Opener(this.keys);
    for await (const event of events) {
      if (!Opener.concerns(event)) yield event;
      else {
        if (keep === 0) opener = new Opener(this.keys);
        yield await opener.open(event);
      }
    }
  }
}

/** The log as it is stored, whether it is opened for this process or not. */
export const asStored = <S extends object>(store: S): S =>
  store instanceof PersonalStore ? (store.sealed as object as S) : store;

/** Opens what was read beside the log, such as a projection; nothing if the log is not opened. */
export const openerOf = (store: EventStore): OpenTexts =>
  store instanceof PersonalStore
    ? (value) => new Opener(store.keys).open(value)
    : async (value) => value;
