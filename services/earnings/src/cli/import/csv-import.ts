import type { ClipAnswer } from '../../api/answers.js';
import { Refused, type ApiClient } from '../api-client.js';
import { at } from '../context.js';
import { CliFailure, EXIT, wrongUse } from '../failure.js';
import type { Output } from '../output.js';
import { readCsv, type RefusedRow, type Row, type Sheet } from './csv.js';
import { Progress } from './progress.js';
import { CAMPAIGN_COLUMNS, CLIP_COLUMNS, readCampaign, readClip, type ClipRequest, type Reading } from './rows.js';

export interface CsvReport {
  kind: 'campaigns' | 'clips';
  rows: number;
  /** New by this import. */
  added: number;
  /** There already, just as the row says. */
  already: number;
  refused: RefusedRow[];
  /** Why it ended before the last row; the same command goes on from there. */
  stopped: string | null;
}

const AT_ONCE = 32;
type Outcome = 'added' | 'already';

/** Imports a file of campaigns or of clips, whichever its columns say. A row that is there already changes nothing. */
export async function importCsv(
  file: string,
  api: ApiClient,
  { approve, now, output, signal }: { approve: boolean; now: Date; output: Output; signal: AbortSignal },
): Promise<{ report: CsvReport; columns: string[] }> {
  const sheet = await readCsv(file);
  const kind = kindOf(sheet, file);
  const take =
    kind === 'clips'
      ? work(readClip, (request) => clip(api, request, approve))
      : work(
          (values) => readCampaign(values, now),
          (request) => campaign(api, request),
        );
  const report: CsvReport = {
    kind,
    rows: sheet.rows.length + sheet.broken.length,
    added: 0,
    already: 0,
    refused: [...sheet.broken],
    stopped: null,
  };
  const queue = sheet.rows.toReversed();
  const progress = new Progress(sheet.rows.length, 'rows', output);
  const worker = async () => {
    for (let row = queue.pop(); row && report.stopped === null; row = queue.pop()) {
      if (signal.aborted) report.stopped = 'It was interrupted.';
      else await one(row);
    }
  };
  const one = async (row: Row) => {
    try {
      const outcome = await take(row.values);
      if (typeof outcome === 'string') report[outcome]++;
      else report.refused.push({ ...row, reason: outcome.reason });
      progress.add();
    } catch (error) {
      if (!(error instanceof CliFailure)) throw error;
      report.stopped ??= error.message;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  progress.end();
  report.refused.sort((a, b) => a.line - b.line);
  return { report, columns: sheet.columns };
}

function kindOf({ columns }: Sheet, file: string): CsvReport['kind'] {
  const kind = columns.includes('url') ? 'clips' : 'campaigns';
  const { needed, others } = kind === 'clips' ? CLIP_COLUMNS : CAMPAIGN_COLUMNS;
  const missing = needed.filter((column) => !columns.includes(column));
  const known: readonly string[] = [...needed, ...others, 'line', 'reason'];
  const unknown = columns.filter((column) => !known.includes(column));
  if (missing.length > 0) throw wrongUse(`${file} has no column ${missing.join(', ')}: a file of ${kind} needs ${needed.join(', ')}.`);
  if (unknown.length > 0)
    throw wrongUse(
      `${file} has a column ${unknown.map((name) => `"${name}"`).join(', ')} that is not known; a file of ${kind} may have ${known.join(', ')}.`,
    );
  return kind;
}

/** What belongs to a refused row alone is the row's; what stops everything (nobody answers, no access) goes on up. */
const work =
  <T>(read: (values: Row['values']) => Reading<T>, ask: (request: T) => Promise<Outcome>) =>
  async (values: Row['values']): Promise<Outcome | { reason: string }> => {
    const reading = read(values);
    if ('reason' in reading) return reading;
    try {
      return await ask(reading.request);
    } catch (error) {
      if (error instanceof Refused && error.status === EXIT.refused) return { reason: error.message };
      throw error;
    }
  };

async function campaign(api: ApiClient, request: Record<string, unknown>): Promise<Outcome> {
  return exists(api.make('/campaigns', request), 'campaign_exists');
}

async function clip(api: ApiClient, request: ClipRequest, approve: boolean): Promise<Outcome> {
  let outcome: Outcome = 'added';
  let submitted: ClipAnswer;
  try {
    submitted = await api.make<ClipAnswer>('/clips', request);
  } catch (error) {
    const there = error instanceof Refused && error.code === 'clip_already_submitted' ? await own(api, request, error) : null;
    if (!there) throw error;
    [outcome, submitted] = ['already', there];
  }
  const entry = submitted.campaigns?.find(({ campaignId }) => campaignId === request.campaignId);
  // An answer that is not visible yet has no entries: what was submitted just now is pending.
  if (approve && (entry?.status ?? 'PENDING') === 'PENDING')
    await api.make(at`/clips/${submitted.clipId}/approve`, { campaignId: request.campaignId });
  return outcome;
}

/** The clip, where it is in the campaign by this very creator; null where it is another's. */
async function own(api: ApiClient, { campaignId, creatorId }: ClipRequest, refusal: Refused): Promise<ClipAnswer | null> {
  const clipId = /"([^"]+)"/.exec(refusal.message)?.[1];
  if (!clipId) return null;
  const found = await api.get<ClipAnswer>(at`/clips/${clipId}`);
  return found.campaigns.some((entry) => entry.campaignId === campaignId && entry.creatorId === creatorId) ? found : null;
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
