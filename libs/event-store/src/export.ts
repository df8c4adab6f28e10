import type { AnyEvent } from '@cliptally/contracts';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { EventStore } from './port.js';

/** Hash before the first line. */
const GENESIS = '0'.repeat(64);

/** SHA-256 over the hash before and the event's exact text: a change anywhere changes every hash after it. */
const link = (previous: string, text: string): string => createHash('sha256').update(previous).update('\n').update(text).digest('hex');

/**
 * The whole log as JSON Lines, `{"hash":...,"event":{...}}`, in order. Who keeps the last hash can prove later that nothing before it
 * was changed, removed or added. Events stand in it as they were written, so that a newer program's export of the same log has the same hashes.
 */
export async function* exportLog(store: EventStore): AsyncGenerator<string> {
  let hash = GENESIS;
  for await (const event of store.readAll(0, { asWritten: true })) {
    const text = JSON.stringify(event);
    hash = link(hash, text);
    yield `{"hash":"${hash}","event":${text}}\n`;
  }
}

export type Verification = { sound: true; events: number; hash: string } | { sound: false; line: number; fault: string };

const LINE = /^\{"hash":"([0-9a-f]{64})","event":(.+)\}$/;

/** Checks an export line by line; `expectedHash` is the last hash as somebody kept it. */
export async function verifyExport(input: NodeJS.ReadableStream, expectedHash?: string): Promise<Verification> {
  let hash = GENESIS;
  let events = 0;
  let position = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    const line = events + 1;
    const match = LINE.exec(text);
    if (!match) return { sound: false, line, fault: 'is not a line of an export' };
    hash = link(hash, match[2]!);
    if (hash !== match[1])
      return { sound: false, line, fault: 'does not follow from the lines before it: it or one of them was changed, removed or added' };
    const event = JSON.parse(match[2]!) as AnyEvent;
    if (event.position <= position) return { sound: false, line, fault: 'is out of order' };
    position = event.position;
    events++;
  }
  if (expectedHash !== undefined && hash !== expectedHash)
    return { sound: false, line: events + 1, fault: 'is missing: the file ends before the hash that was kept' };
  return { sound: true, events, hash };
}
