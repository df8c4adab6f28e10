import { Controller, Inject, Post } from '@nestjs/common';
import { ClipAnswer, ClipReviewsAnswer } from '@cliptally/contracts/api';
import { Commands } from '../commands/commands.js';
import { decideAppeal, decideAppealAnswer } from '../domain/appeal.js';
import { decideApproval, decideRejection, decideRelease } from '../domain/clip-review.js';
import { conflict } from '../domain/rule-broken.js';
import { Tables } from '../queries/tables.js';
import { campaignOf, ownCampaignOf } from './campaign-of.js';
import { entriesOf, entryIn, shownClip } from './clip-answers.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { refusalOf } from './problem.js';
import { ClipAppeal, ClipAppealAnswer, ClipReviews } from './schemas.js';

/** Reviews of many clips at once, and what creators say against a review. */
@Controller()
export class AppealsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
  ) {}

  @Post('clips/reviews')
  @Operation({
    summary: 'Approve, reject or release up to 200 clips, each by itself',
    roles: ['admin', 'brand'],
    status: 200,
    body: ClipReviews,
    answer: ClipReviewsAnswer,
  })
  async reviewMany(@Ask() { caller, body: { reviews }, commandId }: Asked<ClipReviews>) {
    const by = caller.subject;
    const ids = [...new Set(reviews.map(({ campaignId }) => campaignId))];
    const campaigns = new Map(
      await Promise.all(
        ids.map(async (id) => [id, (await ownCampaignOf(this.tables, caller, id)).state] as const),
      ),
    );
    const done = await this.commands.clips(
      commandId,
      reviews.map((review) => ({
        clipId: review.clipId,
        decide: (entries, now) => {
          const { clipId, campaignId, reason = '' } = review;
          const entry = entries.find((one) => one.campaignId === campaignId);
          if (!entry)
            throw conflict('not_found', `The clip "${clipId}" is not in "${campaignId}".`);
          if (review.decision === 'release') return decideRelease(entry, { by });
          if (review.decision === 'reject') return decideRejection(entry, { reason, by });
          return decideApproval(entry, campaigns.get(campaignId)!, { by }, now);
        },
      })),
    );
    const answer = {
      reviews: reviews.map(({ clipId, campaignId }, nth) => {
        const result = done.results[nth]!;
        const refused = result instanceof Error ? refusalOf(result) : null;
        if (result instanceof Error && !refused) throw result;
        const { code = null, message: detail = null } = refused ?? {};
        return { clipId, campaignId, done: refused === null, code, detail };
      }),
    };
    if (done.visible) return answer;
    const location = `/clips?campaignId=${reviews[0]!.campaignId}`;
    return new Answer(202, { ...answer, location }, { location });
  }

  @Post('clips/:id/appeal')
  @Operation({
    summary: 'Object to a rejection or a hold, once, with a text',
    roles: ['admin', 'creator'],
    status: 200,
    body: ClipAppeal,
    answer: ClipAnswer,
    refusals: ['appeal_exists', 'nothing_to_appeal'],
  })
  async appeal(@Ask() { caller, params, body, commandId }: Asked<ClipAppeal>) {
    const id = params['id']!;
    const own = await entriesOf(this.tables, id, caller);
    const { campaignId } = entryIn(own, id, body.campaignId);
    const done = await this.commands.clip(commandId, id, async (entries) =>
      decideAppeal(entryIn(entries, id, campaignId), { text: body.text, by: caller.subject }),
    );
    return shownClip(this.tables, id, done, 200, caller);
  }

  @Post('clips/:id/appeal/answer')
  @Operation({
    summary: 'Answer an appeal with a reason; granted, the clip is approved or released',
    roles: ['admin', 'brand'],
    status: 200,
    body: ClipAppealAnswer,
    answer: ClipAnswer,
    refusals: [
      'no_appeal',
      'clip_exclusive',
      'clip_retired',
      'campaign_state',
      'campaign_over',
      'window_empty',
    ],
  })
  async answer(@Ask() { caller, params, body, commandId }: Asked<ClipAppealAnswer>) {
    const id = params['id']!;
    const own = await entriesOf(this.tables, id, caller);
    const { campaignId } = entryIn(own, id, body.campaignId);
    const { granted, reason } = body;
    const done = await this.commands.clip(commandId, id, async (entries, now, snapshot) => {
      const campaign = await campaignOf(snapshot, campaignId);
      const answer = { granted, reason, by: caller.subject };
      return decideAppealAnswer(entries, entryIn(entries, id, campaignId), campaign.state, answer, now); // prettier-ignore
    });
    return shownClip(this.tables, id, done, 200, caller);
  }
}
