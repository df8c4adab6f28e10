import { printable } from '@cliptally/contracts';
import { openPool, type EventStore } from '@cliptally/event-store';
import { reviewSkip, skipEvent, skipsOf, type Skip, type SkipWords } from '@cliptally/messaging';
import { UsageError } from '@cliptally/telemetry';
import { parseArgs } from 'node:util';
import { projectionOf } from './projections.js';

export const SKIP_USAGE = `skip PROJECTION POSITION --reason TEXT [--by NAME]
                    has a projection leave out the event that it is halted at; EventsSkipped alerts until somebody reviews it
  review PROJECTION POSITION --reason TEXT [--by NAME] [--take-back]
                    says that such a skip stays for good, or takes it back: run npm run rebuild then
  skipped PROJECTION what a projection leaves out`;

/** How many arguments these commands take, least and most. */
export const SKIP_TAKES: Record<string, [number, number]> = {
  skip: [4, 6],
  review: [4, 7],
  skipped: [1, 1],
};

const OPTIONS = {
  reason: { type: 'string' },
  by: { type: 'string', default: 'operator' },
  'take-back': { type: 'boolean', default: false },
} as const;

interface Asked extends SkipWords {
  name: string;
  takeBack: boolean;
}

/** Has projections skip events, or reviews and lists what they skip. */
export async function skips(
  command: string,
  given: string[],
  store: EventStore,
  url: string,
): Promise<void> {
  if (command === 'skipped') {
    const projection = await projectionOf(given[0], 'npm run events -- skipped <projection>');
    say(listOf(projection.name, [...(await skipsOf(projection, store)).values()]));
    return;
  }
  const { name, takeBack, ...words } = askedIn(command, given);
  const projection = await projectionOf(name, `npm run events -- ${command} <projection>`);
  if (command === 'review') {
    await reviewSkip(projection, store, takeBack ? 'taken_back' : 'stays', words);
    say(
      takeBack
        ? `The skip at position ${words.position} is taken back. Run npm run rebuild -- ${name} with a version that can apply the event: until then it is missing in the tables.`
        : `The skip at position ${words.position} stays, and its alert ends.`,
    );
    return;
  }
  const pool = openPool(url, 'skip', 1);
  try {
    const { position, type } = await skipEvent(projection, pool, store, words);
    say(
      `The projection ${name} skips the event at position ${position} (${type}) from now on, and goes on within half a minute. EventsSkipped alerts until you review it: npm run events -- review ${name} ${position} --reason TEXT`,
    );
  } finally {
    await pool.end();
  }
}

/** What is left out, a line each; one sentence if there is nothing. */
export const listOf = (projection: string, left: readonly Skip[]): string =>
  left.length === 0
    ? `The projection ${projection} skips nothing.`
    : left
        .map(
          ({ position, type, reason, by, reviewed }) =>
            `The projection ${projection} skips the event at position ${position} (${type}), as ${by} decided: ${reason} (${reviewed ? 'reviewed' : 'not reviewed yet'})`,
        )
        .join('\n');

const say = (text: string) => void process.stdout.write(printable(`${text}\n`));

function askedIn(command: string, args: string[]): Asked {
  const usage = `npm run events -- ${command} PROJECTION POSITION --reason TEXT`;
  let parsed;
  try {
    parsed = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message} ${usage}`);
  }
  const [name = '', at = '', ...more] = parsed.positionals;
  const { reason = '', by, 'take-back': takeBack } = parsed.values;
  if (more.length > 0 || (takeBack && command === 'skip')) throw new UsageError(usage);
  if (!/^[1-9]\d{0,15}$/.test(at))
    throw new UsageError(`POSITION must be the whole number that /readyz names. ${usage}`);
  for (const [field, text, most] of [
    ['reason', reason, 500],
    ['by', by, 100],
  ] as const)
    // prettier-ignore
    if (text.trim() === '' || text.length > most)
      throw new UsageError(`--${field} must have 1 to ${most} characters. ${usage}`);
  return { name, position: Number(at), reason, by, at: new Date(), takeBack };
}
