import type { CampaignFold, Entry } from './campaign.js';

export interface Due {
  entry: Entry;
  due: bigint;
  /** What the limit for the creator left before it; null without one. */
  room?: bigint | null;
}

/** Each creator's clips, the earlier approval first, within what the campaign still pays it. */
export function limited(campaign: CampaignFold, dues: readonly Due[], back: readonly Due[]): Due[] {
  if ((campaign.terms?.creatorCap ?? null) === null) return [...dues];
  const rooms = new Map<string, bigint>();
  for (const { entry } of dues)
    if (!rooms.has(entry.creatorId)) {
      const cap = campaign.terms!.creatorCap!;
      let taken = 0n;
      for (const one of campaign.entries.values())
        if (one.creatorId === entry.creatorId) taken += one.taken;
      for (const one of back) if (one.entry.creatorId === entry.creatorId) taken -= one.due;
      rooms.set(entry.creatorId, cap > taken ? cap - taken : 0n);
    }
  const first = dues.toSorted(
    (a, b) =>
      a.entry.approvedAt! - b.entry.approvedAt! || (a.entry.clipId < b.entry.clipId ? -1 : 1),
  );
  const found = new Map<Entry, Due>();
  for (const { entry, due } of first) {
    const room = rooms.get(entry.creatorId)!;
    const part = due < room ? due : room;
    rooms.set(entry.creatorId, room - part);
    if (part > 0n) found.set(entry, { entry, due: part, room });
  }
  return dues.flatMap(({ entry }) => found.get(entry) ?? []);
}
