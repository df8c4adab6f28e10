import type { CampaignFold, Entry } from './campaign.js';
import { millis, textOf, wholeOf, type Fact, type RawEvent, type Report } from './events.js';
import { Views } from './views.js';

/** An observation or a change of the view field, in the order of the log. */
type Step = Pick<RawEvent, 'id' | 'type' | 'data'>;

/** What was seen of each clip, so that a move to another campaign can be computed anew. */
export class Moves {
  readonly #seen = new Map<string, Step[]>();
  /** By clip and date of approval: how much of the clip's observations came before. */
  readonly #before = new Map<string, number>();

  take({ id, type, time, data }: RawEvent): void {
    const clipId = textOf(data, 'clipId');
    if (type === 'ViewsRecorded' || type === 'ViewFieldChanged') {
      const { views, observedAt, metric, from, to, baseline } = data;
      const step = { id, type, data: { views, observedAt, metric, from, to, baseline } };
      const seen = this.#seen.get(clipId) ?? [];
      seen.push(step);
      this.#seen.set(clipId, seen);
    } else if (type === 'ClipApproved' && !data['moved']) {
      const key = `${clipId} ${time}`;
      if (!this.#before.has(key)) this.#before.set(key, this.#seen.get(clipId)?.length ?? 0);
    }
  }

  /** The views that a clip brings along, of those that lie in a window. */
  #views(clipId: string, approvedAt: string, [from, to]: readonly [number, number]): Views {
    const found = new Views();
    const before = this.#before.get(`${clipId} ${approvedAt}`) ?? 0;
    for (const [nth, { id, type, data }] of (this.#seen.get(clipId) ?? []).entries()) {
      if (type === 'ViewFieldChanged') found.change(data);
      const observedAt = millis(textOf(data, 'observedAt'));
      if (type !== 'ViewsRecorded' || nth < before || observedAt < from || observedAt >= to)
        continue;
      found.see(id, wholeOf(data['views']) ?? 0n, observedAt, textOf(data, 'metric'));
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
    const [expected, found] = [right.words, Views.moved(moved).words];
    for (const name of Object.keys(expected))
      if (found[name] !== expected[name])
        report(event, `${clipId} was moved with another ${name}`, expected[name], found[name]);
  }
}
