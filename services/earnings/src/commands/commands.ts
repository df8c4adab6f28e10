import {
  derivedId,
  newEvent,
  streams,
  type Clock,
  type EventData,
  type IdentifiedClip,
  type NewEvent,
  type PayoutDestination,
} from '@cliptally/contracts';
import type { StreamAppend } from '@cliptally/event-store';
import { changeClaims, verifyAccount, type NamedClaim } from './account-commands.js';
import { at, type StreamDecision } from './decision.js';
import { decideOnEach, type ManyDone } from './many-clips.js';
import { countsOf, type Asked } from './submission-counts.js';
import { Execution, VISIBLE_WITHIN_MS, type CommandPorts, type Done } from './execution.js';
import { commitmentsOf, fund, refund, undoRefund } from './funding-commands.js';
import { eraseCreator } from './erasure.js';
import { moveClip } from './move-clip.js';
import { PendingSubmissions } from './pending-submissions.js';
import type { Erasure } from '../domain/erasure.js';
import type { Decided } from '../domain/fact.js';
import { RuleBroken } from '../domain/rule-broken.js';
import type { Account, Verification } from '../domain/account.js';
import type { Campaign } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import type { Refund } from '../domain/funding-refund.js';
import type { Move } from '../domain/move.js';
import type { Payout } from '../domain/payout.js';
import {
  decideFollowed,
  decideLinked,
  refusedBy,
  type NotFollowed,
  type PendingLink,
} from '../domain/short-link.js';
import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import type { Snapshot, Tables } from '../queries/tables.js';

/** A scrape that a person asks for. */
export type ScrapeRequest = Omit<EventData<'ClipTrackingRequested'>, 'runId' | 'score'>;

/** How far the tables that answer are. */
export interface Progress {
  position: number;
  head(): Promise<number>;
  waitFor(position: number): Promise<boolean>;
}

/**
 * What the rules make of a state; `snapshot` answers what else they have to know, as of the same
 * instant.
 */
type Decide<T> = (state: T, now: Date, snapshot: Snapshot) => Decided[] | Promise<Decided[]>;

/** A refusal of the rules; any other error is thrown on. */
function ruleBroken(error: unknown): RuleBroken {
  if (error instanceof RuleBroken) return error;
  throw error;
}

/**
 * Carries out commands. Each reads one snapshot of the tables, lets the rules decide, and appends
 * to all streams that the decision rests on as one, at the revisions that were read; if one of them
 * has moved on, it decides again.
 */
export class Commands {
  readonly #ports: CommandPorts;
  readonly #clock: Clock;
  readonly #tables: Tables;
  readonly #execution: Execution;
  readonly #pending: PendingSubmissions;

  constructor(
    ports: CommandPorts,
    clock: Clock,
    tables: Tables,
    readonly limits: Limits = DEFAULT_LIMITS,
    dry = false,
  ) {
    this.#ports = ports;
    this.#pending = new PendingSubmissions(limits.mostPending);
    this.#clock = clock;
    this.#tables = tables;
    this.#execution = new Execution(ports, clock, tables, dry);
  }

