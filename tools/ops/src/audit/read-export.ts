import { UsageError } from '@cliptally/telemetry';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { RawEvent } from './events.js';

/**
 * The events of an export of the log, JSON Lines of `{"hash":...,"event":{...}}`, gzipped if its
 * name ends in .gz. Throws at a line that is none.
 */
export async function* readExport(file: string): AsyncGenerator<RawEvent> {
  const input = createReadStream(file);
  const text = file.endsWith('.gz') ? input.pipe(createGunzip()) : input;
  // A stream that fails before it is piped would end the text without a word.
  input.on('error', (error) => text.destroy(error));
  let nth = 0;
  for await (const line of createInterface({ input: text, crlfDelay: Infinity })) {
    nth++;
    if (line === '') continue;
    const event = parsed(line);
    if (!event)
      throw new UsageError(
        `Line ${nth} of ${file} is not a line of an export: make it with npm run events -- export FILE.`,
      );
    yield event;
  }
}

function parsed(line: string): RawEvent | null {
  try {
    const { event } = JSON.parse(line) as { event?: RawEvent };
    return typeof event === 'object' &&
      typeof event.type === 'string' &&
      typeof event.data === 'object'
      ? event
      : null;
  } catch {
    return null;
  }
}
