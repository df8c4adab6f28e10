import { derivedId, streams, type AnyEvent, type EventType } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import type { SpanContext } from '@opentelemetry/api';
import { beginSpan, spanOf } from './tracing.js';

/** What a span needs of an event that is long published. */
interface Known {
  id: string;
  type: string;
  correlationId: string;
}

/** Events that wait for their cause to be read; beyond that a trace lacks its way, and no more. */
const MOST_WAITING = 256;
/** Creators and clips that are remembered. */
const MOST_KNOWN = 20_000;
/** A clip is submitted and reviewed in its first events; a payout ends within some. */
const NEAR = 50;

const REVIEWS: readonly EventType[] = ['ClipApproved', 'ClipRejected', 'ClipHeld', 'ClipReleased'];
const STEPS: readonly EventType[] = [
  'PayoutApproved',
  'PayoutRejected',
  'PayoutPaid',
  'PayoutFailed',
];

/**
 * Ways between the traces of one clip: of its submission, its review, its scrapes, and the payout
 * of what it has earned. Each of them begins with a person or a plan, so they are traces of their
 * own. A link names an older span only; so the older trace gets a small span as well, which links
 * to the newer one.
 */
export class Causes {
  readonly #store: Pick<EventStore, 'readStream'>;
  /** The newest review, or the submission, by clip; the newest accrual by creator and currency. */
  readonly #known = new Map<string, Known>();
  #waiting = 0;

  constructor(store: Pick<EventStore, 'readStream'>) {
    this.#store = store;
  }

  /** Nobody waits for it, and a fault of it is nobody's: it is about traces only. */
  published(event: AnyEvent): void {
    if (event.type === 'EarningsAccrued')
      for (const { creatorId } of event.data.lines)
        this.#know(`${creatorId} ${event.data.currency}`, event);
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    void this.#causeOf(event)
      .then((cause) => cause && connect(cause, event))
      .catch(() => {})
      .finally(() => this.#waiting--);
  }

  async #causeOf(event: AnyEvent): Promise<Known | undefined> {
    const { type, stream, revision, data } = event;
    if (type === 'ClipSubmitted' || REVIEWS.includes(type)) {
      const { clipId, campaignId } = data as { clipId: string; campaignId: string };
      const of = (one: AnyEvent) =>
        one.type === 'ClipSubmitted' && one.data.campaignId === campaignId && one.revision < revision; // prettier-ignore
      const cause = type === 'ClipSubmitted' ? undefined : await this.#first(stream, of);
      if (type === 'ClipSubmitted' || type === 'ClipApproved') this.#know(clipId, event);
      return cause;
    }
    if (type === 'ClipTrackingRequested') {
      const { clipId } = event.data;
      const known = this.#known.get(clipId);
      if (known) return known;
      const submitted = (one: AnyEvent) => one.type === 'ClipSubmitted';
      const found = await this.#first(streams.clip(clipId), submitted);
      if (found) this.#know(clipId, found);
      return found;
    }
    if (type === 'PayoutRequested')
      return this.#known.get(`${event.data.creatorId} ${event.data.currency}`);
    if (!STEPS.includes(type)) return undefined;
    const { payoutId } = data as { payoutId: string };
    const before = { from: revision - 1, direction: 'backwards', limit: NEAR } as const;
    for await (const one of this.#store.readStream(stream, before))
      if ('payoutId' in one.data && one.data.payoutId === payoutId) return one;
    return undefined;
  }

  async #first(stream: string, wanted: (event: AnyEvent) => boolean): Promise<Known | undefined> {
    for await (const event of this.#store.readStream(stream, { limit: NEAR }))
      if (wanted(event)) return event;
    return undefined;
  }

  #know(key: string, { id, type, correlationId }: Known): void {
    this.#known.delete(key);
    this.#known.set(key, { id, type, correlationId });
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value!);
  }
}

/** One small span in each of the two traces, with a link to the other; none within one trace. */
function connect(cause: Known, effect: Known): void {
  if (cause.correlationId === effect.correlationId) return;
  const [from, to] = [spanOf(cause), spanOf(effect)];
  small(`led to ${effect.type}`, from, to, derivedId('led to', cause.id, effect.id));
  small(`follows from ${cause.type}`, to, from, derivedId('follows', effect.id, cause.id));
}

/** Its id follows from the two: what is published again is no second span. */
function small(name: string, within: SpanContext, link: SpanContext, id: string): void {
  const at = { ...within, spanId: id.replaceAll('-', '').slice(0, 16) };
  beginSpan(name, { at, parent: within, links: [link] }).span.end();
}
