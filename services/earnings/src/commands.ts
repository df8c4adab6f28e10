import { derivedId, newEvent, streams, type Clock, type EventData, type NewEvent, type PayoutDestination } from '@cliptally/contracts';
import { WrongExpectedRevision } from '@cliptally/event-store';
import { conflict } from './api/problem.js';
import type { EarningsCore } from './core.js';
import type { Decided } from './domain/fact.js';
import type { Campaign } from './domain/campaign.js';
import type { ClipEntry } from './domain/clip.js';
import type { Payout } from './domain/payout.js';
import { Queries } from './queries.js';

/** What a decision is made on, and the revision of the stream it was read at; -1 where there is none yet. */
interface State<T> {
  state: T;
  revision: number;
}

/** Whether the service's own tables have taken over what a command has written. */
export interface Done {
  visible: boolean;
}

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
   * Decides on many payouts of many creators in one append. `decide` gets those that exist, as of one instant, and throws where one of them
   * must not be changed: then none is.
   */
  async payouts(
    commandId: string,
    payoutIds: readonly string[],
    decide: (payouts: ReadonlyMap<string, Payout>, now: Date) => Promise<ReadonlyMap<string, Decided[]>>,
  ): Promise<Done> {
    return this.#attempt(async () => {
      const rows = await this.#queries.payoutsAt(payoutIds);
      const decided = await decide(new Map(rows.map(({ state }) => [state.payoutId, state])), this.#clock.now());
      const appends = [...Map.groupBy(rows, ({ state }) => state.creatorId)].map(([creatorId, own]) => ({
        stream: streams.payout(creatorId),
        expected: own[0]!.revision,
        events: own.flatMap(({ state: { payoutId } }) => this.#events(derivedId(commandId, payoutId), decided.get(payoutId) ?? [])),
      }));
      const appended = await this.#core.store.appendMany(appends.filter(({ events }) => events.length > 0));
      return Math.max(0, ...appended.map(({ position }) => position));
    });
  }

  payoutAccount(commandId: string, creatorId: string, decide: (current: PayoutDestination | null) => Decided[]): Promise<Done> {
    return this.#execute(commandId, streams.payout(creatorId), async () => {
      const revision = await this.#queries.payoutRevision(creatorId);
      return { state: await this.#queries.payoutAccount(creatorId), revision };
    }, decide); // prettier-ignore
  }

  /** Asks for a look at a clip, outside any run. */
  async track(commandId: string, request: Omit<EventData<'ClipTrackingRequested'>, 'requestId' | 'runId' | 'score'>): Promise<string> {
    const requestId = derivedId(commandId, 'look');
    const runId = `manual-${requestId}`;
    const event = newEvent('ClipTrackingRequested', requestId, { ...request, requestId, runId, score: 0 }, this.#context(commandId));
    await this.#core.store.append(streams.trackingRun(runId), [event], 'any');
    return requestId;
  }

  #execute<T>(
    commandId: string,
    stream: string,
    read: () => Promise<State<T>>,
    decide: (state: T, now: Date) => Decided[] | Promise<Decided[]>,
  ): Promise<Done> {
    return this.#attempt(async () => {
      const { state, revision } = await read();
      const decided = await decide(state, this.#clock.now());
      if (decided.length === 0) return 0;
      const { position } = await this.#core.store.append(stream, this.#events(commandId, decided), revision < 0 ? 'none' : revision);
      return position;
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
    throw conflict('busy', 'Others are changing the same thing at this moment; send the request again.');
  }

  #events(commandId: string, decided: readonly Decided[]): NewEvent[] {
    return decided.map(({ type, data }, i) => newEvent(type, derivedId(commandId, i), data, this.#context(commandId)));
  }

  #context(commandId: string) {
    return { time: this.#clock.now(), correlationId: commandId, causationId: commandId };
  }
}
