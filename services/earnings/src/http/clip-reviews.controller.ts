import { Controller, Inject, Post } from '@nestjs/common';
import { Commands } from '../commands/commands.js';
import type { Campaign } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import {
  decideApproval,
  decideHold,
  decideRejection,
  decideRelease,
  REVIEW_AFTER_MS,
} from '../domain/clip-review.js';
import type { Decided } from '../domain/fact.js';
import { decideReversal } from '../domain/reversal.js';
import { Tables } from '../queries/tables.js';
import { ClipAnswer } from '@cliptally/contracts/api';
import { campaignOf } from './campaign-of.js';
import { entriesOf, entryIn, shownClip } from './clip-answers.js';
import { Ask, Operation, type Asked } from './operation.js';
import { ClipDecision, ClipHold, ClipMove, ClipRejection, Reversal } from './schemas.js';

/** What a reviewer decides about a clip's entry in one campaign. */
@Controller()
export class ClipReviewsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
  ) {}

  @Post('clips/:id/approve')
  @Operation({
    summary: 'Approve: its views count from now on',
    roles: ['admin', 'brand'],
    status: 200,
    body: ClipDecision,
    answer: ClipAnswer,
    refusals: [
      'clip_state',
      'clip_held',
      'clip_retired',
      'campaign_state',
      'campaign_over',
      'window_empty',
    ],
  })
  approve(@Ask() asked: Asked<ClipDecision>) {
    return this.#decide(asked, (entry, campaign, now) =>
      decideApproval(entry, campaign, { by: asked.caller.subject }, now),
    );
  }

  @Post('clips/:id/reject')
  @Operation({
    summary: 'Reject, with a reason that the creator sees',
    roles: ['admin', 'brand'],
    status: 200,
    body: ClipRejection,
    answer: ClipAnswer,
    refusals: ['clip_state'],
  })
  reject(@Ask() asked: Asked<ClipRejection>) {
    const { reason } = asked.body;
    return this.#decide(asked, (entry) =>
      decideRejection(entry, { reason, by: asked.caller.subject }),
    );
  }

  @Post('clips/:id/hold')
  @Operation({
    summary: 'Hold: accrues nothing until it is released',
    roles: ['admin', 'brand'],
    status: 200,
    body: ClipHold,
    answer: ClipAnswer,
    refusals: ['clip_state', 'clip_held', 'review_in_the_past'],
  })
  hold(@Ask() asked: Asked<ClipHold>) {
    const { reason, reviewAt } = asked.body;
    return this.#decide(asked, (entry, _, now) => {
      const review = reviewAt ?? new Date(now.getTime() + REVIEW_AFTER_MS).toISOString();
      return decideHold(entry, { reason, reviewAt: review, by: asked.caller.subject }, now);
    });
  }

  @Post('clips/:id/release')
  @Operation({
    summary: 'Release from a hold; what was due is paid',
    roles: ['admin', 'brand'],
    status: 200,
    body: ClipDecision,
    answer: ClipAnswer,
    refusals: ['clip_not_held'],
  })
  release(@Ask() asked: Asked<ClipDecision>) {
    return this.#decide(asked, (entry) => decideRelease(entry, { by: asked.caller.subject }));
  }

  @Post('clips/:id/move')
  @Operation({
    summary: 'Move to the campaign it belongs to, with its dates and its views',
    roles: ['admin'],
    status: 200,
    body: ClipMove,
    answer: ClipAnswer,
    refusals: [
      'clip_state',
      'clip_held',
      'clip_already_submitted',
      'clip_exclusive',
      'window_empty',
      'same_campaign',
    ],
  })
  async move(@Ask() { caller, params, body, commandId }: Asked<ClipMove>) {
    const id = params['id']!;
    const { campaignId: from } = entryIn(
      await entriesOf(this.tables, id, caller),
      id,
      body.campaignId,
    );
    await campaignOf(this.tables, body.to);
    const move = { reason: body.reason, by: caller.subject };
    const done = await this.commands.moveClip(commandId, id, [from, body.to], move);
    return shownClip(this.tables, id, done, 200, caller);
  }

  @Post('clips/:id/reverse')
  @Operation({
    summary: 'Take earnings back, for good; the money returns to the budget',
    roles: ['admin'],
    status: 200,
    body: Reversal,
    answer: ClipAnswer,
    refusals: ['nothing_to_reverse', 'over_accrued'],
  })
  async reverse(@Ask() { caller, params, body, commandId }: Asked<Reversal>) {
    const id = params['id']!;
    const { campaignId: named, amount, reason } = body;
    const { campaignId } = entryIn(await entriesOf(this.tables, id, caller), id, named);
    const by = caller.subject;
    const done = await this.commands.campaign(
      commandId,
      campaignId,
      async (campaign, _, snapshot) => {
        const entry = entryIn(await snapshot.entriesOf(id), id, campaignId);
        return decideReversal(entry, campaign!, { amount, reason, by });
      },
    );
    return shownClip(this.tables, id, done, 200, caller);
  }

  /** Decides on the clip's entry in the campaign that is named, or in its only one. */
  async #decide(
    { caller, params, body, commandId }: Asked<ClipDecision>,
    decide: (entry: ClipEntry, campaign: Campaign, now: Date) => Decided[],
  ) {
    const id = params['id']!;
    const { campaignId } = entryIn(await entriesOf(this.tables, id, caller), id, body.campaignId);
    const done = await this.commands.clip(commandId, id, async (entries, now, snapshot) => {
      const campaign = await campaignOf(snapshot, campaignId);
      return decide(entryIn(entries, id, campaignId), campaign.state, now);
    });
    return shownClip(this.tables, id, done, 200, caller);
  }
}