  /** Commands that decide as these do, and append nothing. */
  rehearsal(): Commands {
    return new Commands(this.#ports, this.#clock, this.#tables, this.limits, true);
  }

  get progress(): Progress {
    const { projector, store } = this.#ports;
    return {
      position: projector.position,
      head: () => store.head(),
      waitFor: (position) => projector.waitFor(position, VISIBLE_WITHIN_MS),
    };
  }

  campaign(commandId: string, campaignId: string, decide: Decide<Campaign | null>): Promise<Done> {
    const stream = streams.campaign(campaignId);
    return this.#execution.execute(commandId, stream, async (snapshot, now) => {
      const found = await snapshot.campaignRow(campaignId);
      const state = found?.state ?? null;
      const events = await decide(state, now, snapshot);
      const paid = this.limits.prefunding ? await commitmentsOf(snapshot, state, events, now) : [];
      return [{ stream, expected: at(found?.revision ?? -1), events }, ...paid];
    });
  }

  /** A brand has paid in; once for each reference. */
  fund(commandId: string, payment: EventData<'BudgetFunded'>): Promise<Done> {
    return fund(this.#execution, commandId, payment);
  }

  /** Money of a payment has gone back, or has come back again if `stands` is false. */
  refund(commandId: string, asked: Refund, stands = true): Promise<Done> {
    return refund(this.#execution, commandId, asked, stands);
  }

  undoRefund(commandId: string, asked: { brandId: string; refundId: string; by: string }) {
    return undoRefund(this.#execution, commandId, asked);
  }

  clip(commandId: string, clipId: string, decide: Decide<ClipEntry[]>): Promise<Done> {
    const stream = streams.clip(clipId);
    return this.#execution.execute(commandId, stream, async (snapshot, now) => {
      const { state, revision } = await snapshot.clipState(clipId);
      const events = await decide(state, now, snapshot);
      const counts = await countsOf(snapshot, events, now, this.#pending);
      return [{ stream, expected: at(revision), events }, ...counts];
    });
  }

  /** Decides on many clips, each by itself. */
  clips(commandId: string, asked: readonly Asked[]): Promise<ManyDone> {
    return decideOnEach(this.#ports, this.#execution, this.#tables, this.#clock, commandId, asked);
  }

  moveClip(commandId: string, clipId: string, between: readonly [string, string], move: Move) {
    const parts = { execution: this.#execution, store: this.#ports.store, clock: this.#clock, tables: this.#tables }; // prettier-ignore
    return moveClip(parts, commandId, clipId, between, move);
  }

  /**
   * One creator's payouts share a stream with notices of its reversals, so that all that changes
   * its balance for the worse is decided in turn.
   */
  payout(
    commandId: string,
    creatorId: string,
    payoutId: string,
    decide: Decide<Payout | null>,
  ): Promise<Done> {
    const stream = streams.payout(creatorId);
    return this.#execution.execute(commandId, stream, async (snapshot, now) => {
      const expected = at(await snapshot.payoutRevision(creatorId));
      return [
        { stream, expected, events: await decide(await snapshot.payout(payoutId), now, snapshot) },
      ];
    });
  }

  /**
   * Decides on many payouts of many creators in one append; gives what was decided. `decide` gets
   * those that exist, as of one instant, and throws if one of them must not be changed: then none
   * is.
   */
  async payouts(
    commandId: string,
    payoutIds: readonly string[],
    decide: (
      payouts: ReadonlyMap<string, Payout>,
      now: Date,
      snapshot: Snapshot,
    ) => Promise<ReadonlyMap<string, Decided[]>>,
  ): Promise<Done & { events: readonly Pick<NewEvent, 'type'>[] }> {
    let events: readonly Pick<NewEvent, 'type'>[] = [];
    const done = await this.#execution.attempt(async () => {
      const { decision, before, now, position } = await this.#tables.snapshot(async (snapshot) => {
        const rows = await snapshot.payoutsAt(payoutIds);
        const creators = [...new Set(rows.map(({ state }) => state.creatorId))];
        const before = (
          await Promise.all(
            creators.map((creatorId) =>
              this.#execution.doneBefore(commandId, streams.payout(creatorId)),
            ),
          )
        ).flat();
        const now = this.#clock.now();
        const decided = before.length > 0 ? new Map<string, Decided[]>() : await decide(new Map(rows.map(({ state }) => [state.payoutId, state])), now, snapshot); // prettier-ignore
        const decision = [...Map.groupBy(rows, ({ state }) => state.creatorId)].map(
          ([creatorId, own]) => ({
            stream: streams.payout(creatorId),
            expected: at(own[0]!.revision),
            events: own.flatMap(({ state: { payoutId } }) => decided.get(payoutId) ?? []),
          }),
        );
        return { decision, before, now, position: snapshot.position };
      });
      events = before.length > 0 ? before : decision.flatMap((of) => of.events);
      return before.length > 0
        ? Math.max(...before.map((event) => event.position))
        : this.#execution.append(decision, commandId, now, position);
    });
    return { ...done, events };
  }

  /** A creator's claims to accounts are one stream. */
  claims(commandId: string, creatorId: string, decide: (own: Account[]) => Decided[]) {
    return changeClaims(this.#execution, commandId, creatorId, decide);
  }

  verifyAccount(commandId: string, account: NamedClaim, how: Verification): Promise<Done> {
    return verifyAccount(this.#execution, commandId, account, how);
  }

  /** `inClear` counts the creator's texts that no key seals. */
  erase(commandId: string, creatorId: string, erasure: Erasure, inClear: () => Promise<number>) {
    return eraseCreator(this.#execution, commandId, creatorId, erasure, inClear);
  }

  payoutAccount(
    commandId: string,
    creatorId: string,
    decide: (current: PayoutDestination | null) => Decided[],
  ): Promise<Done> {
    const stream = streams.payout(creatorId);
    return this.#execution.execute(commandId, stream, async (snapshot) => [
      {
        stream,
        expected: at(await snapshot.payoutRevision(creatorId)),
        events: decide(await snapshot.payoutAccount(creatorId)),
      },
    ]);
  }

  shortLink(commandId: string, linkId: string, decide: Decide<PendingLink | null>): Promise<Done> {
    const stream = streams.shortLink(linkId);
    return this.#execution.execute(commandId, stream, async (snapshot, now) => {
      const found = await snapshot.shortLink(linkId);
      return [
        {
          stream,
          expected: at(found?.revision ?? -1),
          events: await decide(found?.state ?? null, now, snapshot),
        },
      ];
    });
  }

  /**
   * A person says which clip an existing short link is; one append has the clip's submission and
   * the link's end.
   */
  link(commandId: string, linkId: string, clip: IdentifiedClip, by: string): Promise<Done> {
    const stream = streams.shortLink(linkId);
    return this.#execution.execute(commandId, stream, async (snapshot, now) => {
      const { state, revision } = (await snapshot.shortLink(linkId))!;
      const entries = await snapshot.clipState(clip.clipId);
      const campaign = (await snapshot.campaignRow(state.campaignId))!.state;
      const decided = decideLinked(state, clip, entries.state, campaign, now, by);
      const counts = await countsOf(
        snapshot,
        decided.clip,
        new Date(state.submittedAt),
        this.#pending,
      );
      return [
        { stream, expected: at(revision), events: decided.link },
        {
          stream: streams.clip(clip.clipId),
          expected: at(entries.revision),
          events: decided.clip,
        },
        ...counts,
      ];
    });
  }

  /**
   * Records the outcome of one more try to follow a pending link; `revision` is that of the link
   * when it was tried. One append has the clip's submission and the link's end. Changes nothing if
   * another replica has recorded a try meanwhile.
   */
  followed(linkId: string, revision: number, found: IdentifiedClip | NotFollowed): Promise<Done> {
    const clipId = found.kind === 'clip' ? found.clipId : null;
    return this.#execution.attempt(async () => {
      const read = await this.#tables.snapshot(async (snapshot) => {
        const row = await snapshot.shortLink(linkId);
        if (row?.revision !== revision || row.state.nextTryAt === null) return null;
        const entries = clipId === null ? null : await snapshot.clipState(clipId);
        const campaign = (await snapshot.campaignRow(row.state.campaignId))!.state;
        const now = this.#clock.now();
        const known = entries?.state ?? [];
        const followed = decideFollowed(row.state, found, known, campaign, now);
        const on = new Date(row.state.submittedAt);
        const counted = await countsOf(snapshot, followed.clip, on, this.#pending).catch(
          ruleBroken,
        );
        const refused = counted instanceof RuleBroken;
        const decided = refused ? refusedBy(row.state, counted) : followed;
        const counts = refused ? [] : counted;
        return { row, entries, decided, counts, now, position: snapshot.position };
      });
      if (!read) return 0;
      const { row, entries, decided, counts, now, position } = read;
      // The ids follow from what was decided: the log takes two ways to go on from one state for
      // two events, and refuses the later one.
      const tryId = derivedId('short-link-try', linkId, revision, JSON.stringify(decided));
      const decision: StreamDecision[] = [
        { stream: streams.shortLink(linkId), expected: revision, events: decided.link },
        ...counts,
      ];
      if (decided.clip.length > 0)
        decision.push({
          stream: streams.clip(clipId!),
          expected: at(entries!.revision),
          events: decided.clip,
        });
      return this.#execution.append(decision, tryId, now, position, row.correlation_id);
    });
  }

  /**
   * Asks for scrapes of clips, outside any tracking run; for each of them once, however often its
   * `requestId` comes.
   */
  async track(commandId: string, scrapes: readonly ScrapeRequest[]): Promise<void> {
    const context = { time: this.#clock.now(), correlationId: commandId, causationId: commandId };
    const appends = scrapes.map((scrape): StreamAppend => {
      const runId = `manual-${scrape.requestId}`;
      const event = newEvent(
        'ClipTrackingRequested',
        scrape.requestId,
        { ...scrape, runId, score: 0 },
        context,
      );
      return { stream: streams.trackingRun(runId), events: [event], expected: 'any' };
    });
    await this.#execution.send(appends);
  }
}
