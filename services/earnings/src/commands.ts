import {
  derivedId,
  newEvent,
  streams,
  type AnyEvent,
  type Clock,
  type EventData,
  type IdentifiedClip,
  type NewEvent,
  type PayoutDestination,
} from '@cliptally/contracts';
import { AsyncLocalStorage } from 'node:async_hooks';
import { WrongExpectedRevision, type Appended, type StreamAppend } from '@cliptally/event-store';
import { inSpan, workSpanOf } from '@cliptally/messaging';
import { conflict } from './api/problem.js';
import type { EarningsCore } from './core.js';
import { decidedAt, type Decided } from './domain/fact.js';
import { RuleBroken } from './domain/rule-broken.js';
import type { Campaign } from './domain/campaign.js';
import type { ClipEntry } from './domain/clip.js';
import type { Payout } from './domain/payout.js';
import { decideFollowed, type NotFollowed, type PendingLink } from './domain/short-link.js';
import { Queries } from './queries.js';

/** What a decision is made on, and the revision of the stream it was read at; -1 where there is none yet. */
interface State<T> {
  state: T;
  revision: number;
}

/** A look that a person asks for. */
export type LookRequest = Omit<EventData<'ClipTrackingRequested'>, 'runId' | 'score'>;

/** Whether the service's own tables have taken over what a command has written. */
export interface Done {
  visible: boolean;
}

/** Whether the command that is carried out may have been carried out before: its answer was lost, and it is asked for again. */
export const mayBeDone = new AsyncLocalStorage<boolean>();

/** How far the tables that answer are. */
export interface Progress {
  position: number;
  head(): Promise<number>;
  waitFor(position: number): Promise<boolean>;
}

const busy = () => conflict('busy', 'Others are changing the same thing at this moment; send the request again.');
const ATTEMPTS = 5;
const VISIBLE_WITHIN_MS = 2_000;

/** Carries out commands: reads what the projection knows, lets the rules decide, and appends at the revision that was read. */
export class Commands {
  readonly #core: EarningsCore;
  readonly #clock: Clock;
  readonly #queries: Queries;

  constructor(core: EarningsCore, clock: Clock, queries: Queries) {
    this.#core = core;
    this.#clock = clock;
    this.#queries = queries;
  }

  get progress(): Progress {
    const { projector, store } = this.#core;
    return {
      position: projector.position,
      head: () => store.head(),
      waitFor: (position) => projector.waitFor(position, VISIBLE_WITHIN_MS),
    };
  }

