import type { EventData, EventInput, Platform, ScrapeFailure } from '@cliptally/contracts';
import type { ClipEntry } from './clip.js';
import { DAY_MS, ms, type Decided } from './fact.js';
import { conflict, requireText, RuleBroken } from './rule-broken.js';

type Clip = { clipId: string; platform: Platform };

/** Refuses what needs a clip that is there, and says how a retired one comes back. */
export const isRetired = (clipId: string, why: 'not_found' | 'private'): RuleBroken =>
  conflict(
    'clip_retired',
    `The clip "${clipId}" is retired: its platform has said for a day that it is ${why === 'private' ? 'private' : 'not there'}. It is checked again by itself (after a day, three days, a week, then each month) and comes back when it is seen; or its creator (once a day) or an admin restores it with POST /clips/${clipId}/restore.`,
  );

/** A creator may ask for a restoration so often. */
const ASKED_AGAIN_AFTER_MS = DAY_MS;

/** `askedAt`: when its creator last asked. */
export function decideRestoration(
  { clipId, platform }: Clip,
  entries: readonly ClipEntry[],
  { by, role, askedAt }: { by: string; role: 'admin' | 'creator'; askedAt: string | null },
  now: Date,
): Decided<'ClipRestored'>[] {
  if (!entries.some(({ retired }) => retired))
    throw conflict(
      'clip_not_retired',
      `The clip "${clipId}" is not retired: it is scraped as its campaigns need it.`,
    );
  const again = askedAt === null ? 0 : ms(askedAt) + ASKED_AGAIN_AFTER_MS;
  if (role === 'creator' && now.getTime() < again)
    throw conflict(
      'restored_today',
      `You have asked for the clip "${clipId}" within a day: ask again from ${new Date(again).toISOString()}, or ask an admin.`,
    );
  return [{ type: 'ClipRestored', data: { clipId, platform, reason: role, by } }];
}

/** From now on the clip's views are read from another field of its sources. */
export function decideViewField(
  { clipId, platform, viewField }: Clip & { viewField: string | null },
  { field, reason, by }: { field: string; reason: string; by: string },
): Decided<'ViewFieldChanged'>[] {
  requireText(reason, 'reason');
  if (field === viewField)
    throw conflict(
      'view_field_same',
      `The views of the clip "${clipId}" are read from "${field}".`,
    );
  return [
    {
      type: 'ViewFieldChanged',
      data: { clipId, platform, from: viewField, to: field, baseline: 'own', reason, by },
    },
  ];
}

/** A failed scrape, and the figure that nobody could believe. */
export interface Doubted extends Clip {
  requestId: string;
  reason: ScrapeFailure;
  source: string;
  figure: NonNullable<EventData<'ScrapeFailed'>['figure']> | null;
}

/**
 * A person believes the figure: it becomes an observation of the instant at which it was taken.
 * `as` is the id that stands for its scrape request, whose one outcome is in the log already.
 */
export function decideConfirmation(
  { clipId, platform, requestId, source, reason, figure }: Doubted,
  { by, as }: { by: string; as: string },
): Decided<'FigureConfirmed' | 'ViewsRecorded'>[] {
  if (!figure)
    throw conflict(
      'no_figure',
      `The last scrape of the clip "${clipId}" failed as ${reason} and brought no figure to confirm: retry it.`,
    );
  const { rule: _, ...figures } = figure;
  const of = { clipId, platform };
  const observation: EventInput<'ViewsRecorded'> = {
    ...of, requestId: as, runId: `${CONFIRMED}${requestId}`, source, costMicroUsd: 0, ...figures, cached: false,
  }; // prettier-ignore
  return [
    { type: 'FigureConfirmed', data: { ...of, requestId, by } },
    { type: 'ViewsRecorded', data: observation },
  ];
}

/** Begins the `runId` of an observation that a person has confirmed. */
const CONFIRMED = 'confirmed-';
