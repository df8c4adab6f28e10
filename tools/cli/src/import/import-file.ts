import { identifyClip } from '@cliptally/contracts';
import type { Row, Sheet } from '@cliptally/spreadsheets';
import { Refused, type ApiClient } from '../api-client.js';
import { CliFailure, EXIT } from '../failure.js';
import type { Output } from '../output.js';
import { launchCampaign } from './campaigns.js';
import { submitAlone, submitBatch } from './clips.js';
import { readFile, type ReadingOptions } from './read-file.js';
import { Tally, type FileReport, type Result } from './report.js';
import { CAMPAIGN_COLUMNS, CLIP_COLUMNS, readCampaign, readClip, type Reading } from './rows.js';

export interface ImportOptions extends ReadingOptions {
  approve: boolean;
  dryRun: boolean;
  now: Date;
  output: Output;
  signal: AbortSignal;
}

const AT_ONCE = 32;
/** While one batch is decided on, the next one is on its way. */
const BATCHES_AT_ONCE = 2;
const BATCH = 200;

/** A row and what is still to be done for it. */
export type Task = Row & { take: () => Promise<Result> };

/**
 * Imports a file of campaigns or of clips, whichever its columns say. A row that is there already
 * changes nothing; a dry run changes nothing at all.
 */
export async function importFile(
  file: string,
  api: ApiClient,
  options: ImportOptions,
): Promise<{ report: FileReport; columns: string[] }> {
  const sheet = await readFile(file, [CLIP_COLUMNS, CAMPAIGN_COLUMNS], options);
  const kind = sheet.kind === CLIP_COLUMNS ? 'clips' : 'campaigns';
  const { approve, dryRun, now, output, signal } = options;
  const tally = new Tally(kind, dryRun, sheet.rows.length, sheet.broken, output);
  const { report } = tally;
  const inLanes = async <T>(
    lanes: number,
    things: readonly T[],
    one: (thing: T) => Promise<void>,
  ) => {
    const queue = things.toReversed();
    const lane = async () => {
      for (let thing = queue.pop(); thing && report.stopped === null; thing = queue.pop()) {
        if (signal.aborted) report.stopped = 'It was interrupted.';
        else
          await one(thing).catch((error: unknown) => {
            if (!(error instanceof CliFailure)) throw error;
            report.stopped ??= error.message;
          });
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  };
  const tasks: Task[] = [];
  if (kind === 'campaigns') {
    const first = new Map(sheet.rows.toReversed().map((row) => [row.values['campaignId'], row]));
    for (const row of sheet.rows)
      tasks.push({
        ...row,
        take: work(
          () =>
            notTwice(row, first.get(row.values['campaignId'])!) ?? readCampaign(row.values, now),
          (request) => launchCampaign(api, request, row.values, dryRun),
        ),
      });
  } else
    await inLanes(BATCHES_AT_ONCE, batchesOf(sheet), async (rows) => {
      const asked = rows.flatMap((row) => {
        const reading = readClip(row.values);
        if ('reason' in reading) tally.take(row, reading);
        return 'reason' in reading ? [] : [{ row, request: reading.request }];
      });
      const { results, alone } = await submitBatch(api, asked, { approve, dryRun });
      for (const [row, result] of results) tally.take(row, result);
      for (const { row, request } of alone)
        tasks.push({
          ...row,
          take: work(
            () => ({ request }),
            () => submitAlone(api, request, { approve, dryRun }),
          ),
        });
    });
  await inLanes(AT_ONCE, tasks, async (task) => tally.take(task, await task.take()));
  return { report: tally.end(), columns: sheet.columns };
}

/** Of two rows of one campaign nobody knows which is right, nor which would come first. */
const notTwice = ({ line, values }: Row, first: Row): { reason: string } | null =>
  line === first.line || values['campaignId'] === undefined
    ? null
    : { reason: `line ${first.line} has the campaign "${values['campaignId']}" as well` };

/**
 * Rows of one clip go in one batch, in their order: of two that want the same, the upper one is
 * first.
 */
function batchesOf({ rows }: Sheet): Row[][] {
  const clips = Map.groupBy(rows, ({ values }) => {
    const clip = identifyClip(values['url'] ?? '');
    return clip.kind === 'clip' ? clip.clipId : values['url'];
  });
  const ordered = [...clips.values()].flat();
  return Array.from({ length: Math.ceil(ordered.length / BATCH) }, (_, i) =>
    ordered.slice(i * BATCH, (i + 1) * BATCH),
  );
}

/**
 * What belongs to a refused row alone is the row's; what stops everything (nobody answers, no
 * access) goes on up.
 */
const work =
  <T>(read: () => Reading<T>, ask: (request: T) => Promise<Result>) =>
  async (): Promise<Result> => {
    const reading = read();
    if ('reason' in reading) return reading;
    try {
      return await ask(reading.request);
    } catch (error) {
      if (error instanceof Refused && error.status === EXIT.refused)
        return { reason: error.message };
      throw error;
    }
  };
