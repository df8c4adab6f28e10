import type { AnyEvent } from '@cliptally/contracts';
import { streams } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { evolveCampaign, type Campaign, type CampaignFact } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import { isClipFact, record } from '../domain/ledger.js';
import { MemoryLedger } from '../domain/memory-ledger.js';
import { rule } from '../domain/rule-broken.js';

/** Events that one state is folded from at most: some seconds of work. */
const MOST_EVENTS = 50_000;

export interface Place {
  /** The last event up to the position. */
  event: AnyEvent;
  first: number;
  previous: number | null;
  next: number | null;
  last: number;
}

/** A campaign as it was at a position, by the rules that fold it today; null before its launch. */
export async function campaignAt(
  store: EventStore,
  campaignId: string,
  position: number,
): Promise<(Place & { campaign: Campaign; launchedAt: Date }) | null> {
  let campaign: Campaign | null = null;
  let launchedAt = new Date(0);
  const place = await walk(store, streams.campaign(campaignId), position, (event) => {
    if (campaign === null) launchedAt = new Date(event.time);
    campaign = evolveCampaign(campaign, event as AnyEvent & CampaignFact);
  });
  return place && campaign ? { ...place, campaign, launchedAt } : null;
}

export interface ClipThen extends Place {
  entries: ClipEntry[];
  campaigns: ReadonlyMap<string, Campaign>;
  views: number | null;
  observedAt: string | null;
}

/** A clip in all its campaigns as it was at a position; null before it was submitted. */
export async function clipAt(
  store: EventStore,
  clipId: string,
  position: number,
): Promise<ClipThen | null> {
  const own: AnyEvent[] = [];
  let newest: { views: number; observedAt: string } | null = null;
  const place = await walk(store, streams.clip(clipId), position, (event) => {
    own.push(event);
    if (event.type === 'ViewsRecorded' && (!newest || event.data.observedAt >= newest.observedAt))
      newest = event.data;
  });
  if (!place) return null;
  const ids = new Set(own.flatMap(({ type, data }) => (type === 'ClipSubmitted' ? data.campaignId : []))); // prettier-ignore
  const events = own.filter(isClipFact) as AnyEvent[];
  for (const campaignId of ids)
    await walk(store, streams.campaign(campaignId), position, (event) => events.push(only(event, clipId))); // prettier-ignore
  const ledger = new MemoryLedger();
  for (const event of events.toSorted((a, b) => a.position - b.position))
    record(ledger, event as Parameters<typeof record>[1]);
  const { views = null, observedAt = null } = (newest ?? {}) as { views?: number; observedAt?: string }; // prettier-ignore
  return { ...place, entries: [...ledger.entriesOf(clipId)], campaigns: ledger.campaigns, views, observedAt }; // prettier-ignore
}

/** Of money, the lines of one clip: the sums of the campaign are in the event itself. */
function only(event: AnyEvent, clipId: string): AnyEvent {
  if (event.type !== 'EarningsAccrued' && event.type !== 'EarningsReversed') return event;
  const lines = (event.data.lines as { clipId: string }[]).filter((line) => line.clipId === clipId);
  return { ...event, data: { ...event.data, lines } } as AnyEvent;
}

/** Takes each event of the stream up to the position; null if there is none. */
async function walk(
  store: EventStore,
  stream: string,
  position: number,
  take: (event: AnyEvent) => void,
): Promise<Place | null> {
  let event: AnyEvent | null = null;
  let first = 0;
  let previous: number | null = null;
  let next: number | null = null;
  let read = 0;
  for await (const one of store.readStream(stream)) {
    if (one.position > position) {
      next = one.position;
      break;
    }
    if (++read > MOST_EVENTS)
      throw rule(
        'too_long',
        'position',
        `The stream "${stream}" has more than ${MOST_EVENTS} events up to there: ask for an earlier position.`,
      );
    if (event) previous = event.position;
    else first = one.position;
    event = one;
    take(one);
  }
  if (!event) return null;
  const last = (await store.tails([stream])).get(stream)!.position;
  return { event, first, previous, next, last };
}
