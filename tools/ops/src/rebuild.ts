import { printable } from '@cliptally/contracts';
import { openPool, type EventStore } from '@cliptally/event-store';
import { NotTheFollower, rebuildProjection, type RebuildProgress } from '@cliptally/messaging';
import { UsageError } from '@cliptally/telemetry';
import { openLog, type OpenDatabase } from './connection.js';
import { projectionOf } from './projections.js';
import { listOf } from './skips.js';

/**
 * One line that is written over: share, events, rate, time left. A rebuild that goes on counts time
 * from where it went on.
 */
function progressBar(): (progress: RebuildProgress) => void {
  const began = performance.now();
  let shown = 0;
  return ({ started, position, head, events }) => {
    const now = performance.now();
    if (shown === 0 && started > 0)
      process.stderr.write(
        `An earlier rebuild was stopped; it goes on from position ${started}.\n`,
      );
    if (now - shown < 100 && position < head) return;
    shown = now;
    const share = head === 0 ? 1 : position / head;
    const seconds = (now - began) / 1000;
    const left = position > started ? (seconds * (head - position)) / (position - started) : 0;
    const bar = '#'.repeat(Math.round(share * 30)).padEnd(30, '.');
    process.stderr.write(
      `\r[${bar}] ${(share * 100).toFixed(0).padStart(3)} %  ${events} events  ${Math.round(events / seconds)}/s  ${left.toFixed(0)} s left   `,
    );
  };
}

/** Builds a projection anew beside the live one, then swaps it in. Gives the exit status. */
export async function rebuild(
  [name, ...rest]: string[],
  openDatabase: OpenDatabase,
): Promise<number> {
  const projection = await projectionOf(
    rest.length > 0 ? undefined : name,
    'npm run rebuild -- <projection>',
  );
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () =>
      stop.abort(new UsageError('Stopped; the same command goes on from here.')),
    );
  const database = await openDatabase();
  const pool = openPool(database.url, 'rebuild', 4);
  let store: EventStore | undefined;
  try {
    store = await openLog(database.url);
    const { position, events, live, skipped, compared, differences, reshaped } =
      await rebuildProjection(projection, pool, store, progressBar(), stop.signal);
    process.stderr.write('\n');
    const different = Object.entries(differences).map(([table, rows]) => `${table}: ${rows}`);
    process.stdout.write(
      `${projection.name} is rebuilt up to position ${position} from ${events} events and swapped in.\n`,
    );
    if (skipped.length > 0)
      process.stdout.write(printable(`${listOf(projection.name, skipped)}\n`));
    const rest =
      reshaped.length === 0 ? '' : ` Of another form, and not compared: ${reshaped.join(', ')}.`;
    if (!compared) {
      process.stdout.write(
        `It could not be compared: the one it replaces had only reached position ${live}. If its service is at work, run this again.\n`,
      );
      return 0;
    }
    process.stdout.write(
      different.length === 0
        ? `It equals the one it replaces, row for row.${rest}\n`
        : `Rows that differed from the one it replaces: ${different.join(', ')}.${rest}\n`,
    );
    return 0;
  } catch (error) {
    // Below the bar.
    process.stderr.write('\n');
    if (error instanceof NotTheFollower)
      throw new UsageError(
        `Another rebuild of ${projection.name} is at work: wait for its end, or stop it and run this one again.`,
      );
    throw error;
  } finally {
    await store?.close();
    await pool.end();
    await database.close();
  }
}
