import type { ClipAnswer, ClipBatchAnswer, ShortLinkAnswer } from '@cliptally/contracts/api';
import { Refused, type ApiClient } from '../api-client.js';
import { at } from '../context.js';
import { CliFailure, EXIT, wrongUse } from '../failure.js';
import type { Output } from '../output.js';
import { readCsv, type RefusedRow, type Row, type Sheet } from './csv.js';
import { Progress } from './progress.js';
import {
  CAMPAIGN_COLUMNS,
  CLIP_COLUMNS,
  readCampaign,
  readClip,
  type ClipRequest,
  type Reading,
} from './rows.js';

export interface CsvReport {
  kind: 'campaigns' | 'clips';
  rows: number;
  /** New by this import. */
  added: number;
  /** There already, just as the row says. */
  already: number;
  /**
   * Short links that cannot be followed just now: the API tries them again by itself, for a day.
   */
  waiting: number;
  refused: RefusedRow[];
  /** Why it ended before the last row; the same command goes on from there. */
  stopped: string | null;
}

const AT_ONCE = 32;
/** While one batch is decided on, the next one is on its way. */
const BATCHES_AT_ONCE = 2;
const BATCH = 200;
/** Refusals of a row in a batch that it does not get where it is submitted alone. */
const ALONE = ['busy', 'short_link'];

type Outcome = 'added' | 'already' | 'waiting';
type Result = Outcome | { reason: string };
/** A row and what is still to be done for it. */
type Task = Row & { take: () => Promise<Result> };

/**
 * Imports a file of campaigns or of clips, whichever its columns say. A row that is there already
 * changes nothing.
 */
export async function importCsv(
  file: string,
  api: ApiClient,
  {
    approve,
    now,
    output,
    signal,
  }: { approve: boolean; now: Date; output: Output; signal: AbortSignal },
): Promise<{ report: CsvReport; columns: string[] }> {
  const sheet = await readCsv(file);
  const kind = kindOf(sheet, file);
  const report: CsvReport = {
    kind,
    rows: sheet.rows.length + sheet.broken.length,
    added: 0,
    already: 0,
    waiting: 0,
    refused: [...sheet.broken],
    stopped: null,
  };
  const progress = new Progress(sheet.rows.length, 'rows', output);
  const take = ({ line, values }: Row, result: Result) => {
    if (typeof result === 'string') report[result]++;
    else report.refused.push({ line, values, reason: result.reason });
    progress.add();
  };
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
  if (kind === 'campaigns')
    for (const row of sheet.rows)
      tasks.push({ ...row, take: work(() => readCampaign(row.values, now), (request) => campaign(api, request)) }); // prettier-ignore
  else
    await inLanes(BATCHES_AT_ONCE, chunks(sheet.rows, BATCH), async (rows) => {
      tasks.push(...(await batch(api, rows, approve, take)));
    });
  await inLanes(AT_ONCE, tasks, async (task) => take(task, await task.take()));
  progress.end();
  report.refused.sort((a, b) => a.line - b.line);
  return { report, columns: sheet.columns };
}

const chunks = <T>(things: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(things.length / size) }, (_, i) =>
    things.slice(i * size, (i + 1) * size),
  );

/** Submits the rows in one request. Gives those that have to be submitted alone. */
async function batch(
  api: ApiClient,
  rows: readonly Row[],
  approve: boolean,
  take: (row: Row, result: Result) => void,
): Promise<Task[]> {
  const asked: { row: Row; request: ClipRequest }[] = [];
  for (const row of rows) {
    const reading = readClip(row.values);
    if ('reason' in reading) take(row, reading);
    else asked.push({ row, request: reading.request });
  }
  if (asked.length === 0) return [];
  const alone = ({ row, request }: (typeof asked)[number]): Task => ({ ...row, take: work(() => ({ request }), () => clip(api, request, approve)) }); // prettier-ignore
  let answer: ClipBatchAnswer;
  try {
    answer = await api.make<ClipBatchAnswer>('/clips/batch', {
      approve,
      clips: asked.map(({ request }) => request),
    });
  } catch (error) {
    // One row that cannot even be read, a body that is too large, or a caller that may submit its
    // own only: none was taken.
    if (error instanceof Refused && (error.status === EXIT.refused || error.httpStatus === 403))
      return asked.map(alone);
    throw error;
  }
  return asked.flatMap((one, i): Task[] => {
    const { outcome, code, detail } = answer.clips[i]!;
    if (code !== null && ALONE.includes(code)) return [alone(one)];
    take(one.row, code === null && outcome !== 'refused' ? outcome : { reason: detail! });
    return [];
  });
}

