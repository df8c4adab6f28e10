import {
  CliFailure,
  EXIT,
  clockHere,
  runningWorld,
  type Context,
  type LegacyOptions,
} from '@cliptally/cli';
import { openEventStore } from '@cliptally/event-store';
import { fields, personalDataKeys, readConfiguration } from '@cliptally/telemetry';
import { z } from 'zod';
import { importOldSystem } from './import.js';
import { showReport } from './show.js';

export type { OldSystemReport } from './import.js';
export { REASONS } from './reconciliation.js';

const LogVariables = z.object({
  DATABASE_URL: fields.databaseUrl().optional(),
  ...fields.eventStore(),
  ...personalDataKeys.variables,
});

/** Straight into the log, since the API would say that everything happened now. */
export async function importLegacy(
  { env, output, signal }: Context,
  { from, currency, countFrom, trackingDays, column, dryRun = false }: LegacyOptions,
): Promise<void> {
  const c = readConfiguration(LogVariables, env);
  const { DATABASE_URL, EVENT_STORE, KURRENTDB_URL } = c;
  const databaseUrl = DATABASE_URL ?? runningWorld()?.databaseUrl;
  if (!databaseUrl)
    throw new CliFailure(
      EXIT.unavailable,
      'No log is known here: run npm start in this folder, or set DATABASE_URL.',
    );
  const store = await openEventStore({
    databaseUrl,
    eventStore: EVENT_STORE,
    kurrentdbUrl: KURRENTDB_URL,
    connections: 2,
    personalKeys: personalDataKeys.read(c, env),
  });
  try {
    const terms = { currency, countFrom, trackingDays };
    const report = await importOldSystem({
      from,
      columns: column,
      terms,
      dryRun,
      store,
      clock: clockHere(),
      output,
      signal,
    });
    if (output.json) output.out(JSON.stringify(report, null, 2));
    else showReport(report, dryRun, output);
  } finally {
    await store.close();
  }
}
