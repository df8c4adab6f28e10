import type { Platform } from '@cliptally/contracts';
import type { FaultInput } from '@cliptally/dev/apify-stand-in';
import { ADDRESSES } from './addresses.js';
import type { FaultyWorldOptions } from './faulty-world.js';

/**
 * What becomes of a batch of four clips when something goes wrong. Prices are the defaults: TikTok
 * $0.001 a start and $0.0037 a row.
 */
export interface FaultCase extends Partial<FaultyWorldOptions> {
  name: string;
  platform?: Platform;
  faults?: FaultInput[];
  /** Outcomes by class; `seen` for a count. */
  gives: Record<string, number>;
  /** In millionths of a US dollar: what all outcomes, and all batches, say together. */
  costs: number;
  /** Calls that ask for a start. */
  starts: number;
  /** Runs that were started; as many as sources were asked, and never two of one source. */
  runs: number;
  /** How the batches ended. */
  batches: string[];
  /** Of the failed scrapes. */
  attempts?: number;
  /** Deliveries of each request; 1 by default. */
  deliveries?: number;
  /** The bill was never learnt, and the price list stands in. */
  estimated?: boolean;
  /** On the simulated clock, that it takes at least. */
  lasts?: number;
}

const START = 1_000;
const ROW = 3_700;
const FULL = START + 4 * ROW;
const WORKS = { gives: { seen: 4 }, costs: FULL, runs: 1, batches: ['succeeded'] };
const NOTHING = { costs: 0, runs: 0, batches: ['not_started'] };
const given = (reason: string) => ({ gives: { [reason]: 4 } });
const refused = (status: number, type: string): FaultInput[] => [{ kind: 'error', status, type }];
const idOf = (platform: Platform, n: number) =>
  /([A-Za-z0-9_-]+)\/?$/.exec(ADDRESSES[platform](n).replace('watch?v=', ''))![1]!;
type RowFault = Extract<FaultInput, { kind: 'row' }>;
const row = (
  fault: Omit<RowFault, 'kind' | 'ids'>,
  platform: Platform = 'tiktok',
): FaultInput[] => [{ kind: 'row', ids: [idOf(platform, 2)], ...fault }];
const oneFails = (reason: string) => ({ ...WORKS, gives: { seen: 3, [reason]: 1 }, starts: 1 });
const [REELS, POSTS] = ['apify/instagram-reel-scraper', 'apify/instagram-scraper'];

const CONNECTION: FaultCase[] = [
  { name: 'the connection is refused', refuses: true, ...given('source_failed'), ...NOTHING, starts: 0, attempts: 3 },
  { name: 'the connection is reset once', faults: [{ kind: 'reset', times: 1 }], ...WORKS, starts: 2, lasts: 5_000 },
  { name: 'the connection is reset each time', faults: [{ kind: 'reset' }], ...given('source_failed'), ...NOTHING, starts: 3, attempts: 3 },
  { name: 'a start takes effect and its answer is lost', faults: [{ kind: 'reset', lost: true, times: 1 }], ...WORKS, starts: 1 },
  { name: 'every start takes effect and its answer is lost', faults: [{ kind: 'reset', lost: true }], ...WORKS, starts: 1 },
  {
    name: 'a start is lost, and for a while it cannot be found out whether it took effect',
    faults: [{ kind: 'reset', lost: true }, { kind: 'reset', on: 'list', times: 9 }], ...WORKS, starts: 1, deliveries: 2,
  },
  {
    name: 'a start is lost, and it is never found out whether it took effect',
    faults: [{ kind: 'reset', lost: true }, { kind: 'reset', on: 'list' }],
    ...given('dead_letter'), costs: FULL, estimated: true, starts: 1, runs: 1, batches: ['failed'], deliveries: 10,
  },
  {
    name: 'a start is lost, and the inputs of runs cannot be read for a while',
    faults: [{ kind: 'error', status: 500, lost: true, times: 1 }, { kind: 'error', status: 503, on: 'input', times: 3 }], ...WORKS, starts: 1,
  },
  { name: 'a start is slow', faults: [{ kind: 'slow', seconds: 30 }], ...WORKS, starts: 1, lasts: 30_000 },
  { name: 'a dataset is slow', faults: [{ kind: 'slow', on: 'items', seconds: 30 }], ...WORKS, starts: 1, lasts: 30_000 },
  { name: 'everything is slow', faults: [{ kind: 'slow', on: 'any', seconds: 10 }], ...WORKS, starts: 1, lasts: 30_000 },
]; // prettier-ignore

