import { Currency } from '@cliptally/contracts';
import { openEventStore } from '@cliptally/event-store';
import { fields, readConfiguration } from '@cliptally/telemetry';
import { Command, InvalidArgumentError, Option } from 'commander';
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { clockHere, runningWorld } from '../connection.js';
import { whole, type Context } from '../context.js';
import { CliFailure, EXIT, wrongUse } from '../failure.js';
import { table, type Output } from '../output.js';
import { importCsv, type CsvReport } from './csv-import.js';
import { refusedCsv } from './csv.js';
import type { Terms } from './old-system/events.js';
import { importOldSystem } from './old-system/import.js';
import { showReport } from './old-system/show.js';

const SHOWN = 20;

interface Options {
  approve?: boolean;
  refused?: string;
  from?: string;
  currency: string;
  countFrom: Terms['countFrom'];
  trackingDays: number;
  column: Record<string, string>;
  dryRun?: boolean;
}

export function importCommand(context: Context): Command {
  return new Command('import')
    .description(
      'import campaigns or clips from a CSV file, or everything from the replaced system; safe to run again',
    )
    .argument(
      '[file]',
      'CSV of campaigns (campaignId, brandId, name, currency, budget, ratePerThousand, ...) or of clips (url, campaignId, creatorId)',
    )
    .option('--approve', 'of a file: approve each clip as well')
    .option(
      '--refused <path>',
      'of a file: where refused rows are written, with line and reason (default: <file>.refused.csv)',
    )
    .option(
      '--from <url>',
      'the replaced system: its PostgreSQL, for example postgres://user:password@host:5432/app',
    )
    .addOption(
      new Option('--currency <code>', 'with --from: what its amounts are in')
        .default('USD')
        .argParser(currency),
    )
    .addOption(
      new Option('--count-from <what>', 'with --from: whether views before the approval count')
        .choices(['zero', 'approval'])
        .default('approval'),
    )
    .option(
      '--tracking-days <n>',
      'with --from: days from approval during which views count',
      whole,
      3650,
    )
    .option(
      '--column <table.column=name>',
      'with --from: a column that has another name there (may be repeated)',
      column,
      {},
    )
    .option('--dry-run', 'with --from: show what would come of it, and write nothing')
    .action(async (file: string | undefined, options: Options, command: Command) => {
      if ((file === undefined) === (options.from === undefined))
        throw wrongUse('Name a CSV file, or the replaced system with --from postgres://...');
      if (file === undefined) await oldSystem(context, options);
      else await csv(context, file, options, command);
    });
}

const currency = (text: string): string => {
  if (!Currency.safeParse(text).success)
    throw new InvalidArgumentError(`${text} is not a currency we pay in.`);
  return text;
};

function column(text: string, names: Record<string, string>): Record<string, string> {
  const match = /^(\w+\.\w+)=(\w+)$/.exec(text);
  if (!match) throw new InvalidArgumentError('Write it like campaigns.cpm=payoutRate.');
  return { ...names, [match[1]!]: match[2]! };
}

async function csv(
  context: Context,
  file: string,
  { approve = false, refused }: Options,
  command: Command,
): Promise<void> {
  const { output, signal } = context;
  const { report, columns } = await importCsv(file, await context.api(command), {
    approve,
    now: clockHere().now(),
    output,
    signal,
  });
  const path = refused ?? `${file.replace(/\.csv$/i, '')}.refused.csv`;
  if (report.refused.length > 0) writeFileSync(path, refusedCsv(columns, report.refused));
  if (output.json) output.out(JSON.stringify(report, null, 2));
  else tell(report, path, output);
  if (report.stopped) {
    output.note(
      `${report.stopped}\nThe import ended before its last row; the same command goes on from there.`,
    );
    context.exit(EXIT.unavailable);
  } else if (report.refused.length > 0) context.exit(EXIT.refused);
}

function tell(
  { kind, rows, added, already, waiting, refused }: CsvReport,
  path: string,
  { out }: Output,
): void {
  out(`${rows} ${kind}: ${added} added, ${already} there already, ${refused.length} refused.`);
  if (waiting > 0)
    out(
      `${waiting} wait: their short links cannot be followed just now, and are tried again; see clip list.`,
    );
  if (refused.length === 0) return;
  out(`\n${table(refused.slice(0, SHOWN), [['LINE', (row) => row.line], ['REASON', (row) => row.reason]])}`); // prettier-ignore
  if (refused.length > SHOWN) out(`... and ${refused.length - SHOWN} more.`);
  out(`\nThe refused rows are in ${path}: mend them there and import that file.`);
}

const LogVariables = z.object({
  DATABASE_URL: fields.databaseUrl().optional(),
  ...fields.eventStore(),
});

/** Straight into the log, since the API would say that everything happened now. */
async function oldSystem(
  { env, output, signal }: Context,
  { from, currency, countFrom, trackingDays, column, dryRun = false }: Options,
): Promise<void> {
  const { DATABASE_URL, EVENT_STORE, KURRENTDB_URL } = readConfiguration(LogVariables, env);
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
  });
  try {
    const terms = { currency, countFrom, trackingDays };
    const report = await importOldSystem({
      from: from!,
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
