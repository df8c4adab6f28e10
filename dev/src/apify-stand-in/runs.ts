import { videoIdFrom } from '@cliptally/contracts';
import type { Actor, Asked, Row } from './actors.js';
import { ERROR_ROWS, OTHER_URL, ROW_FIELDS, rowOf } from './actors.js';
import { apifyId, draw } from './chance.js';
import type { ViewCurves } from './curves.js';
import { ApiError } from './errors.js';
import { strikesRow, type RowFault, type RunFault } from './faults.js';

export interface RunOptions {
  timeoutSecs: number;
  memoryMbytes: number;
  maxItems: number | null;
  /** Millionths of a US dollar. */
  maxChargeMicroUsd: number | null;
}

/** Whom to tell of the end of a run. */
export interface Webhook {
  eventTypes: string[];
  requestUrl: string;
  payloadTemplate?: string | undefined;
  headersTemplate?: string | undefined;
  doNotRetry?: boolean | undefined;
}

/**
 * All that a run follows from; it is written down when the run starts, and the run can be worked
 * out again from it.
 */
export interface RunSeed {
  /** Counts the runs of the account from 1. */
  no: number;
  id: string;
  actor: string;
  input: unknown;
  options: RunOptions;
  startedAt: number;
  /** What was left of the month's money, in millionths of a US dollar. */
  leftMicroUsd: number;
  webhooks: Webhook[];
  faults: (RunFault | RowFault)[];
  abortedAt?: number;
}

export type RunStatus =
  | 'READY'
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'TIMING-OUT'
  | 'TIMED-OUT'
  | 'ABORTING'
  | 'ABORTED';

interface Plan {
  /** In the order they are written to the dataset, each at its instant. */
  items: { at: number; row: Row }[];
  /**
   * When the work ends, and when the run does: what is stopped from outside needs a moment more.
   */
  stopAt: number;
  endAt: number;
  ends: 'SUCCEEDED' | 'FAILED' | 'TIMED-OUT' | 'ABORTED';
  message: string;
}

export interface Run extends RunSeed {
  price: Actor['price'];
  actorId: string;
  plan: Plan;
}

const READY_MS = 1_000;
const STOPPING_MS = 1_000;

/**
 * What a run will do, from its start to its end, on the simulated clock: a start-up of 8 to 11 s,
 * then less than a second a video, each scraped in its moment. A run is never carried out;
 * an answer says what has happened of it so far.
 */
export function planRun(seed: RunSeed, actor: Actor, curves: ViewCurves, chance: string): Run {
  const asked = videosOf(actor, seed.input).sort(
    (a, b) => draw(chance, seed.no, a.url) - draw(chance, seed.no, b.url),
  );
  const end = seed.faults.find((f) => f.kind === 'run');
  const scraped = end ? asked.slice(0, Math.floor(asked.length * end.keep)) : asked;
  const { maxItems, maxChargeMicroUsd, timeoutSecs } = seed.options;
  const money =
    Math.min(maxChargeMicroUsd ?? Infinity, seed.leftMicroUsd) - actor.price.startMicroUsd;
  // A month whose money has run out gives a run that succeeds and is empty: so it was seen.
  const most = Math.min(maxItems ?? Infinity, Math.floor(money / actor.price.resultMicroUsd));

  const items: Plan['items'] = [];
  let at = seed.startedAt + 8_000 + 3_000 * draw(chance, seed.no, 'start-up');
  let full = false;
  for (const video of scraped) {
    at += 150 + 800 * draw(chance, seed.no, video.url, 'time');
    for (const row of rowsFor(video, actor, curves, new Date(at), seed, chance)) {
      if (items.length + 1 <= most) items.push({ at: Math.floor(at), row });
      else full = true;
    }
    if (full) break;
  }

  const timeout = seed.startedAt + timeoutSecs * 1000;
  const run = { ...seed, price: actor.price, actorId: actor.id };
  const plan = (ends: Plan['ends'], stopAt: number, message: string): Run => {
    const stopped = ends === 'TIMED-OUT' || ends === 'ABORTED';
    return {
      ...run,
      plan: {
        items,
        ends,
        message,
        stopAt: Math.floor(stopAt),
        endAt: Math.floor(stopAt) + (stopped ? STOPPING_MS : 0),
      },
    };
  };
  if (end?.ends === 'TIMED-OUT' || (at > timeout && end?.ends !== 'NEVER'))
    return plan(
      'TIMED-OUT',
      timeout,
      `The Actor run has exceeded the timeout of ${timeoutSecs} seconds`,
    );
  if (end?.ends === 'FAILED')
    return plan('FAILED', at, 'The Actor process failed with exit code 1');
  if (end?.ends === 'NEVER') return plan('SUCCEEDED', Infinity, '');
  if (end?.ends === 'ABORTED') return plan('ABORTED', at, 'The Actor run was aborted');
  return plan(
    'SUCCEEDED',
    at,
    full ? 'The Actor run reached its limit of items or of cost' : 'Finished successfully',
  );
}

