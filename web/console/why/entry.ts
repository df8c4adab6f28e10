export interface Seen {
  id: string;
  views: bigint;
  at: number;
}

/** What was seen in one view field, and what other fields had counted when it began. */
export interface Field {
  name: string | null;
  carried: bigint;
  highWater: Seen | null;
  first: Seen | null;
}

/** A clip in a campaign, as far as its money rests on it. */
export interface Entry {
  clipId: string;
  platform: string;
  submittedAt: number;
  postedAt: number | null;
  approvedAt: number | null;
  highWater: Seen | null;
  first: Seen | null;
  /** If the view field has changed: by field, that of before the first change first. */
  fields: Field[];
  had: bigint;
  voided: bigint;
  fees: bigint;
  /** Events of its earlier lines, and of voids among them. */
  lines: string[];
  voids: string[];
}
