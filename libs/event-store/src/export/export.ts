import type { AnyEvent } from '@cliptally/contracts';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { EventStore } from '../port.js';

/** Hash before the first line. */
const GENESIS = '0'.repeat(64);

/**
 * SHA-256 over the hash before and the event's exact text: a change anywhere changes every hash
 * after it.
 */
const link = (previous: string, text: string): string =>
  createHash('sha256').update(previous).update('\n').update(text).digest('hex');

/**
 * The whole log as JSON Lines, `{"hash":...,"event":{...}}`, in order. Who keeps the last hash can
 * prove later that nothing before it was changed, removed or added. Events are in it as they were
 * written, so that a newer program's export of the same log has the same hashes.
 */
export const exportLog = (store: EventStore): AsyncGenerator<string> =>
  chained(store.readAll(0, { asWritten: true }));

/** Lines of an export, of these events. */
export async function* chained(events: AsyncIterable<AnyEvent>): AsyncGenerator<string> {
  let hash = GENESIS;
  for await (const event of events) {
    const text = JSON.stringify(event);
    hash = link(hash, text);
    yield `{"hash":"${hash}","event":${text}}\n`;
  }
}

export type Verification =
  { sound: true; events: number; hash: string } | { sound: false; line: number; fault: string };

const LINE = /^\{"hash":"([0-9a-f]{64})","event":(.+)\}$/;

/** The hash that a line of an export carries. */
export const hashOfLine = (line: string): string => LINE.exec(line.trimEnd())![1]!;

class Unsound extends Error {
  constructor(
    readonly line: number,
    readonly fault: string,
  ) {
    super(`line ${line} ${fault}`);
  }
}

/** Follows an export line by line. */
class Chain {
  hash = GENESIS;
  events = 0;
  #position = 0;

  /**
   * The event's text, and its position in the log. Throws if the line does not follow from
   * those before it.
   */
  take(line: string): { text: string; position: number } {
    const match = LINE.exec(line);
    if (!match) throw this.#unsound('is not a line of an export');
    const [, hash, text] = match as unknown as [string, string, string];
    this.hash = link(this.hash, text);
    if (this.hash !== hash)
      throw this.#unsound(
        'does not follow from the lines before it: it or one of them was changed, removed or added',
      );
    const position = this.#positionIn(text);
    if (position <= this.#position) throw this.#unsound('is out of order');
    this.#position = position;
    this.events++;
    return { text, position };
  }

  #positionIn(text: string): number {
    try {
      const { position } = JSON.parse(text) as AnyEvent;
      if (Number.isSafeInteger(position)) return position;
    } catch {
      // Falls through to the same fault.
    }
    throw this.#unsound('holds no event with a position');
  }

  #unsound(fault: string): Unsound {
    return new Unsound(this.events + 1, fault);
  }
}

/** The events of a whole export, each with the hash up to it. Throws if it is not sound. */
export function* linesOfExport(
  content: string,
): Generator<{ text: string; position: number; hash: string }> {
  const chain = new Chain();
  for (const line of content.split('\n'))
    if (line !== '') yield { ...chain.take(line), hash: chain.hash };
}

/** Checks an export line by line; `expectedHash` is the last hash as somebody kept it. */
export async function verifyExport(
  input: NodeJS.ReadableStream,
  expectedHash?: string,
): Promise<Verification> {
  const chain = new Chain();
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) chain.take(line);
  } catch (error) {
    if (error instanceof Unsound) return { sound: false, line: error.line, fault: error.fault };
    // A compressed file that is cut off or damaged cannot be read any further.
    if ((error as { code?: string }).code?.startsWith('Z_'))
      return {
        sound: false,
        line: chain.events + 1,
        fault: 'cannot be unpacked: the file is cut off or damaged',
      };
    throw error;
  }
  const { events, hash } = chain;
  if (expectedHash !== undefined && hash !== expectedHash)
    return {
      sound: false,
      line: events + 1,
      fault: 'is missing: the file ends before the hash that was kept',
    };
  return { sound: true, events, hash };
}
