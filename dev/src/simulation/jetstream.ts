import { JETSTREAM_STREAM } from '@cliptally/contracts';
import { logPositionOf, type EventMessage, type Nats } from '@cliptally/messaging';
import type { Chance } from './chance.js';
import { Change, type Life, type Loop } from './loop.js';
import type { SimulatedTimers } from './timers.js';

type Headers = EventMessage['headers'];

interface Stored {
  seq: number;
  subject: string;
  data: Uint8Array;
  headers: Headers | undefined;
  time: Date;
}

/** Settings of a durable consumer, as the product sends them; times in nanoseconds. */
interface Settings {
  filter_subject?: string;
  max_ack_pending?: number;
  ack_wait?: number;
}

interface Pending {
  deliveries: number;
  /** When it is delivered again. */
  dueAt: number;
}

interface Durable {
  settings: Settings;
  /** Place of the next message that was never delivered. */
  next: number;
  readonly pending: Map<number, Pending>;
}

/** How long the server knows the ids of messages. */
const DUPLICATES_MS = 1_000;
const NS_PER_MS = 1e6;
const WRONG_LAST_SEQUENCE = 10071;
const away = () => new Error('NATS gives no answer.');

class Stream {
  readonly messages: Stored[] = [];
  readonly durables = new Map<string, Durable>();
  /** A message has come, or a consumer has room. */
  readonly changed = new Change();

  wanted(durable: Durable, { subject }: Stored): boolean {
    return durable.settings.filter_subject === subject;
  }

  waiting(durable: Durable): boolean {
    return (
      durable.pending.size > 0 ||
      this.messages.slice(durable.next).some((message) => this.wanted(durable, message))
    );
  }
}

/**
 * JetStream as one server that never dies: it delivers in another order, again, late or not at all,
 * and loses acknowledgements. What is not acknowledged is delivered again after its `ack_wait`.
 */
export class JetStream {
  readonly #loop: Loop;
  readonly #chance: Chance;
  readonly #timers: SimulatedTimers;
  readonly #streams = new Map<string, Stream>();

  constructor(loop: Loop, chance: Chance, timers: SimulatedTimers) {
    this.#loop = loop;
    this.#chance = chance;
    this.#timers = timers;
  }

  /** Position in the log of the last event that was published. */
  get position(): number {
    const last = this.#stream(JETSTREAM_STREAM).messages.at(-1);
    return last ? logPositionOf(last)!.position : 0;
  }

  /** Nothing is undelivered or unacknowledged. */
  get idle(): boolean {
    return [...this.#streams.values()].every((stream) =>
      [...stream.durables.values()].every((durable) => !stream.waiting(durable)),
    );
  }

