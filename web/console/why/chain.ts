import type { LogEvent } from './log-event.js';

export interface Chain {
  events: LogEvent[];
  /** The hash over all of them; null if this browser cannot compute it. */
  head: string | null;
  /** The first line, from 1, that does not follow from those before it. */
  broken: number | null;
}

const LINE = /^\{"hash":"([0-9a-f]{64})","event":(.+)\}$/;

/**
 * Reads an export: JSON Lines, each with the SHA-256 of the hash before and its event's text.
 * Throws if a line is none of an export.
 */
export async function readChain(text: string): Promise<Chain> {
  const lines = text.split('\n').filter((line) => line !== '');
  const events: LogEvent[] = [];
  let head = '0'.repeat(64);
  let broken: number | null = null;
  for (const [nth, line] of lines.entries()) {
    const [, hash, event] = LINE.exec(line) ?? [];
    if (hash === undefined || event === undefined)
      throw new Error(`Line ${nth + 1} of the exported events cannot be read.`);
    events.push(JSON.parse(event) as LogEvent);
    // Browsers compute hashes on https and on this machine alone.
    if (!globalThis.crypto.subtle) continue;
    head = await sha256(`${head}\n${event}`);
    if (head !== hash) broken ??= nth + 1;
  }
  return { events, head: globalThis.crypto.subtle ? head : null, broken };
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
