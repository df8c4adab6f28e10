import type { Done } from '../commands/execution.js';
import type { ClipEntry } from '../domain/clip.js';
import { reasonsOf, scrapedFrom, type Reason } from '../domain/why.js';
import { knownOf, scrapesOf } from '../queries/clip-standing.js';
import type { Queries } from '../queries/queries.js';
import type { Tables } from '../queries/tables.js';
import type { ClipAnswer } from '@cliptally/contracts/api';
import type { Caller } from '@cliptally/contracts/api';
import { owns } from './auth/ownership.js';
import { Answer } from './operation.js';
import { badRequest, notFound } from './problem.js';
import { clipView, shownEntry } from './views.js';

/** The clip's entries that are the caller's own; 404 if there is none, as if there is no clip. */
export async function entriesOf(
  tables: Queries,
  id: string,
  caller: Caller,
): Promise<[ClipEntry, ...ClipEntry[]]> {
  const entries = await tables.entriesOf(id);
  const campaigns =
    caller.role === 'brand'
      ? await tables.campaignRows(entries.map(({ campaignId }) => campaignId))
      : null;
  const [first, ...others] = entries.filter(({ campaignId, creatorId }) =>
    owns(caller, { creatorId, brandId: campaigns?.get(campaignId)?.state.brandId }),
  );
  if (!first) throw noClip(id);
  return [first, ...others];
}

const noClip = (id: string) => notFound(`There is no clip "${id}".`);

/** The entry in the campaign that is named, or the only one. */
export function entryIn(
  entries: readonly ClipEntry[],
  id: string,
  campaignId: string | undefined,
): ClipEntry {
  if (campaignId === undefined && entries.length > 1) {
    const names = entries.map((entry) => entry.campaignId).join(', ');
    throw badRequest(`The clip "${id}" is in several campaigns; name one of ${names}.`, [
      { field: 'campaignId', message: `must be one of ${names}` },
    ]);
  }
  const entry = entries.find((one) => campaignId === undefined || one.campaignId === campaignId);
  if (!entry) throw notFound(`The clip "${id}" is not in the campaign "${campaignId}".`);
  return entry;
}

export async function clipAnswer(tables: Tables, id: string, caller: Caller): Promise<ClipAnswer> {
  const [view] = await clipAnswers(tables, [id], caller);
  if (!view) throw noClip(id);
  return view;
}

/**
 * What the caller may see of clips, all as of one instant: its own entries, or those in its
 * campaigns. Clips without one are left out.
 */
export function clipAnswers(
  tables: Tables,
  ids: readonly string[],
  caller: Caller,
): Promise<ClipAnswer[]> {
  return tables.snapshot(async (snapshot) => {
    const clips = await snapshot.clipRows(ids);
    const states = await snapshot.clipStates(ids);
    const entries = [...states.values()].flatMap(({ state }) => state);
    const campaigns = await snapshot.campaignRows([
      ...new Set(entries.map(({ campaignId }) => campaignId)),
    ]);
    return clips.flatMap((clip) => {
      const { state } = states.get(clip.clip_id)!;
      if (state.length === 0) return [];
      const all = state.map((entry) => ({ entry, row: campaigns.get(entry.campaignId)! }));
      const visible = all.filter(({ entry: { creatorId }, row }) =>
        owns(caller, { creatorId, brandId: row.state.brandId }),
      );
      return visible.length === 0 ? [] : [clipView(clip, visible, caller.role)];
    });
  });
}

/** One clip, with why it earns or is paid nothing more just now, and when it is scraped next. */
export async function clipExplained(
  tables: Tables,
  id: string,
  caller: Caller,
  now: Date,
): Promise<ClipAnswer> {
  const view = await clipAnswer(tables, id, caller);
  return tables.snapshot(async (snapshot) => {
    const { state: entries } = await snapshot.clipState(id);
    const campaigns = await snapshot.campaignRows(entries.map(({ campaignId }) => campaignId));
    const keeps = new Map<string, Reason[]>();
    const from: number[] = [];
    // Also of campaigns that the caller does not see: the clip is scraped for them all.
    for (const entry of entries) {
      const row = campaigns.get(entry.campaignId)!;
      const known = await knownOf(snapshot, entry, row, now);
      const reasons = reasonsOf(shownEntry(entry, caller.role), row.state, known, now);
      keeps.set(entry.campaignId, reasons);
      from.push(...[scrapedFrom(entry, row.state, reasons, now)].filter((at) => at !== null));
    }
    const scrapedAfter = from.length > 0 ? Math.min(...from) : null;
    const scrapes = await scrapesOf(snapshot, id, { ...view, scrapedAfter }, now);
    const shown = view.campaigns.map((one) => ({ ...one, keeps: keeps.get(one.campaignId)! }));
    return { ...view, campaigns: shown, ...scrapes };
  });
}

/** The new state, or its location if the tables are behind. */
export async function shownClip(
  tables: Tables,
  id: string,
  { visible }: Done,
  status: number,
  caller: Caller,
): Promise<Answer> {
  const location = `/clips/${id}`;
  if (!visible) return new Answer(202, { clipId: id, location }, { location });
  return new Answer(
    status,
    await clipAnswer(tables, id, caller),
    status === 201 ? { location } : {},
  );
}
