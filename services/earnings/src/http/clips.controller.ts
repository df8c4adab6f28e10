import { Controller, Get, Inject, Post } from '@nestjs/common';
import { clipIdOf, identifyClip, type Clock } from '@cliptally/contracts';
import { Commands } from '../commands/commands.js';
import { examine, type Anomaly } from '../domain/anomaly.js';
import { decideShortLink, linkIdOf } from '../domain/short-link.js';
import { decideSubmission, requireUndecided } from '../domain/submission.js';
import type { ClipFilter } from '../queries/clip-lists.js';
import { Tables } from '../queries/tables.js';
import type { FollowLink } from '../short-links/index.js';
import {
  ClipAnswer,
  ClipCountsAnswer,
  ClipsAnswer,
  ObservationsAnswer,
  ShortLinkAnswer,
  StatementAnswer,
} from '@cliptally/contracts/api';
import type { Caller } from '@cliptally/contracts/api';
import { campaignOf, ownCampaignOf } from './campaign-of.js';
import { clipAnswer, clipAnswers, clipExplained, entriesOf, shownClip } from './clip-answers.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { isInstantAndId, isScoreAndId, pageOf, placeIn } from './paging.js';
import { forbidden, notAClip } from './problem.js';
import { ClipCountsQuery, ClipsQuery, NewClip, StatementQuery, type Nothing } from './schemas.js';
import { statementPage } from './statement.js';
import { CLOCK, FOLLOW } from './tokens.js';
import { shortLinkView } from './views.js';

