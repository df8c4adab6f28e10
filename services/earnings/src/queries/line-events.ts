import { streams, type AnyEvent, type EventType } from '@cliptally/contracts';
import { chained, type EventStore } from '@cliptally/event-store';
import { rule } from '../domain/rule-broken.js';
import type { LedgerRow } from '../projection/table-rows.js';

/** Events that one line is exported with at most. */
const MOST_EVENTS = 20_000;

/**
 * Fields of events that a line may be explained with to its creator and its brand: what amounts
 * follow from. Who acted, reasons, submitted links and accounts are not; a new field is not until
 * it is here.
 */
const SHOWN: Partial<Record<EventType, readonly string[]>> = {
  CampaignLaunched: ['campaignId', 'name', 'terms'],
  CampaignToppedUp: ['campaignId', 'amount'],
  CampaignPaused: ['campaignId'],
  CampaignResumed: ['campaignId'],
  CampaignEnded: ['campaignId'],
  CampaignBudgetExhausted: ['campaignId', 'currency', 'budget', 'unpaid', 'decidedAt'],
  EarningsAccrued: ['campaignId', 'currency', 'total', 'fee', 'lines', 'decidedAt'],
  EarningsReversed: ['campaignId', 'currency', 'total', 'fee', 'lines', 'by', 'decidedAt'],
  ClipSubmitted: ['clipId', 'platform', 'campaignId', 'creatorId', 'url', 'submittedAt', 'postedAt'],
  ClipApproved: ['clipId', 'platform', 'campaignId', 'moved'],
  ClipRejected: ['clipId', 'platform', 'campaignId'],
  ClipHeld: ['clipId', 'platform', 'campaignId'],
  ClipReleased: ['clipId', 'platform', 'campaignId'],
  ViewsRecorded: ['clipId', 'platform', 'views', 'metric', 'roundedTo', 'observedAt', 'postedAt', 'source', 'cached'],
}; // prettier-ignore

/** An event of a line; `withheld` names what is left out of it, and is absent if nothing is. */
export type LineEvent = AnyEvent & { withheld?: string[] };

/**
 * The events that the amount of a line follows from, in the order of the log: those of its campaign
 * and its clip up to it, with the lines of its creator alone. `whole` leaves nothing out of them.
 */
export async function eventsOfLine(
  store: EventStore,
  line: Pick<LedgerRow<Date>, 'position' | 'campaign_id' | 'clip_id' | 'creator_id'>,
  whole: boolean,
): Promise<LineEvent[]> {
  const { position, campaign_id: campaignId, clip_id: clipId, creator_id: creatorId } = line;
  if (campaignId === null || clipId === null) {
    const of = await prefix(store, streams.payout(creatorId), position);
    return of.filter((event) => event.position === position).map((event) => (whole ? event : shownOf(event, creatorId))); // prettier-ignore
  }
  const [campaign, clip] = [
    await prefix(store, streams.campaign(campaignId), position, ['CampaignBudgetExhausted']),
    await prefix(store, streams.clip(clipId), position),
  ];
  const own = clip.filter(({ data }) => !('campaignId' in data) || data.campaignId === campaignId);
  const events = [...campaign, ...own].filter(({ type }) => whole || Object.hasOwn(SHOWN, type));
  return events
    .toSorted((a, b) => a.position - b.position)
    .map((event) => (whole ? event : shownOf(event, creatorId)));
}

/** As JSON Lines with a hash chain, as an export of the whole log is. */
export const exported = (events: readonly LineEvent[]): Promise<string[]> =>
  Array.fromAsync(chained(inOrder(events)));

async function* inOrder(events: readonly LineEvent[]): AsyncGenerator<AnyEvent> {
  yield* events;
}

function shownOf(event: AnyEvent, creatorId: string): LineEvent {
  const fields = SHOWN[event.type] ?? ['payoutId', 'creatorId', 'currency', 'amount'];
  const given = Object.entries(event.data as object);
  const withheld = given.map(([name]) => name).filter((name) => !fields.includes(name));
  const data = Object.fromEntries(given.filter(([name]) => fields.includes(name)));
  if ('lines' in data) {
    const lines = data['lines'] as { creatorId: string }[];
    const own = lines.filter((line) => line.creatorId === creatorId);
    if (own.length < lines.length) withheld.push(`${lines.length - own.length} of ${lines.length} lines`); // prettier-ignore
    data['lines'] = own;
  }
  const terms = data['terms'] as Record<string, unknown> | undefined;
  if (terms?.['anomalyThreshold'] !== undefined) {
    const { anomalyThreshold: _, ...others } = terms;
    data['terms'] = others;
    withheld.push('terms.anomalyThreshold');
  }
  const shown = { ...event, data } as unknown as LineEvent;
  return withheld.length > 0 ? { ...shown, withheld } : shown;
}

/** The stream up to a position, and what of `beyond` was appended right behind it. */
async function prefix(
  store: EventStore,
  stream: string,
  position: number,
  beyond: readonly EventType[] = [],
): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  for await (const event of store.readStream(stream)) {
    const after = event.position > position;
    if (after && !(beyond.includes(event.type) && event.time === events.at(-1)?.time)) break;
    if (events.push(event) > MOST_EVENTS)
      throw rule(
        'too_long',
        'line',
        `The stream "${stream}" has more than ${MOST_EVENTS} events up to the line: npm run events -- export has them.`,
      );
    if (after) break;
  }
  return events;
}
