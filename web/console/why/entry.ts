export interface Seen {
  id: string;
  views: bigint;
  at: number;
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
  had: bigint;
  voided: bigint;
  fees: bigint;
  /** Events of its earlier lines, and of voids among them. */
  lines: string[];
  voids: string[];
}