@Controller()
export class ClipsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
    @Inject(FOLLOW) private readonly follow: FollowLink,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('clips')
  @Operation({
    summary:
      'Submit a clip to a campaign; a short link that cannot be followed waits: it is tried again, and then a person says which clip it is',
    roles: ['admin', 'creator'],
    status: 201,
    body: NewClip,
    answer: ClipAnswer,
    accepted: ShortLinkAnswer,
    refusals: [
      'creator_erased',
      'not_found',
      'not_a_clip',
      'link_pending',
      'clip_already_submitted',
      'clip_exclusive',
      'clip_retired',
      'platform_refused',
      'submissions_of_day',
      'too_many_pending',
      'campaign_state',
      'campaign_over',
    ],
  })
  async submit(@Ask() { caller, body, commandId }: Asked<NewClip>) {
    const { url: submittedUrl, campaignId, creatorId = caller.subject, onlyNew } = body;
    if (caller.role === 'creator' && creatorId !== caller.subject)
      throw forbidden('A creator submits its own clips only: leave creatorId out.');
    const link = identifyClip(submittedUrl);
    if (link.kind === 'refused') throw notAClip(link.message);
    await campaignOf(this.tables, campaignId);
    const clip = link.kind === 'short-link' ? await this.follow(submittedUrl) : link;
    const asked = { url: link.url, submittedUrl: submittedUrl.trim(), campaignId, creatorId };
    if (clip.kind === 'unresolved' && (clip.retryable || clip.forPerson)) {
      const linkId = linkIdOf(campaignId, link.url);
      const { visible } = await this.commands.shortLink(
        commandId,
        linkId,
        async (before, now, snapshot) =>
          decideShortLink(before, asked, clip, (await campaignOf(snapshot, campaignId)).state, now),
      );
      const location = `/short-links/${linkId}`;
      const kept = visible ? await this.tables.shortLink(linkId) : null;
      return new Answer(202, kept ? shortLinkView(kept.state) : { linkId, location }, { location });
    }
    if (clip.kind !== 'clip')
      throw notAClip('message' in clip ? clip.message : 'The link leads to no clip.');
    const { platform, videoId, url } = clip;
    const clipId = clipIdOf(platform, videoId);
    const submission = { ...asked, platform, videoId, url };
    const done = await this.commands.clip(commandId, clipId, async (entries, now, snapshot) => {
      if (onlyNew) requireUndecided(entries, submission);
      const { state } = await campaignOf(snapshot, campaignId);
      return decideSubmission(entries, submission, state, now);
    });
    return shownClip(this.tables, clipId, done, 201, caller);
  }

  @Get('clips')
  @Operation({
    summary: 'List clips: by state, campaign, creator, platform, age, score, overdue, appealed',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    query: ClipsQuery,
    answer: ClipsAnswer,
  })
  async list(@Ask() { caller, query }: Asked<Nothing, ClipsQuery>) {
    const { limit, cursor, sort, ...filter } = query;
    const rows = await this.tables.clipIds(
      await this.#ownOf(caller, filter),
      {
        sort,
        after: placeIn(cursor, sort === 'score' ? isScoreAndId : isInstantAndId, `clips ${sort}`),
        limit: limit + 1,
      },
      this.clock.now(),
    );
    const { rows: shown, next } = pageOf(
      rows,
      limit,
      (row) => [sort === 'score' ? String(row.score) : row.at.toISOString(), row.clip_id],
      `clips ${sort}`,
    );
    const views = await clipAnswers(
      this.tables,
      shown.map((row) => row.clip_id),
      caller,
    );
    const byId = new Map(views.map((view) => [view.clipId, view]));
    return { items: shown.flatMap((row) => byId.get(row.clip_id) ?? []), next };
  }

  @Get('clips/counts')
  @Operation({
    summary: 'How many clips are pending, approved, rejected, held, retired, overdue, appealed',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    query: ClipCountsQuery,
    answer: ClipCountsAnswer,
  })
  async counts(@Ask() { caller, query }: Asked<Nothing, ClipCountsQuery>) {
    return this.tables.clipCounts(await this.#ownOf(caller, query), this.clock.now());
  }

  @Get('clips/:id')
  @Operation({
    summary: 'Show a clip, with what it has earned in each campaign',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    answer: ClipAnswer,
  })
  async show(@Ask() { caller, params }: Asked) {
    const id = params['id']!;
    const view = await clipExplained(this.tables, id, caller, this.clock.now());
    // For who reviews: below the threshold nothing is held, and a score is no accusation that a
    // creator must read.
    return caller.role === 'creator' ? view : { ...view, anomaly: await this.#anomaly(id) };
  }

  @Get('clips/:id/observations')
  @Operation({
    summary: 'The newest counts of a clip, at most 48, newest first: its curve',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    answer: ObservationsAnswer,
  })
  async observations(@Ask() { caller, params }: Asked) {
    const { clipId } = await clipAnswer(this.tables, params['id']!, caller);
    const items = await this.tables.observations(clipId);
    return {
      clipId,
      items: items.map(({ id: observation, likes, comments, otherSource, ...seen }) => ({
        observation,
        ...seen,
        likes: likes ?? null,
        comments: comments ?? null,
        otherSource: otherSource ?? false,
      })),
    };
  }

  @Get('clips/:id/statement')
  @Operation({
    summary: 'Every line of what a clip has earned',
    roles: ['admin', 'creator'],
    status: 200,
    query: StatementQuery,
    answer: StatementAnswer,
  })
  async statement(@Ask() { caller, params, query }: Asked<Nothing, StatementQuery>) {
    const id = params['id']!;
    await entriesOf(this.tables, id, caller);
    // A clip may be in campaigns of several creators: each sees its own lines only.
    const own = caller.role === 'creator' ? { creator_id: caller.subject } : {};
    return statementPage(this.tables, { clip_id: id, ...own }, query);
  }

  /** A creator sees its own clips only, a brand those in its campaigns, or in one of them. */
  async #ownOf<F extends ClipFilter>(caller: Caller, filter: F): Promise<ClipFilter> {
    if (caller.role === 'creator') return { ...filter, creatorId: caller.subject };
    if (caller.role !== 'brand') return filter;
    if (filter.campaignId) await ownCampaignOf(this.tables, caller, filter.campaignId);
    return { ...filter, brandId: caller.subject };
  }

  async #anomaly(id: string): Promise<Anomaly> {
    return this.tables.snapshot(async (snapshot) => {
      const [clip] = await snapshot.clipRows([id]);
      const evidence = await snapshot.evidence(id);
      return examine(clip!.platform, evidence?.observations ?? [], evidence?.background);
    });
  }
}