const STATUSES: FaultCase[] = [
  { name: '429 once', faults: [{ kind: 'error', status: 429, times: 1 }], ...WORKS, starts: 2, lasts: 5_000 },
  { name: '429 once with Retry-After', faults: [{ kind: 'error', status: 429, times: 1, retryAfterSeconds: 40 }], ...WORKS, starts: 2, lasts: 40_000 },
  { name: '429 each time', faults: [{ kind: 'error', status: 429 }], ...given('rate_limited'), ...NOTHING, starts: 3, attempts: 3, lasts: 15_000 },
  {
    name: '429 each time with Retry-After', faults: [{ kind: 'error', status: 429, retryAfterSeconds: 60 }],
    ...given('rate_limited'), ...NOTHING, starts: 3, attempts: 3, lasts: 120_000,
  },
  {
    name: '429 with a Retry-After of an hour', faults: [{ kind: 'error', status: 429, retryAfterSeconds: 3_600 }],
    ...given('rate_limited'), ...NOTHING, starts: 1, attempts: 1,
  },
  { name: '402, no usage is left', faults: refused(402, 'not-enough-usage-to-run-paid-actor'), ...given('quota_exhausted'), ...NOTHING, starts: 1, attempts: 1 },
  { name: '402, the limit of the month is too low', faults: refused(402, 'monthly-usage-limit-too-low'), ...given('quota_exhausted'), ...NOTHING, starts: 1 },
  { name: '402 of a kind that nobody knows', faults: refused(402, 'x402-payment-required'), ...given('quota_exhausted'), ...NOTHING, starts: 1 },
  { name: '402, the memory is used once', faults: [{ kind: 'error', status: 402, type: 'actor-memory-limit-exceeded', times: 1 }], ...WORKS, starts: 2 },
  { name: '402, the memory is used', faults: refused(402, 'actor-memory-limit-exceeded'), ...given('rate_limited'), ...NOTHING, starts: 3, attempts: 3 },
  { name: '402, too many runs once', faults: [{ kind: 'error', status: 402, type: 'concurrent-runs-limit-exceeded', times: 1 }], ...WORKS, starts: 2 },
  { name: '402, too many runs', faults: refused(402, 'concurrent-runs-limit-exceeded'), ...given('rate_limited'), ...NOTHING, starts: 3, attempts: 3 },
  { name: '403, the month is spent', faults: refused(403, 'platform-feature-disabled'), ...given('quota_exhausted'), ...NOTHING, starts: 1, attempts: 1 },
  { name: '403, the actor is not rented', faults: refused(403, 'actor-is-not-rented'), ...given('quota_exhausted'), ...NOTHING, starts: 1 },
  { name: '403, no permission', faults: refused(403, 'insufficient-permissions'), ...given('rejected'), ...NOTHING, starts: 1, attempts: 1 },
  { name: '401, a bad token', faults: refused(401, 'user-or-token-not-found'), ...given('rejected'), ...NOTHING, starts: 1, attempts: 1 },
  { name: '404, no such actor', faults: refused(404, 'record-not-found'), ...given('rejected'), ...NOTHING, starts: 1, attempts: 1 },
  { name: '400, an input that is not valid', faults: refused(400, 'invalid-input'), ...given('rejected'), ...NOTHING, starts: 1, attempts: 1 },
  {
    name: '400, a cap below the minimum of the actor, which cannot be read', standIn: { prices: { 'clockworks/tiktok-scraper': { minimumMicroUsd: 500_000 } } },
    faults: [{ kind: 'error', status: 500, on: 'actor' }], ...given('rejected'), ...NOTHING, starts: 1, attempts: 1,
  },
  { name: 'the actor takes no cap below its own minimum', standIn: { prices: { 'clockworks/tiktok-scraper': { minimumMicroUsd: 500_000 } } }, ...WORKS, starts: 1 },
  { name: 'the actor does not say what cap it takes', faults: [{ kind: 'malformed', on: 'actor' }], ...WORKS, starts: 1 },
  { name: '408 once', faults: [{ kind: 'error', status: 408, times: 1 }], ...WORKS, starts: 2 },
  { name: '408 after the run was started', faults: [{ kind: 'error', status: 408, times: 1, lost: true }], ...WORKS, starts: 1 },
  { name: '500 once', faults: [{ kind: 'error', status: 500, times: 1 }], ...WORKS, starts: 2 },
  { name: '502 after the run was started', faults: [{ kind: 'error', status: 502, times: 1, lost: true }], ...WORKS, starts: 1 },
  { name: '503 with Retry-After', faults: [{ kind: 'error', status: 503, times: 1, retryAfterSeconds: 30 }], ...WORKS, starts: 2, lasts: 30_000 },
  { name: '504 each time', faults: [{ kind: 'error', status: 504 }], ...given('source_failed'), ...NOTHING, starts: 3, attempts: 3 },
  { name: 'the answer to a start is cut off', faults: [{ kind: 'malformed', on: 'start', times: 1 }], ...WORKS, starts: 1 },
  { name: 'the answer to every start is cut off', faults: [{ kind: 'malformed', on: 'start' }], ...WORKS, starts: 1 },
  { name: 'the limits of the account cannot be read', faults: [{ kind: 'error', status: 500, on: 'user' }], ...WORKS, starts: 1 },
  { name: 'the limits of the account are no JSON', faults: [{ kind: 'malformed', on: 'user' }], ...WORKS, starts: 1 },
]; // prettier-ignore