function kindOf({ columns }: Sheet, file: string): CsvReport['kind'] {
  const kind = columns.includes('url') ? 'clips' : 'campaigns';
  const { needed, others } = kind === 'clips' ? CLIP_COLUMNS : CAMPAIGN_COLUMNS;
  const missing = needed.filter((column) => !columns.includes(column));
  const known: readonly string[] = [...needed, ...others, 'line', 'reason'];
  const unknown = columns.filter((column) => !known.includes(column));
  if (missing.length > 0)
    throw wrongUse(
      `${file} has no column ${missing.join(', ')}: a file of ${kind} needs ${needed.join(', ')}.`,
    );
  if (unknown.length > 0)
    throw wrongUse(
      `${file} has a column ${unknown.map((name) => `"${name}"`).join(', ')} that is not known; a file of ${kind} may have ${known.join(', ')}.`,
    );
  return kind;
}

/**
 * What belongs to a refused row alone is the row's; what stops everything (nobody answers, no
 * access) goes on up.
 */
const work =
  <T>(read: () => Reading<T>, ask: (request: T) => Promise<Outcome>) =>
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

async function campaign(api: ApiClient, request: Record<string, unknown>): Promise<Outcome> {
  return exists(api.make('/campaigns', request), 'campaign_exists');
}

async function clip(api: ApiClient, request: ClipRequest, approve: boolean): Promise<Outcome> {
  let outcome: Outcome = 'added';
  let submitted: ClipAnswer | ShortLinkAnswer;
  try {
    submitted = await api.make('/clips', request);
  } catch (error) {
    if (error instanceof Refused && error.code === 'link_pending') return 'waiting';
    const there =
      error instanceof Refused && error.code === 'clip_already_submitted'
        ? await own(api, request, error)
        : null;
    if (!there) throw error;
    [outcome, submitted] = ['already', there];
  }
  if ('linkId' in submitted) return 'waiting';
  const entry = submitted.campaigns?.find(({ campaignId }) => campaignId === request.campaignId);
  // An answer that is not visible yet has no entries: what was submitted just now is pending.
  return approve && (entry?.status ?? 'PENDING') === 'PENDING'
    ? approved(api, submitted.clipId, request, outcome)
    : outcome;
}

async function approved(
  api: ApiClient,
  clipId: string,
  { campaignId }: ClipRequest,
  outcome: Outcome,
): Promise<Outcome> {
  await api.make(at`/clips/${clipId}/approve`, { campaignId });
  return outcome;
}

/** The clip, where it is in the campaign by this very creator; null where it is another's. */
async function own(
  api: ApiClient,
  { campaignId, creatorId }: ClipRequest,
  refusal: Refused,
): Promise<ClipAnswer | null> {
  const clipId = /"([^"]+)"/.exec(refusal.message)?.[1];
  if (!clipId) return null;
  const found = await api.get<ClipAnswer>(at`/clips/${clipId}`);
  return found.campaigns.some(
    (entry) => entry.campaignId === campaignId && entry.creatorId === creatorId,
  )
    ? found
    : null;
}

async function exists(asked: Promise<unknown>, code: string): Promise<Outcome> {
  try {
    await asked;
    return 'added';
  } catch (error) {
    if (error instanceof Refused && error.code === code) return 'already';
    throw error;
  }
}
