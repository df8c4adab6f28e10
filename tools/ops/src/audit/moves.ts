import type { CampaignFold, Entry } from './campaign.js';
import { millis, textOf, type Fact, type RawEvent, type Report } from './events.js';

/** Observations of a clip in the order of the log: views and milliseconds, in turn. */
type Observations = number[];

export interface MovedViews {
  highWater: { views: bigint; observedAt: number } | null;
  first: { views: bigint; observedAt: number } | null;
}

/** What was seen of each clip, so that a move to another campaign can be computed anew. */
export class Moves {
  readonly #seen = new Map<string, Observations>();
  /** By clip and date of approval: how much of the clip's observations came before. */
  readonly #before = new Map<string, number>();

  take({ type, time, data }: RawEvent): void {
    const clipId = textOf(data, 'clipId');
    if (type === 'ViewsRecorded') {
      const seen = this.#seen.get(clipId) ?? [];
      seen.push(Number(data['views']), millis(textOf(data, 'observedAt')));
      this.#seen.set(clipId, seen);
    } else if (type === 'ClipApproved' && !data['moved']) {
      const key = `${clipId} ${time}`;
      if (!this.#before.has(key)) this.#before.set(key, this.#seen.get(clipId)?.length ?? 0);
    }
  }

  /** The views that a clip brings along, of those that lie in a window. */
  #views(clipId: string, approvedAt: string, [from, to]: readonly [number, number]): MovedViews {
    const found: MovedViews = { highWater: null, first: null };
    const seen = this.#seen.get(clipId) ?? [];
    for (let i = this.#before.get(`${clipId} ${approvedAt}`) ?? 0; i < seen.length; i += 2) {
      const [views, observedAt] = [BigInt(seen[i]!), seen[i + 1]!];
      if (observedAt < from || observedAt >= to) continue;
      const { highWater: high, first } = found;
      if (!high || views > high.views || (views === high.views && observedAt < high.observedAt))
        found.highWater = { views, observedAt };
      if (
        !first ||
        observedAt < first.observedAt ||
        (observedAt === first.observedAt && views < first.views)
      )
        found.first = { views, observedAt };
    }
    return found;
  }

  /** What an approval of a moved clip says, compared with what the log has. */
  judge({ event }: Fact, from: Entry | undefined, to: CampaignFold, report: Report): void {
    const { data } = event;
    const moved = data['moved'] as Record<string, unknown>;
    const clipId = textOf(data, 'clipId');
    const approvedAt = textOf(moved, 'approvedAt');
    if (from?.approvedAt !== millis(approvedAt))
      report(event, `${clipId} was moved with another date of approval`, from?.approvedAt, approvedAt); // prettier-ignore
    const right = this.#views(clipId, approvedAt, to.windowFrom(millis(approvedAt)));
    for (const name of ['highWater', 'first'] as const) {
      const said = moved[name] as Record<string, unknown> | null;
      const found = said && `${String(said['views'])} at ${millis(textOf(said, 'observedAt'))}`;
      const expected = right[name] && `${right[name].views} at ${right[name].observedAt}`;
      if (found !== expected)
        report(event, `${clipId} was moved with another ${name}`, expected, found);
    }
  }
}