const READING: FaultCase[] = [
  { name: 'a run cannot be read for a while', faults: [{ kind: 'error', status: 500, on: 'get', times: 4 }], ...WORKS, starts: 1 },
  { name: 'a run cannot be read for a long while', faults: [{ kind: 'error', status: 500, on: 'get', times: 12 }], ...WORKS, starts: 1, deliveries: 2 },
  {
    name: 'a run can never be read', faults: [{ kind: 'error', status: 500, on: 'get' }],
    ...given('dead_letter'), costs: FULL, estimated: true, starts: 1, runs: 1, batches: ['failed'], deliveries: 10,
  },
  {
    name: 'a run is not known any more', faults: refused(404, 'record-not-found').map((f) => ({ ...f, on: 'get' }) as FaultInput),
    ...given('rejected'), costs: FULL, estimated: true, starts: 1, runs: 1, batches: ['failed'],
  },
  { name: 'waiting for a run is reset', faults: [{ kind: 'reset', on: 'get', times: 2 }], ...WORKS, starts: 1 },
  { name: 'waiting for a run is cut off', faults: [{ kind: 'malformed', on: 'get', times: 2 }], ...WORKS, starts: 1 },
  { name: 'a dataset is cut off once', faults: [{ kind: 'malformed', times: 1 }], ...WORKS, starts: 1 },
  {
    name: 'a dataset is always cut off', faults: [{ kind: 'malformed' }],
    ...given('dead_letter'), costs: FULL, starts: 1, runs: 1, batches: ['failed'], deliveries: 10,
  },
  { name: 'a dataset cannot be read for a long while', faults: [{ kind: 'error', status: 503, on: 'items', times: 12 }], ...WORKS, starts: 1, deliveries: 2 },
  { name: '429 with Retry-After for a dataset', faults: [{ kind: 'error', status: 429, on: 'items', times: 3, retryAfterSeconds: 20 }], ...WORKS, starts: 1, lasts: 20_000 },
  {
    name: 'a dataset has expired', faults: [{ kind: 'error', status: 404, on: 'items' }],
    ...given('rejected'), costs: FULL, starts: 1, runs: 1, batches: ['failed'],
  },
]; // prettier-ignore

