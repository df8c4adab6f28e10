import type { AnyEvent, EventData } from '@cliptally/contracts';

type Launched = EventData<'CampaignLaunched'>;

interface Seen {
  views: number;
  campaignId: string;
  rate: number;
}

/**
 * What clips have earned, worked out from the log alone and by other means than the product: the largest count of each clip
 * by exact arithmetic, for campaigns of the simplest terms (zero baseline, no minimum, no cap, all looks inside the window).
 */
export function naiveEarnings(log: readonly AnyEvent[]): {
  owed: Map<string, bigint>;
  paid: Map<string, bigint>;
  byCampaign: Map<string, bigint>;
} {
  const terms = new Map<string, Launched['terms']>();
  const clips = new Map<string, Seen>();
  const paid = new Map<string, bigint>();
  const byCampaign = new Map<string, bigint>();
  for (const event of log) {
    if (event.type === 'CampaignLaunched') terms.set(event.data.campaignId, event.data.terms);
    if (event.type === 'ClipSubmitted') {
      const { ratePerThousand } = terms.get(event.data.campaignId)!;
      clips.set(event.data.clipId, {
        views: 0,
        campaignId: event.data.campaignId,
        rate: ratePerThousand[event.data.platform] ?? ratePerThousand.default,
      });
    }
    if (event.type === 'ViewsRecorded') {
      const clip = clips.get(event.data.clipId)!;
      clip.views = Math.max(clip.views, event.data.views);
    }
    if (event.type === 'EarningsAccrued') {
      for (const { clipId, amount } of event.data.lines) paid.set(clipId, (paid.get(clipId) ?? 0n) + BigInt(amount));
      byCampaign.set(event.data.campaignId, (byCampaign.get(event.data.campaignId) ?? 0n) + BigInt(event.data.total));
    }
  }
  const owed = new Map([...clips].map(([clipId, { views, rate }]) => [clipId, (BigInt(views) * BigInt(rate)) / 1000n]));
  return { owed, paid, byCampaign };
}

interface Due {
  clipId: string;
  due: number;
}

/**
 * The shares of a closing settlement, by the method of largest remainders over fractions kept exact. `sum` is all that is due, also to
 * clips whose share is nothing and who therefore have no line. `approvedAt` breaks ties, then the clip id.
 */
export function naiveShares(
  lines: readonly Due[],
  remaining: bigint,
  sum: bigint,
  approvedAt: (clipId: string) => string,
): Map<string, bigint> {
  const shares = new Map<string, bigint>();
  const rest: { clipId: string; left: bigint }[] = [];
  for (const { clipId, due } of lines) {
    const whole = (BigInt(due) * remaining) / sum;
    shares.set(clipId, whole);
    rest.push({ clipId, left: BigInt(due) * remaining - whole * sum });
  }
  rest.sort((a, b) => {
    if (a.left !== b.left) return a.left > b.left ? -1 : 1;
    const [x, y] = [approvedAt(a.clipId), approvedAt(b.clipId)];
    if (x !== y) return x < y ? -1 : 1;
    return a.clipId < b.clipId ? -1 : 1;
  });
  let given = [...shares.values()].reduce((total, share) => total + share, 0n);
  for (const { clipId } of rest) {
    if (given >= remaining) break;
    shares.set(clipId, shares.get(clipId)! + 1n);
    given += 1n;
  }
  return shares;
}
