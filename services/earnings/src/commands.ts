import { derivedId, newEvent, streams, type Clock, type EventData } from '@cliptally/contracts';
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

  campaign(commandId: string, campaignId: string, decide: (campaign: Campaign | null, now: Date) => Decided[]): Promise<Done> {
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

  /** Asks for a look at a clip, outside any run. */
  async track(commandId: string, request: Omit<EventData<'ClipTrackingRequested'>, 'requestId' | 'runId' | 'score'>): Promise<string> {
    const requestId = derivedId(commandId, 'look');
    const runId = `manual-${requestId}`;
    const event = newEvent('ClipTrackingRequested', requestId, { ...request, requestId, runId, score: 0 }, this.#context(commandId));
    await this.#core.store.append(streams.trackingRun(runId), [event], 'any');
    return requestId;
  }

  async #execute<T>(
    commandId: string,
    stream: string,
    read: () => Promise<State<T>>,
    decide: (state: T, now: Date) => Decided[] | Promise<Decided[]>,
  ): Promise<Done> {
    const { store, projector } = this.#core;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { state, revision } = await read();
      const decided = await decide(state, this.#clock.now());
      if (decided.length === 0) return { visible: true };
      const events = decided.map(({ type, data }, i) => newEvent(type, derivedId(commandId, i), data, this.#context(commandId)));
      try {
        const { position } = await store.append(stream, events, revision < 0 ? 'none' : revision);
        return { visible: await projector.waitFor(position, VISIBLE_WITHIN_MS) };
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        // Somebody was faster: decide again on what they have made of it.
        await projector.waitFor(await store.head(), VISIBLE_WITHIN_MS);
      }
    }
    throw conflict('busy', 'Others are changing the same thing at this moment; send the request again.');
  }

  #context(commandId: string) {
    return { time: this.#clock.now(), correlationId: commandId, causationId: commandId };
  }
}