const RUNS: FaultCase[] = [
  { name: 'a run FAILED with nothing', faults: [{ kind: 'run', ends: 'FAILED', keep: 0 }], ...given('source_failed'), costs: START, starts: 1, runs: 1, batches: ['failed'], attempts: 1 },
  { name: 'a run FAILED with half a dataset', faults: [{ kind: 'run', ends: 'FAILED' }], gives: { seen: 2, source_failed: 2 }, costs: START + 2 * ROW, starts: 1, runs: 1, batches: ['failed'] },
  { name: 'a run TIMED-OUT with half a dataset', faults: [{ kind: 'run', ends: 'TIMED-OUT' }], gives: { seen: 2, source_timeout: 2 }, costs: START + 2 * ROW, starts: 1, runs: 1, batches: ['timed_out'], lasts: 78_000 },
  { name: 'a run TIMED-OUT with nothing', faults: [{ kind: 'run', ends: 'TIMED-OUT', keep: 0 }], ...given('source_timeout'), costs: START, starts: 1, runs: 1, batches: ['timed_out'] },
  { name: 'a run ABORTED with half a dataset', faults: [{ kind: 'run', ends: 'ABORTED' }], gives: { seen: 2, source_failed: 2 }, costs: START + 2 * ROW, starts: 1, runs: 1, batches: ['aborted'] },
  { name: 'a run ABORTED with nothing', faults: [{ kind: 'run', ends: 'ABORTED', keep: 0 }], ...given('source_failed'), costs: START, starts: 1, runs: 1, batches: ['aborted'] },
  { name: 'a run that never ends', faults: [{ kind: 'run', ends: 'NEVER' }], gives: { seen: 2, source_failed: 2 }, costs: START + 2 * ROW, starts: 1, runs: 1, batches: ['aborted'], lasts: 198_000 },
  { name: 'an empty dataset', faults: [{ kind: 'empty' }], ...given('blocked'), costs: START, starts: 1, runs: 1, batches: ['succeeded'] },
  { name: 'A11: the dataset is empty at first, and has its rows when it is read again', faults: [{ kind: 'no-rows-yet', times: 2 }], ...WORKS, starts: 1, lasts: 3_000 },
  { name: 'A11: the dataset stays empty', faults: [{ kind: 'no-rows-yet' }], ...given('blocked'), costs: FULL, starts: 1, runs: 1, batches: ['succeeded'], lasts: 15_000 },
  { name: 'nothing but noResults', faults: [{ kind: 'no-results' }], ...given('blocked'), costs: FULL, starts: 1, runs: 1, batches: ['succeeded'] },
  { name: "A14: usageTotalUsd is absent, and results cost by the account's tier", faults: [{ kind: 'no-usage' }], ...WORKS, starts: 1 },
  { name: 'A15: usageTotalUsd is absent, and add-ons were charged', faults: [{ kind: 'no-usage' }, { kind: 'add-on', event: 'filter-applied', count: 3, microUsd: 100 }], ...WORKS, costs: FULL + 300, starts: 1 },
  { name: 'usageTotalUsd is absent and the run FAILED', faults: [{ kind: 'no-usage' }, { kind: 'run', ends: 'FAILED' }], gives: { seen: 2, source_failed: 2 }, costs: START + 2 * ROW, starts: 1, runs: 1, batches: ['failed'] },
  { name: "the month's money ends within the run", standIn: { limits: { maxMonthlyUsageUsd: (START + 2 * ROW) / 1e6 } }, gives: { seen: 2, missing: 2 }, costs: START + 2 * ROW, starts: 1, runs: 1, batches: ['succeeded'] },
  { name: "the month's money is used up", standIn: { limits: { maxMonthlyUsageUsd: 0 } }, ...given('quota_exhausted'), costs: 0, starts: 0, runs: 0, batches: [] },
]; // prettier-ignore

const ROWS: FaultCase[] = [
  { name: 'a row is missing', faults: row({ does: 'missing' }), ...oneFails('missing'), costs: FULL - ROW },
  { name: 'a row comes twice', faults: row({ does: 'duplicate' }), ...WORKS, costs: FULL + ROW, starts: 1 },
  { name: 'every row comes twice', faults: [{ kind: 'row', does: 'duplicate' }], ...WORKS, costs: START + 8 * ROW, starts: 1 },
  { name: 'a row comes under another URL', faults: row({ does: 'other-url' }), ...WORKS, starts: 1 },
  { name: 'every row comes under another URL', faults: [{ kind: 'row', does: 'other-url' }], ...WORKS, starts: 1 },
  { name: 'a clip is not found', faults: row({ does: 'error', error: 'not_found' }), ...oneFails('not_found') },
  { name: 'a clip is private', faults: row({ does: 'error', error: 'private' }), ...oneFails('private') },
  { name: 'the count is a text', faults: row({ does: 'view-as-text' }), ...oneFails('no_view_field') },
  { name: 'the count is absent', faults: row({ does: 'no-view' }), ...oneFails('no_view_field') },
  { name: 'the count is null', faults: row({ does: 'odd-view', value: null }), ...oneFails('no_view_field') },
  { name: 'the count is -1', faults: row({ does: 'odd-view', value: -1 }), ...oneFails('no_view_field') },
  { name: 'the count is a fraction', faults: row({ does: 'odd-view', value: 1.5 }), ...oneFails('no_view_field') },
  { name: 'the count is beyond all numbers', faults: row({ does: 'odd-view', value: 1e300 }), ...oneFails('no_view_field') },
  { name: 'the count is an object', faults: row({ does: 'odd-view', value: { text: '1.2M' } }), ...oneFails('no_view_field') },
  { name: 'the count is 0, and others are not', faults: row({ does: 'odd-view', value: 0 }), ...oneFails('implausible') },
  { name: 'a row is huge', faults: row({ does: 'huge' }), ...WORKS, starts: 1 },
  { name: 'every row is huge', faults: [{ kind: 'row', does: 'huge' }], ...WORKS, starts: 1 },
  { name: 'items are no rows', faults: row({ does: 'not-a-row' }), ...oneFails('missing'), costs: FULL + ROW },
]; // prettier-ignore

