import type { Campaign } from './campaign.js';
import { netOf, type ClipEntry } from './clip.js';
import { byText, ms } from './fact.js';

interface Due {
  clip: ClipEntry;
  due: number;
  amount: number;
  room?: number;
}

/**
 * What of a clip's earnings counts towards the limit for its creator: what it has, and what was
 * taken back for good, unless the clip was rejected.
 */
const takenBy = ({ tally, status }: ClipEntry): number =>
  netOf(tally) + (status === 'REJECTED' ? 0 : tally.voided);

export const byApproval = (a: ClipEntry, b: ClipEntry): number =>
  ms(a.approvedAt ?? '') - ms(b.approvedAt ?? '') || byText(a.clipId, b.clipId);

/**
 * Dues within the campaign's limit for a creator: clips in the order of their approval, each up to
 * what is left; those with nothing left are out. `back` goes back before them.
 */
export function withinCreators<D extends Due>(
  {
    campaign,
    clips,
    taken,
  }: {
    campaign: Campaign;
    clips: ReadonlyMap<string, ClipEntry>;
    taken?: ReadonlyMap<string, number>;
  },
  back: readonly D[],
  owed: readonly D[],
): D[] {
  const most = campaign.terms.maxPayoutPerCreator ?? null;
  if (most === null) return [...owed];
  const had = taken ?? sumByCreator([...clips.values()].map((clip) => [clip, takenBy(clip)]));
  const returned = sumByCreator(back.map(({ clip, due }) => [clip, due]));
  const rooms = new Map<string, number>();
  const limited = new Map<D, D>();
  for (const line of owed.toSorted((a, b) => byApproval(a.clip, b.clip))) {
    const { creatorId } = line.clip;
    const left = most - (had.get(creatorId) ?? 0) - (returned.get(creatorId) ?? 0);
    const room = rooms.get(creatorId) ?? Math.max(0, left);
    const due = Math.min(line.due, room);
    rooms.set(creatorId, room - due);
    limited.set(line, { ...line, due, amount: due, room });
  }
  return owed.map((line) => limited.get(line)!).filter(({ due }) => due > 0);
}

function sumByCreator(amounts: readonly (readonly [ClipEntry, number])[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [{ creatorId }, amount] of amounts)
    sums.set(creatorId, (sums.get(creatorId) ?? 0) + amount);
  return sums;
}
