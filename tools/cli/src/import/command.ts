import { Currency } from '@cliptally/contracts';
import { Command, InvalidArgumentError, Option } from 'commander';
import { writeFileSync } from 'node:fs';
import { clockHere } from '../connection.js';
import { given, whole, type Context } from '../context.js';
import { EXIT, wrongUse } from '../failure.js';
import { table, type Output } from '../output.js';
import { ENCODINGS } from '@cliptally/spreadsheets';
import { importFile } from './import-file.js';
import type { ReadingOptions } from './read-file.js';
import { refusedCsv } from './refused-rows.js';
import type { FileReport } from './report.js';

const SHOWN = 20;
/** Rows of a dry run that a person reads; a program reads all of them. */
const SHOWN_DRY = 200;

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

interface Options extends Omit<LegacyOptions, 'from'>, ReadingOptions {
  approve?: boolean;
  refused?: string;
  from?: string;
}

export function importCommand(context: Context): Command {
  return new Command('import')
    .description(
      'import campaigns or clips from a CSV or Excel file, or everything from the replaced system; safe to run again',
    )
    .argument(
      '[file]',
      'CSV or .xlsx of campaigns (campaignId, brandId, name, currency, budget, ratePerThousand, ...) or of clips (url, campaignId, creatorId)',
    )
    .option('--approve', 'of a file: approve each clip as well')
    .option(
      '--refused <path>',
      'of a file: where refused rows are written, with line and reason (default: <file>.refused.csv)',
    )
    .addOption(encodingOption())
    .option(...SHEET)
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
    .option('--dry-run', 'show what would come of it, and write nothing; of a file: row by row')
    .action(async (file: string | undefined, options: Options, command: Command) => {
      const { from } = options;
      if ((file === undefined) === (from === undefined))
        throw wrongUse(
          'Name a CSV or Excel file, or the replaced system with --from postgres://...',
        );
      if (file !== undefined) return fromFile(context, file, options, command);
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

/** Of commands that read a file. */
export const encodingOption = (): Option =>
  new Option(
    '--encoding <name>',
    'of a CSV file that is not UTF-8 and does not say what it is',
  ).choices(ENCODINGS);
export const SHEET = [
  '--sheet <name>',
  'of an Excel file: the sheet, if several have rows',
] as const;

async function fromFile(
  context: Context,
  file: string,
  { approve = false, dryRun = false, refused, encoding, sheet }: Options,
  command: Command,
): Promise<void> {
  const { output, signal } = context;
  const { report, columns } = await importFile(file, await context.api(command), {
    ...given({ encoding, sheet }),
    approve,
    dryRun,
    now: clockHere().now(),
    output,
    signal,
  });
  const path = refused ?? `${file.replace(/\.(csv|xlsx)$/i, '')}.refused.csv`;
  if (report.refused.length > 0 && !dryRun)
    writeFileSync(path, refusedCsv(columns, report.refused));
  if (output.json) output.out(JSON.stringify(report, null, 2));
  else printReport(report, path, output);
  if (report.stopped) {
    output.note(
      `${report.stopped}\nThe import ended before its last row; the same command goes on from there.`,
    );
    context.exit(EXIT.unavailable);
  } else if (report.refused.length > 0) context.exit(EXIT.refused);
}

function printReport(report: FileReport, path: string, { out }: Output): void {
  const { kind, dryRun, rows, added, already, rejected, waiting, unfollowed, refused } = report;
  const would = dryRun ? 'would be ' : '';
  out(`${rows} ${kind}: ${added} ${would}added, ${already} there already, ${refused.length} ${would}refused.`); // prettier-ignore
  if (rejected > 0) out(`${rejected} were rejected before, and stay so.`);
  if (waiting > 0)
    out(
      `${waiting} wait: their short links cannot be followed just now, and are tried again; see clip list.`,
    );
  if (unfollowed > 0) out(`${unfollowed} are short links, which only the import itself follows.`);
  if (dryRun) return printLines(report.lines!, out);
  if (refused.length === 0) return;
  out(`\n${table(refused.slice(0, SHOWN), [['LINE', (row) => row.line], ['REASON', (row) => row.reason]])}`); // prettier-ignore
  if (refused.length > SHOWN) out(`... and ${refused.length - SHOWN} more.`);
  out(`\nThe refused rows are in ${path}: mend them there and import that file.`);
}

function printLines(lines: NonNullable<FileReport['lines']>, out: Output['out']): void {
  const shown = lines.slice(0, SHOWN_DRY);
  if (shown.length > 0)
    out(
      `\n${table(shown, [
        ['LINE', (row) => row.line],
        ['OUTCOME', (row) => row.outcome],
        ['REASON', (row) => row.reason],
      ])}`,
    );
  if (lines.length > SHOWN_DRY)
    out(`... and ${lines.length - SHOWN_DRY} more; --json has them all.`);
  out('\nNothing was written: it was a dry run.');
}
