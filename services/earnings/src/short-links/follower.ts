import { identifyClip, type ClipIdentity, type Clock } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import type { Commands } from '../commands/commands.js';
import { ms } from '../domain/fact.js';
import type { FoundShortLink } from '../queries/found-rows.js';
import type { Queries } from '../queries/queries.js';
import { PeriodicTask } from '../periodic-task.js';
import type { Unresolved } from './resolve-short-link.js';

/** Follows a short link; a test has one without a network. */
export type FollowLink = (url: string, signal?: AbortSignal) => Promise<ClipIdentity | Unresolved>;

export interface FollowerOptions {
  follow: FollowLink;
  commands: Commands;
  queries: Queries;
  /** While it says no, the tables show what is long done. */
  ready?: () => Promise<boolean>;
  clock: Clock;
  log: Log;
}

const LINKS_A_RUN = 100;
/** Each takes up to five seconds if its site does not answer. */
const AT_ONCE = 8;
/** After a link whose try could not be recorded (real time); the others do not wait for it. */
const RETRY_MS = 5_000;

/**
 * Tries short links again when they are due. The outcome of a try is in the log: a restart goes on
 * from there, and of two replicas that try the same link one records it. After a start it reads the
 * addresses that waiting links led to again: newer rules may know their shape.
 */
export class ShortLinkFollower extends PeriodicTask {
  readonly #options: FollowerOptions;
  #rulesApplied = false;

  constructor(options: FollowerOptions) {
    const { ready, clock, log } = options;
    super({
      run: (signal) => this.#tryDue(signal),
      ready,
      what: 'following short links',
      clock,
      log,
    });
    this.#options = options;
  }

  /** Gives the instant of the next try. */
  async #tryDue(signal: AbortSignal): Promise<Date | null> {
    const { queries, clock } = this.#options;
    if (!this.#rulesApplied) await this.#applyRules();
    const waiting = await queries.shortLinksToTry(LINKS_A_RUN + 1);
    const dueAt = ({ state }: FoundShortLink) => ms(state.nextTryAt!);
    const due = waiting.filter((row) => dueAt(row) <= clock.now().getTime()).slice(0, LINKS_A_RUN);
    const queue = due.toReversed();
    let failed = false;
    const lane = async () => {
      for (let row = queue.pop(); row && !signal.aborted; row = queue.pop())
        failed = !(await this.#try(row, signal)) || failed;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    if (failed) return new Date(clock.now().getTime() + RETRY_MS * clock.speed);
    if (due.length > 0) return clock.now();
    return waiting[0] ? new Date(dueAt(waiting[0])) : null;
  }

  async #applyRules(): Promise<void> {
    const { queries, commands } = this.#options;
    for (const { state, revision } of await queries.shortLinksLeading()) {
      const clip = identifyClip(state.leadsTo!);
      if (clip.kind === 'clip') await commands.followed(state.linkId, revision, clip);
    }
    this.#rulesApplied = true;
  }

  async #try(
    { state: { linkId, url }, revision }: FoundShortLink,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { follow, commands, log } = this.#options;
    try {
      const found = await follow(url, signal);
      if (found.kind === 'clip' || found.kind === 'unresolved') {
        const { visible } = await commands.followed(linkId, revision, found);
        return visible;
      }
      throw new Error('What was a short link is none any more.');
    } catch (error) {
      if (!signal.aborted)
        log.warn(
          { linkId, error: (error as Error).message },
          'a short link could not be tried; trying again',
        );
      return false;
    }
  }
}
