import { Instant, shortened, videoIdFrom } from '@cliptally/contracts';
import { absent, type RunStatus } from './absent.js';
import type { Actor } from './actors.js';
import type { Figures } from './figures.js';
import { implausible, shownAs } from './observation-plausibility.js';
import type { Post } from './post.js';
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
  rows: readonly Record<string, unknown>[],
  actor: Actor,
  status: RunStatus,
): Said {
  const asked = new Map(scrapes.map(({ request, videoId }) => [request.url, videoId]));
  const metrics = new Map(scrapes.map(({ videoId, metric }) => [videoId, metric]));
  const found = new Map<string, ScrapeResult>();
  let strangers = 0;
  for (const row of rows) {
    if (row['noResults'] === true || Object.keys(row).length === 0) continue;
    const videoId = videoOf(row, actor, asked);
    if (videoId === null) strangers++;
    else
      found.set(
        videoId,
        better(found.get(videoId), resultOf(row, actor, metrics.get(videoId) ?? null)),
      );
  }
  const silent = found.size === 0 && strangers === 0;
  return {
    silent,
    results: scrapes.map(({ videoId }) => found.get(videoId) ?? absent(status, silent, strangers)),
  };
}

function resultOf(row: Record<string, unknown>, actor: Actor, metric: string | null): ScrapeResult {
  const reading = readRow(row, actor, metric);
  if ('why' in reading) return doubtful(reading.figures, reading.why);
  return 'figures' in reading
    ? { kind: 'observed', figures: reading.figures, post: postIn(row, actor) }
    : failed(reading.class, reading.detail);
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

function readField(
  row: Row,
  field: string,
  { rounding }: Actor,
  rest: ReturnType<typeof extras>,
): RowReading | null {
  const views = count(at(row, field));
  if (views === undefined) return null;
  const roundedTo = rounding.findLast(({ from }) => views >= from)?.to;
  const figures = {
    views,
    metric: field,
    ...(roundedTo === undefined ? {} : { roundedTo }),
    ...rest,
  };
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

const firstCount = (row: Row, paths: readonly string[]) =>
  paths.map((path) => count(at(row, path))).find((value) => value !== undefined);

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

/**
 * The handle in a text that is one, or an address that ends in one; undefined for anything else.
 */
function handle(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const plain = text.includes('/') ? /\/@([^/?#]+)/.exec(text)?.[1] : text.replace(/^@/, '');
  return plain ? shortened(unescaped(plain), 200) : undefined;
}

/** YouTube's handles come as they stand in addresses. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function extras(row: Row, actor: Actor): Omit<Figures, 'views' | 'metric' | 'roundedTo'> {
  const [likes, comments, shares] = [
    firstCount(row, actor.likes),
    firstCount(row, actor.comments),
    firstCount(row, actor.shares),
  ];
  const postedAt = instantOf(at(row, actor.postedAt));
  // If an actor has not scraped it, or the number is hidden, it says 0.
  const followers = actor.followers.map((path) => count(at(row, path))).find((value) => value);
  return {
    ...(likes === undefined ? {} : { likes }),
    ...(comments === undefined ? {} : { comments }),
    ...(shares === undefined ? {} : { shares }),
    ...(postedAt === undefined ? {} : { postedAt }),
    ...(followers === undefined ? {} : { followers }),
  };
}

/** What the row says of the post beside its figures. */
export function postIn(row: Row, actor: Actor): Post {
  const first = <T>(paths: readonly string[], read: (value: unknown) => T | undefined) =>
    paths.map((path) => read(at(row, path))).find((value) => value !== undefined) ?? null;
  const name = first(actor.author, handle);
  const externalId = first(actor.authorId, idText);
  const texts = actor.caption.map((path) => at(row, path));
  const caption = texts.filter((text) => typeof text === 'string').join('\n');
  return {
    account: name === null && externalId === null ? null : { handle: name, externalId },
    bio: first(actor.bio, (value) => (typeof value === 'string' ? value : undefined)),
    caption: texts.some((text) => typeof text === 'string')
      ? { text: caption, whole: typeof texts[0] === 'string' }
      : null,
  };
}

/** An id, or an address that ends in one: `youtube.com/channel/UC...`. */
function idText(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string') return undefined;
  const id = value.includes('/') ? /\/channel\/([\w-]+)/.exec(value)?.[1] : value.trim();
  return id ? shortened(id, 200) : undefined;
}

/**
 * Video id that the row is about: by any of its names, else by an address that was asked for as it
 * stands; null when nothing fits.
 */
export function videoOf(row: Row, actor: Actor, asked: ReadonlyMap<string, string>): string | null {
  const names = actor.names
    .map((name) => at(row, name))
    .filter((value): value is string => typeof value === 'string');
  const ids = names.map((name) => videoIdFrom(actor.platform, name));
  const known = new Set(asked.values());
  return (
    ids.find((id): id is string => id !== null && known.has(id)) ??
    names.map((name) => asked.get(name)).find((id) => id !== undefined) ??
    null
  );
}