  campaign(
    commandId: string,
    campaignId: string,
    decide: (campaign: Campaign | null, now: Date) => Decided[] | Promise<Decided[]>,
  ): Promise<Done> {
    return this.#execute(commandId, streams.campaign(campaignId), async () => {
      const found = await this.#queries.campaignRow(campaignId);
      return { state: found?.state ?? null, revision: found?.revision ?? -1 };
    }, decide); // prettier-ignore
  }

  clip(commandId: string, clipId: string, decide: (entries: ClipEntry[], now: Date) => Decided[]): Promise<Done> {
    return this.#execute(commandId, streams.clip(clipId), () => this.#queries.clipState(clipId), decide);
  }

  /**
   * Decides on many clips, each by itself. Gives what was decided or a refusal for each, in order. Of several decisions on one clip each is made on what
   * came of the one before, so that each takes a round, and of those there are as many as attempts.
   */
  async clips(
    commandId: string,
    asked: readonly { clipId: string; decide: (entries: ClipEntry[], now: Date) => Decided[] }[],
  ): Promise<Done & { results: (readonly Pick<NewEvent, 'type'>[] | Error)[] }> {
    const { store, projector } = this.#core;
    const results: (readonly Pick<NewEvent, 'type'>[] | Error)[] = asked.map(busy);
    let open = asked.map((ask, nth) => ({ ...ask, nth }));
    let visible = true;
    for (let attempt = 1; attempt <= ATTEMPTS && open.length > 0; attempt++) {
      const round = [...new Map(open.toReversed().map((ask) => [ask.clipId, ask])).values()];
      const states = await this.#queries.clipStates(round.map(({ clipId }) => clipId));
      const outdated = new Set<number>();
      const positions = await Promise.all(
        round.map(async ({ clipId, decide, nth }) => {
          const { state, revision } = states.get(clipId) ?? { state: [], revision: -1 };
          const stream = streams.clip(clipId);
          const before = await this.#doneBefore(derivedId(commandId, nth), stream);
          results[nth] = before;
          if (before.length > 0) return before[0]!.position;
          try {
            const events = this.#events(derivedId(commandId, nth), decide(state, this.#clock.now()));
            results[nth] = events;
            return events.length === 0 ? 0 : (await store.append(stream, events, revision < 0 ? 'none' : revision)).position;
          } catch (error) {
            if (!(error instanceof WrongExpectedRevision || error instanceof RuleBroken)) throw error;
            if (error instanceof WrongExpectedRevision) outdated.add(nth);
            results[nth] = error instanceof RuleBroken ? error : busy();
            return 0;
          }
        }),
      );
      const reached = outdated.size > 0 ? await store.head() : Math.max(...positions);
      visible = await projector.waitFor(reached, VISIBLE_WITHIN_MS);
      const decided = new Set(round.map(({ nth }) => nth).filter((nth) => !outdated.has(nth)));
      open = open.filter(({ nth }) => !decided.has(nth));
    }
    return { visible, results };
  }

  /** One creator's payouts share a stream, so that requests at the same moment are decided one after the other. */
  payout(
    commandId: string,
    creatorId: string,
    payoutId: string,
    decide: (payout: Payout | null, now: Date) => Promise<Decided[]>,
  ): Promise<Done> {
    return this.#execute(commandId, streams.payout(creatorId), async () => {
      // The revision first: a state that is newer than it only makes the append fail, an older one would let too much through.
      const revision = await this.#queries.payoutRevision(creatorId);
      return { state: await this.#queries.payout(payoutId), revision };
    }, decide); // prettier-ignore
  }

  /**
   * Decides on many payouts of many creators in one append; gives what was decided. `decide` gets those that exist, as of one instant, and throws where
   * one of them must not be changed: then none is.
   */
  async payouts(
    commandId: string,
    payoutIds: readonly string[],
    decide: (payouts: ReadonlyMap<string, Payout>, now: Date) => Promise<ReadonlyMap<string, Decided[]>>,
  ): Promise<Done & { events: readonly Pick<NewEvent, 'type'>[] }> {
    let events: readonly Pick<NewEvent, 'type'>[] = [];
    const done = await this.#attempt(async () => {
      const rows = await this.#queries.payoutsAt(payoutIds);
      const ids = new Set(payoutIds.map((payoutId) => derivedId(commandId, payoutId)));
      const creators = [...new Set(rows.map(({ state }) => state.creatorId))];
      const before = (await Promise.all(creators.map((creatorId) => this.#doneBefore(ids, streams.payout(creatorId))))).flat();
      events = before;
      if (before.length > 0) return Math.max(...before.map(({ position }) => position));
      const decided = await decide(new Map(rows.map(({ state }) => [state.payoutId, state])), this.#clock.now());
      const appends = [...Map.groupBy(rows, ({ state }) => state.creatorId)].map(([creatorId, own]) => ({
        stream: streams.payout(creatorId),
        expected: own[0]!.revision,
        events: own.flatMap(({ state: { payoutId } }) => this.#events(derivedId(commandId, payoutId), decided.get(payoutId) ?? [])),
      }));
      const appended = await this.#append(commandId, ...appends.filter((append) => append.events.length > 0));
      events = appends.flatMap((append) => append.events);
      return Math.max(0, ...appended.map(({ position }) => position));
    });
    return { ...done, events };
  }

  payoutAccount(commandId: string, creatorId: string, decide: (current: PayoutDestination | null) => Decided[]): Promise<Done> {
    return this.#execute(commandId, streams.payout(creatorId), async () => {
      const revision = await this.#queries.payoutRevision(creatorId);
      return { state: await this.#queries.payoutAccount(creatorId), revision };
    }, decide); // prettier-ignore
  }

  shortLink(commandId: string, linkId: string, decide: (link: PendingLink | null, now: Date) => Decided[]): Promise<Done> {
    return this.#execute(commandId, streams.shortLink(linkId), async () => {
      const found = await this.#queries.shortLink(linkId);
      return { state: found?.state ?? null, revision: found?.revision ?? -1 };
    }, decide); // prettier-ignore
  }

  /**
   * Records what one more try to follow a waiting link has brought; `revision` is that of the link when it was tried. The clip's
   * submission and the link's end stand in one append. Changes nothing where another replica has recorded a try meanwhile.
   */
  followed(linkId: string, revision: number, found: IdentifiedClip | NotFollowed): Promise<Done> {
    const clipId = found.kind === 'clip' ? found.clipId : null;
    return this.#attempt(async () => {
      const row = await this.#queries.shortLink(linkId);
      if (row?.revision !== revision || row.state.status !== 'PENDING') return 0;
      const entries = clipId === null ? null : await this.#queries.clipState(clipId);
      const campaign = (await this.#queries.campaignRow(row.state.campaignId))!.state;
      const decided = decideFollowed(row.state, found, entries?.state ?? [], campaign, this.#clock.now());
      // The ids follow from what was decided: the log takes two ways to go on from one state for two events, and refuses the later one.
      const tryId = derivedId('short-link-try', linkId, revision, JSON.stringify(decided));
      const made = (part: string, events: readonly Decided[]) => this.#events(derivedId(tryId, part), events, row.correlation_id, tryId);
      const appends: StreamAppend[] = [{ stream: streams.shortLink(linkId), expected: revision, events: made('link', decided.link) }];
      if (decided.clip.length > 0)
        appends.push({
          stream: streams.clip(clipId!),
          expected: entries!.revision < 0 ? 'none' : entries!.revision,
          events: made('clip', decided.clip),
        });
      const appended = await this.#append(row.correlation_id, ...appends);
      return Math.max(...appended.map(({ position }) => position));
    });
  }

  /** Asks for looks at clips, outside any run; for each of them once, however often its `requestId` comes. */
  async track(commandId: string, looks: readonly LookRequest[]): Promise<void> {
    const appends = looks.map((look): StreamAppend => {
      const { requestId } = look;
      const runId = `manual-${requestId}`;
      const event = newEvent('ClipTrackingRequested', requestId, { ...look, runId, score: 0 }, this.#context(commandId));
      return { stream: streams.trackingRun(runId), events: [event], expected: 'any' };
    });
    await this.#append(commandId, ...appends);
  }

  #execute<T>(
    commandId: string,
    stream: string,
    read: () => Promise<State<T>>,
    decide: (state: T, now: Date) => Decided[] | Promise<Decided[]>,
  ): Promise<Done> {
    return this.#attempt(async () => {
      const [before] = await this.#doneBefore(commandId, stream);
      if (before) return before.position;
      const { state, revision } = await read();
      const decided = await decide(state, this.#clock.now());
      if (decided.length === 0) return 0;
      const events = this.#events(commandId, decided);
      const [appended] = await this.#append(commandId, { stream, events, expected: revision < 0 ? 'none' : revision });
      return appended!.position;
    });
  }

  /** `append` gives the position it has reached, 0 where there was nothing to append; whoever was too slow decides again. */
  async #attempt(append: () => Promise<number>): Promise<Done> {
    const { store, projector } = this.#core;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        const position = await append();
        return { visible: position === 0 || (await projector.waitFor(position, VISIBLE_WITHIN_MS)) };
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        // Somebody was faster: decide again on what they have made of it.
        await projector.waitFor(await store.head(), VISIBLE_WITHIN_MS);
      }
    }
    throw busy();
  }

  /** What the command, or one of these, has written to the stream already, newest first; looked for only where that may be. */
  async #doneBefore(commandIds: string | ReadonlySet<string>, stream: string): Promise<AnyEvent[]> {
    if (!mayBeDone.getStore()) return [];
    const ids = typeof commandIds === 'string' ? new Set([commandIds]) : commandIds;
    const events = await Array.fromAsync(this.#core.store.readStream(stream, { direction: 'backwards' }));
    return events.filter(({ causationId }) => ids.has(causationId));
  }

  async #append(commandId: string, ...appends: StreamAppend[]): Promise<Appended[]> {
    const [first] = appends;
    if (!first) return [];
    const at = workSpanOf({ correlationId: commandId, causationId: commandId }, first.stream);
    return inSpan('carry out', { at, attributes: { 'cliptally.stream': first.stream } }, () => this.#core.store.appendMany(appends));
  }

  #events(commandId: string, decided: readonly Decided[], correlationId?: string, causationId?: string): NewEvent[] {
    const context = this.#context(commandId, correlationId, causationId);
    return decided.map((decision, i) => newEvent(decision.type, derivedId(commandId, i), decidedAt(decision, null), context));
  }

  #context(commandId: string, correlationId = commandId, causationId = commandId) {
    return { time: this.#clock.now(), correlationId, causationId };
  }
}
