import { Currency } from '@cliptally/contracts';
import { Command, InvalidArgumentError, Option } from 'commander';
import { writeFileSync } from 'node:fs';
import { clockHere } from '../connection.js';
import { whole, type Context } from '../context.js';
import { EXIT, wrongUse } from '../failure.js';
import { table, type Output } from '../output.js';
import { importCsv, type CsvReport } from './csv-import.js';
import { refusedCsv } from './csv.js';

const SHOWN = 20;

/** What the import of the replaced system is asked for. */
export interface LegacyOptions {
  from: string;
  currency: string;
  countFrom: 'zero' | 'approval';
  trackingDays: number;
  /** Other names of columns there, by `table.column`. */
  column: Record<string, string>;
  dryRun?: boolean;
}

/** What the package of that import exports. */
export interface LegacyImport {
  importLegacy: (context: Context, options: LegacyOptions) => Promise<void>;
}

/** By its name: it writes to the log by the rules of money, and this package knows only the API. */
const LEGACY_PACKAGE = '@cliptally/import-legacy';

interface Options extends Omit<LegacyOptions, 'from'> {
  approve?: boolean;
  refused?: string;
  from?: string;
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
      const { from } = options;
      if ((file === undefined) === (from === undefined))
        throw wrongUse('Name a CSV file, or the replaced system with --from postgres://...');
      if (file !== undefined) return csv(context, file, options, command);
      const { importLegacy } = (await import(LEGACY_PACKAGE)) as LegacyImport;
      return importLegacy(context, { ...options, from: from! });
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
  else printReport(report, path, output);
  if (report.stopped) {
    output.note(
      `${report.stopped}\nThe import ended before its last row; the same command goes on from there.`,
    );
    context.exit(EXIT.unavailable);
  } else if (report.refused.length > 0) context.exit(EXIT.refused);
}

function printReport(
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
