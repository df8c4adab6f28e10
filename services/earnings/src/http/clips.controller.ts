import { Controller, Get, Inject, Post } from '@nestjs/common';
import { clipIdOf, identifyClip } from '@cliptally/contracts';
import { Commands } from '../commands/commands.js';
import { examine, type Anomaly } from '../domain/anomaly.js';
import { decideShortLink, linkIdOf } from '../domain/short-link.js';
import { decideSubmission, requireUndecided } from '../domain/submission.js';
import { Tables } from '../queries/tables.js';
import type { FollowLink } from '../short-links/index.js';
import {
  ClipAnswer,
  ClipsAnswer,
  ShortLinkAnswer,
  StatementAnswer,
} from '@cliptally/contracts/api';
import { requireOwner } from './auth/access.js';
import { campaignOf, requireBrandsCampaign } from './campaign-of.js';
import { clipAnswer, clipAnswers, entriesOf, shownClip } from './clip-answers.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { isText, pageOf, placeIn } from './paging.js';
import { forbidden, notAClip } from './problem.js';
import { ClipsQuery, NewClip, StatementQuery, type Nothing } from './schemas.js';
import { statementPage } from './statement.js';
import { FOLLOW } from './tokens.js';
import { shortLinkView } from './views.js';

@Controller()
export class ClipsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
    @Inject(FOLLOW) private readonly follow: FollowLink,
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
      'not_found',
      'not_a_clip',
      'link_pending',
      'clip_already_submitted',
      'clip_exclusive',
      'clip_retired',
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
    summary: 'List clips of a campaign or a creator',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    query: ClipsQuery,
    answer: ClipsAnswer,
  })
  async list(@Ask() { caller, query }: Asked<Nothing, ClipsQuery>) {
    const { limit, cursor, campaignId, creatorId } = query;
    await requireBrandsCampaign(this.tables, caller, campaignId);
    const own = caller.role === 'creator' ? caller.subject : creatorId;
    const ids = await this.tables.clipIds({
      campaignId,
      creatorId: own,
      after: placeIn(cursor, isText, 'clips'),
      limit: limit + 1,
    });
    const { rows, next } = pageOf(ids, limit, (id) => id, 'clips');
    return { items: await clipAnswers(this.tables, rows, caller), next };
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
    const view = await clipAnswer(this.tables, id, caller);
    // For who reviews: below the threshold nothing is held, and a score is no accusation that a
    // creator must read.
    return caller.role === 'creator' ? view : { ...view, anomaly: await this.#anomaly(id) };
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
    const entries = await entriesOf(this.tables, id);
    if (!entries.some(({ creatorId }) => caller.role === 'admin' || creatorId === caller.subject))
      requireOwner(caller, {}, `The clip "${id}"`);
    // A clip may be in campaigns of several creators: each sees its own lines only.
    const own = caller.role === 'creator' ? { creator_id: caller.subject } : {};
    return statementPage(this.tables, { clip_id: id, ...own }, query);
  }

  async #anomaly(id: string): Promise<Anomaly> {
    return this.tables.snapshot(async (snapshot) => {
      const [clip] = await snapshot.clipRows([id]);
      const evidence = await snapshot.evidence(id);
      return examine(clip!.platform, evidence?.observations ?? [], evidence?.background);
    });
  }
}
