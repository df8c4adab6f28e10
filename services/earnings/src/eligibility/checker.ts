import { derivedId, isSameAccount, type Clock } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';
import type { Commands } from '../commands/commands.js';
import { BY_CODE } from '../domain/account.js';
import { decideEligibility } from '../domain/eligibility.js';
import { RuleBroken } from '../domain/rule-broken.js';
import { PeriodicTask } from '../periodic-task.js';
import { entriesToCheck, postFactsOf, provenClaims } from '../queries/accounts.js';
import type { Tables } from '../queries/tables.js';

export interface CheckerOptions {
  commands: Commands;
  tables: Tables;
  /** Whether the tables show what is to be done, and not what was once. */
  ready: () => Promise<boolean>;
  clock: Clock;
  log: Log;
}

type Found = { clip_id: string; campaign_id: string };

/**
 * Follows what scrapes see of posts: a code proves whose an account is, and a clip is held or
 * released as its campaign asks. Each by itself: one that fails is tried again with the next run.
 */
export class PostChecker extends PeriodicTask {
  readonly #options: CheckerOptions;
  /** Up to here all entries were checked; from the beginning when the process starts. */
  #checked = -1;

  constructor(options: CheckerOptions) {
    const { clock, log, ready } = options;
    super({ run: () => this.check(), ready, what: 'checking posts', clock, log });
    this.#options = options;
  }

  async check(): Promise<null> {
    const { tables } = this.#options;
    const { proven, entries, position } = await tables.snapshot(async (snapshot) => ({
      proven: await provenClaims(snapshot),
      entries: await entriesToCheck(snapshot, this.#checked),
      position: snapshot.position,
    }));
    for (const { account, post } of proven)
      if (post.account && isSameAccount(account, post.account))
        await this.#try({ claimId: account.claimId }, () =>
          this.#options.commands.verifyAccount(
            derivedId('account-code', account.claimId),
            account,
            { name: post.account!, proof: 'code', by: BY_CODE },
          ),
        );
    let all = true;
    for (const entry of entries) all = (await this.#try(entry, () => this.#decide(entry))) && all;
    if (all) this.#checked = position;
    return null;
  }

  /** An account that another creator has stays there: an admin decides. */
  async #try(what: object, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof RuleBroken) return true;
      this.#options.log.warn({ ...what, error: (error as Error).message }, 'a post could not be checked'); // prettier-ignore
      return false;
    }
  }

  async #decide({ clip_id: clipId, campaign_id: campaignId }: Found): Promise<void> {
    const { commands, tables, clock } = this.#options;
    const found = await tables.snapshot(async (snapshot) => {
      const { state, revision } = await snapshot.clipState(clipId);
      const entry = state.find((one) => one.campaignId === campaignId);
      const campaign = await snapshot.campaignRow(campaignId);
      if (!entry || !campaign) return null;
      const facts = (await postFactsOf(snapshot, campaign.state, [clipId])).get(clipId);
      return { entry, campaign: campaign.state, facts, revision };
    });
    if (!found?.facts) return;
    const { entry, campaign, facts, revision } = found;
    if (decideEligibility(entry, campaign, facts, clock.now()).length === 0) return;
    const id = derivedId('eligibility', clipId, campaignId, revision);
    await commands.clip(id, clipId, async (entries, now, snapshot) => {
      const current = entries.find((one) => one.campaignId === campaignId);
      const known = (await postFactsOf(snapshot, campaign, [clipId])).get(clipId);
      return current && known ? decideEligibility(current, campaign, known, now) : [];
    });
  }
}