  /** The server as one life of a process sees it. */
  as(life: Life): Nats {
    const call = <T>(what: string, make: () => T, connection?: string) =>
      this.#loop.call({ life, what: `NATS: ${what}`, make: async () => make(), lost: away, ...(connection && { connection }) }); // prettier-ignore
    const ensure = (name: string, durable: string, settings: Settings) => {
      const { durables } = this.#stream(name);
      const there = durables.get(durable);
      if (there) Object.assign(there.settings, settings);
      else durables.set(durable, { settings, next: 0, pending: new Map() });
    };
    const manager = {
      streams: {
        info: (name: string) =>
          call(`info of ${name}`, () => {
            const { length } = this.#stream(name).messages;
            return { state: { messages: length, last_seq: length }, config: { num_replicas: 1 } };
          }),
        getMessage: (name: string, query: { seq?: number }) =>
          call(`message ${query.seq ?? 'last'} of ${name}`, () => {
            const found = this.#stream(name).messages.at((query.seq ?? 0) - 1);
            return found && { seq: found.seq, header: found.headers, data: found.data };
          }),
      },
      consumers: {
        info: (name: string, durable: string) =>
          Promise.resolve({ config: this.#stream(name).durables.get(durable)?.settings ?? {} }),
        update: (name: string, durable: string, settings: Settings) =>
          call(`consumer ${durable}`, () => ensure(name, durable, settings)),
      },
    };
    const client = {
      publish: (subject: string, data: Uint8Array, options: { msgID: string; headers: Headers; expect: { lastSequence: number } }) =>
        call(`publish ${logPositionOf({ data, headers: options.headers })!.position}`, () => this.#publish(subject, data, options), `publisher ${life.name}`),
      consumers: {
        get: (name: string, durable: string) =>
          call(`consumer ${durable}`, () => ({
            fetch: (most: { max_messages: number; expires: number }) =>
              Promise.resolve(this.#fetch(name, durable, most, life, call)),
          })),
      },
    }; // prettier-ignore
    const connection = {};
    return { connection, client, manager, replicas: 1 } as unknown as Nats;
  }

  #stream(name: string): Stream {
    const stream = this.#streams.get(name) ?? new Stream();
    this.#streams.set(name, stream);
    return stream;
  }

  #store(name: string, message: Omit<Stored, 'seq' | 'time'>): number {
    const { messages, changed } = this.#stream(name);
    const seq = messages.push({ ...message, seq: messages.length + 1, time: this.#timers.time.now() }); // prettier-ignore
    changed.notify();
    return seq;
  }

  #publish(
    subject: string,
    data: Uint8Array,
    { msgID, headers, expect }: { msgID: string; headers: Headers; expect: { lastSequence: number } },
  ): { seq: number; duplicate: boolean } {
    const { messages } = this.#stream(JETSTREAM_STREAM);
    const since = this.#timers.now() - DUPLICATES_MS;
    const known = messages.find(
      (one) => one.time.getTime() >= since && one.headers!.get('ce-id') === msgID,
    );
    if (known) return { seq: known.seq, duplicate: true };
    if (expect.lastSequence !== messages.length)
      throw Object.assign(new Error(`wrong last sequence: ${messages.length}`), {
        code: WRONG_LAST_SEQUENCE,
      });
    return { seq: this.#store(JETSTREAM_STREAM, { subject, data, headers }), duplicate: false };
  } // prettier-ignore

  #fetch(
    name: string,
    durable: string,
    { max_messages: most, expires }: { max_messages: number; expires: number },
    life: Life,
    call: <T>(what: string, make: () => T) => Promise<T>,
  ) {
    const stream = this.#stream(name);
    const closed = new AbortController();
    const until = this.#timers.now() + expires;
    const pull = async function* (this: JetStream) {
      while (!closed.signal.aborted) {
        const changed = stream.changed.next();
        const messages = await call(`fetch for ${durable}`, () =>
          closed.signal.aborted ? [] : this.#deliver(name, durable, most, life),
        );
        yield* messages;
        const left = until - this.#timers.now();
        if (messages.length > 0 || left <= 0) return;
        await Promise.race([changed, this.#timers.sleep(left, closed.signal)]);
      }
    };
    return { close: () => closed.abort(), [Symbol.asyncIterator]: pull.bind(this) };
  }

  /** What is due, in an order of chance now and then; some of it never arrives. */
  #deliver(name: string, durable: string, most: number, life: Life) {
    const stream = this.#stream(name);
    const consumer = stream.durables.get(durable)!;
    const { ack_wait: waitNs = 30e9, max_ack_pending: room = 1_000 } = consumer.settings;
    const now = this.#timers.now();
    const due: Stored[] = [];
    for (const [seq, { dueAt }] of consumer.pending)
      if (dueAt <= now) due.push(stream.messages[seq - 1]!);
    for (; consumer.next < stream.messages.length; consumer.next++) {
      if (consumer.pending.size >= room || due.length >= 2 * most) break;
      const message = stream.messages[consumer.next]!;
      if (!stream.wanted(consumer, message)) continue;
      consumer.pending.set(message.seq, { deliveries: 0, dueAt: now });
      due.push(message);
    }
    const given: Stored[] = [];
    while (given.length < most && due.length > 0) {
      const at = this.#faulty(0.2) ? this.#chance.below(due.length) : 0;
      const [message] = due.splice(at, 1);
      const pending = consumer.pending.get(message!.seq)!;
      pending.deliveries++;
      // Delivered again before its time, as after a new connection.
      pending.dueAt = this.#faulty(0.05) ? now : now + waitNs / NS_PER_MS;
      if (!this.#faulty(0.05)) given.push(message!);
    }
    return given.map((message) =>
      this.#received(name, durable, message, consumer.pending.get(message.seq)!, life),
    );
  }

  /** A message as the client has it; an acknowledgement is sent, and nobody waits for it. */
  #received(name: string, durable: string, message: Stored, pending: Pending, life: Life) {
    const stream = this.#stream(name);
    const consumer = stream.durables.get(durable)!;
    const { deliveries: deliveryCount } = pending;
    const send = (take: () => void) => () => {
      if (!life.crashed && !this.#faulty(0.05)) take();
    };
    const wait = (ms: number) => (pending.dueAt = this.#timers.now() + ms);
    const end = () => {
      consumer.pending.delete(message.seq);
      stream.changed.notify();
    };
    return {
      ...message,
      info: { deliveryCount },
      json: () => JSON.parse(new TextDecoder().decode(message.data)) as unknown,
      ack: send(end),
      nak: (ms: number) => send(() => wait(ms))(),
      working: send(() => wait((consumer.settings.ack_wait ?? 30e9) / NS_PER_MS)),
      term: send(end),
    };
  }

  #faulty = (probability: number): boolean =>
    this.#loop.faulty && this.#chance.happens(probability);
}