/** The videos of an input, each address once, as a request queue keeps them. */
export function videosOf(actor: Actor, input: unknown): Asked[] {
  const list = (input as Record<string, unknown> | null)?.[actor.field];
  if (!Array.isArray(list) || list.length === 0)
    throw new ApiError(
      400,
      'invalid-input',
      `Input is not valid: Field input.${actor.field} is required`,
    );
  const urls = list.map((entry: unknown) =>
    actor.lists === 'objects' ? (entry as { url?: unknown } | null)?.url : entry,
  );
  const bad = urls.findIndex((url) => typeof url !== 'string' || url === '');
  const expected = actor.lists === 'objects' ? 'an object with a "url"' : 'a string';
  if (bad >= 0)
    throw new ApiError(
      400,
      'invalid-input',
      `Input is not valid: Item ${bad} of input.${actor.field} must be ${expected}`,
    );
  return [...new Set(urls as string[])].map((url) => ({
    url,
    videoId: videoIdFrom(actor.platform, url),
  }));
}

function rowsFor(
  video: Asked,
  { platform }: Actor,
  curves: ViewCurves,
  at: Date,
  seed: RunSeed,
  chance: string,
): Row[] {
  if (seed.faults.some((f) => f.kind === 'empty')) return [];
  if (seed.faults.some((f) => f.kind === 'no-results')) return [{ noResults: true }];
  const struck = seed.faults
    .filter((f) => f.kind === 'row')
    .filter((f) => strikesRow(f, chance, seed.no, video.videoId ?? video.url));
  const faulty = (does: RowFault['does']) => struck.find((f) => f.does === does);
  if (faulty('missing')) return [];
  // The row of a video that nobody has asked for, in place of this one's.
  if (faulty('another-clip') && video.videoId !== null) {
    const videoId = strangerOf(video.videoId);
    video = { videoId, url: video.url.replace(video.videoId, videoId) };
  }

  const counts = video.videoId === null ? null : curves.at(platform, video.videoId, at);
  const error = faulty('error')?.error ?? (counts ? null : 'not_found');
  const names = ROW_FIELDS[platform];
  let row: Row | null;
  if (error || !counts || video.videoId === null) {
    row = ERROR_ROWS[platform](video.url, error ?? 'not_found');
  } else {
    row = rowOf(platform, video, video.videoId, counts);
    if (faulty('other-url')) {
      row[names.url] = OTHER_URL[platform](video.videoId);
      for (const echo of names.echoes) delete row[echo];
    }
    const fields = (fault: RowFault | undefined) =>
      !fault ? [] : fault.field ? [fault.field] : names.views;
    for (const field of fields(faulty('view-as-text')))
      if (field in row) row[field] = String(row[field]);
    const odd = faulty('odd-view');
    for (const field of fields(odd)) if (field in row) row[field] = odd!.value ?? null;
    for (const field of fields(faulty('no-view'))) delete row[field];
    // As another actor shows it: its numbers stand in an object of their own.
    if (faulty('nested')) row = { id: row['id'], [names.url]: row[names.url], stats: row };
    if (faulty('huge')) row['videoTranscript'] = 'x'.repeat(1_000_000);
  }
  if (!row) return [];
  if (faulty('not-a-row'))
    return ['<html>Too many requests</html>' as unknown as Row, null as unknown as Row];
  return faulty('duplicate') ? [row, row] : [row];
}

/** An id that its platform might give as well. */
const strangerOf = (videoId: string): string =>
  videoId.slice(0, -1) + (videoId.endsWith('1') ? '2' : '1');

/** A run that is stopped from outside now. One that has ended stays as it is. */
export function aborted(run: Run, now: number): Run {
  if (now >= run.plan.stopAt) return run;
  return {
    ...run,
    abortedAt: now,
    plan: {
      ...run.plan,
      ends: 'ABORTED',
      stopAt: now,
      endAt: now + STOPPING_MS,
      message: 'The Actor run was aborted',
    },
  };
}

