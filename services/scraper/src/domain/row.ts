import { Instant, videoIdFrom } from '@cliptally/contracts';
import { absent, type RunStatus } from './absent.js';
import type { Actor } from './actors.js';
import type { Figures } from './figures.js';
import { implausible, shownAs } from './observation-plausibility.js';
import { postIn } from './post-in-row.js';
import { errorReading, type RowReading } from './row-errors.js';
import { doubtful, failed, type Scrape, type ScrapeResult } from './scrape.js';

type Row = Record<string, unknown>;

/**
 * What a run said of each scrape, in their order; `silent` if it said nothing of any of
 * them.
 */
export interface Said {
  results: ScrapeResult[];
  silent: boolean;
}

/**
 * Reads the rows of a run. They come unordered, twice, under another address, or not at all; of
 * several rows of a clip the best counts. A run that brought nothing was throttled or out of
 * credit, whatever status it ended with: it scraped none of its clips.
 */
export function resultsOf(
  scrapes: readonly Scrape[],
  rows: readonly Row[],
  actor: Actor,
  status: RunStatus,
): Said {
  const asked = new Map(scrapes.map(({ request, videoId }) => [request.url, videoId]));
  const metrics = new Map(scrapes.map(({ videoId, metric }) => [videoId, metric]));
  const isPostWanted = scrapes.some(({ request }) => request.checks);
  const found = new Map<string, ScrapeResult>();
  let strangers = 0;
  for (const row of rows) {
    if (row['noResults'] === true || Object.keys(row).length === 0) continue;
    const videoId = videoOf(row, actor, asked);
    if (videoId === null) strangers++;
    else {
      const result = resultOf(row, actor, metrics.get(videoId) ?? null, isPostWanted);
      found.set(videoId, better(found.get(videoId), result));
    }
  }
  const silent = found.size === 0 && strangers === 0;
  return {
    silent,
    results: scrapes.map(({ videoId }) => found.get(videoId) ?? absent(status, silent, strangers)),
  };
}

function resultOf(
  row: Row,
  actor: Actor,
  metric: string | null,
  isPostWanted: boolean,
): ScrapeResult {
  const reading = readRow(row, actor, metric);
  if ('why' in reading) return doubtful(reading.figures, reading.why);
  if (!('figures' in reading)) return failed(reading.class, reading.detail);
  const post = isPostWanted ? postIn((path) => at(row, path), actor) : undefined;
  return { kind: 'observed', figures: reading.figures, ...(post && { post }) };
}

function better(a: ScrapeResult | undefined, b: ScrapeResult): ScrapeResult {
  if (!a || b.kind === 'failed') return a ?? b;
  return a.kind === 'observed' && a.figures.views >= b.figures.views ? a : b;
}

/** A whole number from 0 up; anything else, -1 for hidden included, is unknown and never zero. */
export const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/**
 * Reads one row. `metric` is the view field that the clip has; another field's number is another
 * measure and is not taken. A clip without one gets the first field whose number can be believed.
 */
export function readRow(row: Row, actor: Actor, metric: string | null): RowReading {
  const error = row['errorCode'] ?? row['error'] ?? null;
  if (error !== null || row['noResults'] === true) return errorReading(row);
  const fields = metric ? [metric] : actor.viewFields;
  const rest = extras(row, actor);
  const readings = fields.flatMap((field) => readField(row, field, actor, rest) ?? []);
  return (
    readings.find((reading) => reading.class !== 'implausible') ??
    readings[0] ?? { class: 'no_view_field', detail: `no usable ${fields.join(' or ')}` }
  );
}

type Extras = Omit<Figures, 'views' | 'metric' | 'roundedTo'>;

function readField(row: Row, metric: string, { rounding }: Actor, rest: Extras): RowReading | null {
  const views = count(at(row, metric));
  if (views === undefined) return null;
  const roundedTo = rounding.findLast(({ from }) => views >= from)?.to;
  const figures = { views, metric, ...(roundedTo !== undefined && { roundedTo }), ...rest };
  const why = implausible(figures, shownAs(row));
  if (why) return { class: 'implausible', figures, why };
  return { class: roundedTo === undefined ? 'ok' : 'rounded', figures };
}

/**
 * A date in any form that node reads, as an instant that events can hold; anything else is unknown.
 */
export function instantOf(value: unknown): string | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? undefined : Instant.safeParse(new Date(ms).toISOString()).data;
}

/** What a row has at a path: `a.b` is the field b of the object a, or a field of that name. */
export const at = (row: Row, path: string): unknown =>
  Object.hasOwn(row, path)
    ? row[path]
    : path
        .split('.')
        .reduce<unknown>(
          (value, name) => (value && typeof value === 'object' ? (value as Row)[name] : undefined),
          row,
        );

/** What a row says beside the views; what it does not say is left out. */
function extras(row: Row, actor: Actor): Extras {
  const counts = (paths: readonly string[]) => paths.flatMap((path) => count(at(row, path)) ?? []);
  const said = {
    likes: counts(actor.likes)[0],
    comments: counts(actor.comments)[0],
    shares: counts(actor.shares)[0],
    postedAt: instantOf(at(row, actor.postedAt)),
    // If an actor has not scraped it, or the number is hidden, it says 0.
    followers: counts(actor.followers).find((value) => value > 0),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

/**
 * Video id that the row is about: by any of its names, else by an address that was asked for as it
 * stands; null when nothing fits.
 */
export function videoOf(row: Row, actor: Actor, asked: ReadonlyMap<string, string>): string | null {
  const names = actor.names
    .map((name) => at(row, name))
    .filter((value): value is string => typeof value === 'string');
  const ids = names.flatMap((name) => videoIdFrom(actor.platform, name) ?? []);
  const known = new Set(asked.values());
  return (
    ids.find((id) => known.has(id)) ?? names.flatMap((name) => asked.get(name) ?? [])[0] ?? null
  );
}
