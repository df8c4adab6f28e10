import { changePersonalTexts, isSealed, streams, type AnyEvent } from '@cliptally/contracts';
import { asStored, ERASED, type EventStore } from '@cliptally/event-store';
import { moneyPositionsOf, thingsOf } from '../queries/erasures.js';
import type { Queries } from '../queries/queries.js';

/** Of the lines of settlements: they stand in streams of campaigns, and are found by position. */
const MONEY = '~money';
const MONEY_AT_ONCE = 200;

/** Where a reading goes on: behind a revision of a stream, or a position of {@link MONEY}. */
export type DataPlace = [stream: string, behind: number];

/**
 * Everything in the log that is about a creator, stream by stream: its payouts, its accounts, its
 * short links, its clips, and its own lines of settlements and reversals.
 */
export async function* eventsOf(
  store: EventStore,
  tables: Queries,
  creatorId: string,
  [from, behind]: DataPlace = ['', -1],
): AsyncGenerator<{ event: AnyEvent; place: DataPlace }> {
  const { clips, links } = await thingsOf(tables, creatorId);
  const all = [
    streams.payout(creatorId),
    streams.creator(creatorId),
    ...links.map(streams.shortLink),
    ...clips.map(streams.clip),
  ];
  const first = from === '' ? 0 : from === MONEY ? all.length : all.indexOf(from);
  for (const stream of first < 0 ? [] : all.slice(first)) {
    const after = stream === from ? behind + 1 : 0;
    const own = new Set<string>();
    for await (const event of store.readStream(stream)) {
      if (event.type === 'ClipSubmitted' && event.data.creatorId === creatorId)
        own.add(event.data.campaignId);
      if (event.revision >= after && isAbout(event, creatorId, own))
        yield { event, place: [stream, event.revision] };
    }
  }
  let position = from === MONEY ? behind : 0;
  for (;;) {
    const found = await moneyPositionsOf(tables, creatorId, position, MONEY_AT_ONCE);
    if (found.length === 0) return;
    for (position of found)
      for await (const event of store.readAll(position - 1, { limit: 1 }))
        if (event.position === position)
          yield { event: onlyLinesOf(event, creatorId), place: [MONEY, position] };
  }
}

/** A clip may be in campaigns by several creators; what is of no campaign is about each of them. */
function isAbout({ data }: AnyEvent, creatorId: string, own: ReadonlySet<string>): boolean {
  if ('creatorId' in data) return data.creatorId === creatorId;
  return !('campaignId' in data) || own.has(data.campaignId);
}

function onlyLinesOf(event: AnyEvent, creatorId: string): AnyEvent {
  if (!('lines' in event.data)) return event;
  const lines = (event.data.lines as { creatorId: string }[]).filter((line) => line.creatorId === creatorId); // prettier-ignore
  return { ...event, data: { ...event.data, lines } } as AnyEvent;
}

/** How many texts about the creator stand in the log as they were given. */
export async function textsInClear(
  store: EventStore,
  tables: Queries,
  creatorId: string,
): Promise<number> {
  let found = 0;
  for await (const { event } of eventsOf(asStored(store), tables, creatorId))
    changePersonalTexts(event.type, event.data, (text) => {
      if (!isSealed(text) && text !== ERASED) found++;
      return text;
    });
  return found;
}