export function statusAt(run: Run, now: number): RunStatus {
  const { stopAt, endAt, ends } = run.plan;
  if (now >= endAt) return ends;
  if (now >= stopAt) return ends === 'TIMED-OUT' ? 'TIMING-OUT' : 'ABORTING';
  return now < run.startedAt + READY_MS ? 'READY' : 'RUNNING';
}

const countAt = (run: Run, now: number): number =>
  run.plan.items.findLastIndex((item) => item.at <= Math.min(now, run.plan.stopAt)) + 1;

export const itemsAt = (run: Run, now: number): Row[] =>
  run.plan.items.slice(0, countAt(run, now)).map((item) => item.row);

const addOnsOf = (run: Run) => run.faults.filter((f) => f.kind === 'add-on');

export const costAt = (run: Run, now: number): number =>
  run.price.startMicroUsd +
  countAt(run, now) * run.price.resultMicroUsd +
  addOnsOf(run).reduce((sum, { count, microUsd }) => sum + count * microUsd, 0);

export const datasetIdOf = (runId: string): string => apifyId(runId, 'dataset');
export const storeIdOf = (runId: string): string => apifyId(runId, 'key-value-store');

export const USER_ID = apifyId('user');
/** The account's tier, by which results are priced. */
export const TIER = 'BRONZE';

/** The run as the API shows it at `now`. */
export function viewOf(run: Run, now: number): Record<string, unknown> {
  const status = statusAt(run, now);
  const ended = now >= run.plan.endAt;
  const durationMillis = Math.min(now, run.plan.endAt) - run.startedAt;
  const { timeoutSecs, memoryMbytes, maxItems, maxChargeMicroUsd } = run.options;
  const event = (eventTitle: string, microUsd: number) => ({
    eventTitle,
    eventPriceUsd: microUsd / 1e6,
  });
  const tiered = (eventTitle: string, microUsd: number) => ({
    eventTitle,
    eventTieredPricingUsd: {
      FREE: { tieredEventPriceUsd: (2 * microUsd) / 1e6 },
      [TIER]: { tieredEventPriceUsd: microUsd / 1e6 },
      GOLD: { tieredEventPriceUsd: microUsd / 2e6 },
    },
  });
  const addOns = addOnsOf(run);
  return {
    id: run.id,
    actId: run.actorId,
    userId: USER_ID,
    startedAt: new Date(run.startedAt),
    finishedAt: ended ? new Date(run.plan.endAt) : null,
    status,
    statusMessage: ended ? run.plan.message : 'Running',
    isStatusMessageTerminal: ended,
    exitCode: ended ? (status === 'SUCCEEDED' ? 0 : 1) : null,
    meta: { origin: 'API', userAgent: 'ApifyClient' },
    stats: {
      inputBodyLen: JSON.stringify(run.input).length,
      restartCount: 0,
      durationMillis,
      runTimeSecs: durationMillis / 1000,
    },
    options: {
      build: 'latest',
      timeoutSecs,
      memoryMbytes,
      diskMbytes: memoryMbytes * 2,
      maxItems: maxItems ?? undefined,
      maxTotalChargeUsd: maxChargeMicroUsd === null ? undefined : maxChargeMicroUsd / 1e6,
    },
    defaultDatasetId: datasetIdOf(run.id),
    defaultKeyValueStoreId: storeIdOf(run.id),
    pricingInfo: {
      pricingModel: 'PAY_PER_EVENT',
      pricingPerEvent: {
        actorChargeEvents: {
          'actor-start': event('Start', run.price.startMicroUsd),
          result: tiered('Result', run.price.resultMicroUsd),
          ...Object.fromEntries(addOns.map((a) => [a.event, event(a.event, a.microUsd)])),
        },
      },
    },
    chargedEventCounts: {
      'actor-start': 1,
      result: countAt(run, now),
      ...Object.fromEntries(addOns.map((a) => [a.event, a.count])),
    },
    usageTotalUsd: isUnbilled(run, now) ? undefined : costAt(run, now) / 1e6,
  };
}

const isUnbilled = ({ faults, plan }: Run, now: number): boolean =>
  faults.some(
    (fault) =>
      fault.kind === 'no-usage' &&
      (fault.seconds === undefined || now < plan.endAt + fault.seconds * 1_000),
  );
