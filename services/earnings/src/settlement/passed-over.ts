import {
  derivedId,
  shortened,
  streams,
  type AnomalyFound,
  type LeftOut,
} from '@cliptally/contracts';
import { isTransient, type StreamAppend } from '@cliptally/event-store';
import type { Log } from '@cliptally/messaging';
import { appendsOf, type StreamDecision } from '../commands/decision.js';
import { decideAnomalyHold } from '../domain/anomaly.js';
import type { ClipEntry } from '../domain/clip.js';
import type { Decided } from '../domain/fact.js';

export interface Suspect {
  clipId: string;
  held: Decided<'ClipHeld'>;
  /** The observation that the hold rests on. */
  ground: Ground;
}

/** An observation that a decision rests on. */
export interface Ground {
  id: string;
  correlationId: string;
}

/** A campaign as it was read. */
interface Snapshot {
  campaign_id: string;
  revision: number;
  position: number;
  suspects: readonly Suspect[];
}

/** Appends a decision; `grounds` are the observations that it rests on. */
export type Append = (
  name: string,
  appends: readonly StreamAppend[],
  grounds: readonly Ground[],
) => Promise<void>;

/**
 * Appends the holds as one; if that is refused for another reason than that the campaign has
 * moved on, one by one, so that none keeps back the others.
 */
export async function holdSuspects(
  read: Snapshot,
  now: Date,
  append: Append,
): Promise<{ appended: number; refused: LeftOut[] }> {
  const { suspects } = read;
  if (suspects.length === 0) return { appended: 0, refused: [] };
  const [first] = await tryHolds(read, suspects, now, append);
  if (!first) return { appended: suspects.length, refused: [] };
  if (suspects.length === 1) return { appended: 0, refused: [first] };
  const refused: LeftOut[] = [];
  let revision = read.revision;
  for (const suspect of suspects) {
    const failed = await tryHolds({ ...read, revision }, [suspect], now, append);
    refused.push(...failed);
    if (failed.length === 0) revision++;
  }
  return { appended: suspects.length - refused.length, refused };
}

async function tryHolds(
  read: Snapshot,
  suspects: readonly Suspect[],
  now: Date,
  append: Append,
): Promise<LeftOut[]> {
  const campaign = streams.campaign(read.campaign_id);
  const decision: StreamDecision[] = [
    // The notices of the holds: nobody may have held, released or settled since the snapshot.
    { stream: campaign, expected: read.revision, events: [] },
    ...suspects.map(({ clipId, held }): StreamDecision => ({
      stream: streams.clip(clipId),
      expected: 'any',
      events: [held],
    })),
  ];
  const { id: causationId, correlationId } = suspects[0]!.ground;
  const id = derivedId(
    'anomaly-hold',
    read.campaign_id,
    read.revision,
    ...suspects.map(({ clipId }) => clipId),
  );
  try {
    const appends = appendsOf(decision, {
      id,
      position: read.position,
      time: now,
      correlationId,
      causationId,
    });
    await append('hold', appends, suspects.map(({ ground }) => ground)); // prettier-ignore
    return [];
  } catch (error) {
    if (isTransient(error)) throw error;
    return suspects.map(({ clipId }) => ({
      clipId,
      reason: reasonOf('its hold could not be recorded', error),
    }));
  }
}

/** Once for each clip: the campaign's state has it until the clip is paid or held. */
export async function recordFailures(
  { campaign_id: campaignId, position, revision }: Snapshot,
  failures: readonly LeftOut[],
  now: Date,
  log: Log,
  append: Append,
): Promise<void> {
  for (const { clipId, reason } of failures)
    log.error(
      { campaignId, clipId, reason },
      'no decision can be made about a clip; the others are settled',
    );
  const id = derivedId('settlement-failure', campaignId, revision, JSON.stringify(failures));
  const events = failures.map(({ clipId, reason }): Decided => ({
    type: 'ClipSettlementFailed',
    data: { campaignId, clipId, reason },
  }));
  const decision = [{ stream: streams.campaign(campaignId), expected: revision, events }];
  await append(
    'record failures',
    appendsOf(decision, { id, position, time: now, correlationId: id, causationId: id }),
    [],
  );
}

export function suspectOf(
  entry: ClipEntry,
  anomaly: AnomalyFound,
  correlationId: string | null,
  now: Date,
): Suspect {
  const [held] = decideAnomalyHold(entry, anomaly, now);
  const id = anomaly.reasons.at(-1)!.eventIds.at(-1)!;
  return { clipId: entry.clipId, held: held!, ground: { id, correlationId: correlationId ?? id } };
}

/** A term of the campaign holds it. */
export function ineligibleOf(
  { clipId, views }: ClipEntry,
  held: Decided<'ClipHeld'>,
  correlationId: string | null,
): Suspect {
  const { id } = views.highWater!;
  return { clipId, held, ground: { id, correlationId: correlationId ?? id } };
}

/** Why no decision can be made about a clip: `what` failed. */
export const reasonOf = (what: string, error: unknown): string =>
  shortened(`${what}: ${(error as Error).message}`, 400);