const PLATFORMS: FaultCase[] = [
  { name: 'Instagram shows a restricted page', platform: 'instagram', faults: row({ does: 'error', error: 'restricted_page' }, 'instagram'), ...oneFails('restricted'), costs: 1_000 + 4 * 2_600 },
  { name: 'Instagram gives no items', platform: 'instagram', faults: row({ does: 'error', error: 'no_items' }, 'instagram'), ...oneFails('blocked'), costs: 1_000 + 4 * 2_600 },
  { name: 'Instagram does not find a clip: the other actor is not asked', platform: 'instagram', faults: row({ does: 'error' }, 'instagram'), ...oneFails('not_found'), costs: 1_000 + 4 * 2_600 },
  { name: 'the first actor cannot be started', platform: 'instagram', faults: [{ kind: 'error', status: 500, actor: REELS! }], gives: { seen: 4 }, costs: 4 * 2_700, starts: 4, runs: 1, batches: ['not_started', 'succeeded'] },
  { name: 'the first actor FAILED', platform: 'instagram', faults: [{ kind: 'run', ends: 'FAILED', keep: 0, actor: REELS! }], gives: { seen: 4 }, costs: 1_000 + 4 * 2_700, starts: 2, runs: 2, batches: ['failed', 'succeeded'] },
  { name: 'the first actor is throttled', platform: 'instagram', faults: [{ kind: 'empty', actor: REELS! }], gives: { seen: 4 }, costs: 1_000 + 4 * 2_700, starts: 2, runs: 2, batches: ['succeeded', 'succeeded'] },
  { name: 'the first actor is not rented, and the second is throttled', platform: 'instagram', faults: [{ kind: 'error', status: 403, type: 'actor-is-not-rented', actor: REELS! }, { kind: 'empty', actor: POSTS! }], ...given('blocked'), costs: 0, starts: 2, runs: 1, batches: ['not_started', 'succeeded'], attempts: 2 },
  { name: 'YouTube leaves out what it does not find', platform: 'youtube', faults: row({ does: 'error' }, 'youtube'), ...oneFails('missing'), costs: 3 * 4_000 },
  { name: 'X says noResults for one of four', platform: 'x', faults: row({ does: 'error' }, 'x'), ...oneFails('missing'), costs: 16_000 + 4 * 400 },
  { name: 'Facebook gives no items', platform: 'facebook', faults: row({ does: 'error' }, 'facebook'), ...oneFails('blocked'), costs: 4 * 2_000 },
]; // prettier-ignore

const WEBHOOKS: FaultCase[] = [
  { name: 'a webhook tells of the end', webhooks: true, ...WORKS, starts: 1 },
  { name: 'a webhook comes twice', webhooks: true, faults: [{ kind: 'webhook', does: 'twice' }], ...WORKS, starts: 1 },
  { name: 'a webhook is forged', webhooks: true, faults: [{ kind: 'webhook', does: 'forged' }], ...WORKS, starts: 1 },
  { name: 'a webhook never comes', webhooks: true, faults: [{ kind: 'webhook', does: 'never' }], ...WORKS, starts: 1 },
  { name: 'a webhook tells of a run that FAILED', webhooks: true, faults: [{ kind: 'run', ends: 'FAILED', keep: 0 }], ...given('source_failed'), costs: START, starts: 1, runs: 1, batches: ['failed'] },
]; // prettier-ignore

export const FAULT_CASES: readonly FaultCase[] = [
  ...CONNECTION,
  ...STATUSES,
  ...READING,
  ...RUNS,
  ...ROWS,
  ...PLATFORMS,
  ...WEBHOOKS,
];
