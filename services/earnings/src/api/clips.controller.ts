import { Controller, Get, Inject, Post } from '@nestjs/common';
import { clipIdOf, derivedId, identifyClip } from '@cliptally/contracts';
import { requireOwner, type Caller } from '../auth/access.js';
import { Commands, type Done } from '../commands.js';
import {
  decideApproval,
  decideHold,
  decideRejection,
  decideRelease,
  decideSubmission,
  REVIEW_AFTER_MS,
  type ClipEntry,
} from '../domain/clip.js';
import { examine, type Anomaly } from '../domain/anomaly.js';
import type { Campaign } from '../domain/campaign.js';
import type { Decided } from '../domain/fact.js';
import { decideReversal } from '../domain/reversal.js';
import { Queries } from '../queries.js';
import { decideShortLink, linkIdOf } from '../domain/short-link.js';
import type { FollowLink } from '../short-links/index.js';
import { ClipAnswer, ClipsAnswer, LookAnswer, ShortLinkAnswer, StatementAnswer } from './answers.js';
import { campaignOf, requireBrandsCampaign } from './campaign-of.js';
import { lookAt } from './look.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { isText, pageOf, placeIn } from './paging.js';
import { badRequest, forbidden, notFound, ruleBroken } from './problem.js';
import { ClipDecision, ClipHold, ClipRejection, ClipsQuery, NewClip, Reversal, StatementQuery } from './schemas.js';
import { statementPage } from './statement.js';
import { FOLLOW } from './tokens.js';
import { clipView, shortLinkView } from './views.js';

@Controller()
export class ClipsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Queries) private readonly queries: Queries,
    @Inject(FOLLOW) private readonly follow: FollowLink,
  ) {}

  @Post('clips')
  @Operation({
    summary: 'Submit a clip to a campaign; a short link that cannot be followed just now waits, and is tried again for a day',
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
  async submit(@Ask() { caller, body, commandId }: Asked) {
    const { url: submittedUrl, campaignId, creatorId = caller.subject } = body as { url: string; campaignId: string; creatorId?: string };
    if (caller.role === 'creator' && creatorId !== caller.subject)
      throw forbidden('A creator submits its own clips only: leave creatorId out.');
    const link = identifyClip(submittedUrl);
    if (link.kind === 'refused') throw notAClip(link.message);
    const campaign = (await campaignOf(this.queries, campaignId)).state;
    const clip = link.kind === 'short-link' ? await this.follow(submittedUrl) : link;
    const asked = { url: link.url, submittedUrl: submittedUrl.trim(), campaignId, creatorId };
    if (clip.kind === 'unresolved' && clip.retryable) {
      const linkId = linkIdOf(campaignId, link.url);
      const { visible } = await this.commands.shortLink(commandId, linkId, (before, now) =>
        decideShortLink(before, asked, clip, campaign, now),
      );
      const location = `/short-links/${linkId}`;
      const kept = visible ? await this.queries.shortLink(linkId) : null;
      return new Answer(202, kept ? shortLinkView(kept.state) : { linkId, location }, { location });
    }
    if (clip.kind !== 'clip') throw notAClip('message' in clip ? clip.message : 'The link leads to no clip.');
    const { platform, videoId, url } = clip;
    const clipId = clipIdOf(platform, videoId);
    const submission = { ...asked, platform, videoId, url };
    const done = await this.commands.clip(commandId, clipId, (entries, now) => decideSubmission(entries, submission, campaign, now));
    return this.#shown(clipId, done, 201, caller);
  }

  @Get('clips')
  @Operation({
    summary: 'List clips of a campaign or a creator',
    roles: ['admin', 'brand', 'creator'],
    status: 200,
    query: ClipsQuery,
    answer: ClipsAnswer,
  })
  async list(@Ask() { caller, query }: Asked) {
    const { limit, cursor, campaignId, creatorId } = query as { limit: number; cursor?: string; campaignId?: string; creatorId?: string };
    await requireBrandsCampaign(this.queries, caller, campaignId);
    const own = caller.role === 'creator' ? caller.subject : creatorId;
    const ids = await this.queries.clipIds({ campaignId, creatorId: own, after: placeIn(cursor, isText), limit: limit + 1 });
    const { rows, next } = pageOf(ids, limit, (id) => id);
    return { items: await Promise.all(rows.map((id) => this.#view(id, caller))), next };
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
    const view = await this.#view(id, caller);
    // For who reviews: below the threshold nothing is held, and a score is no accusation that a creator must read.
    return caller.role === 'creator' ? view : { ...view, anomaly: await this.#anomaly(id) };
  }

  @Post('clips/:id/approve')
  @Operation({
    summary: 'Approve: its views count from now on',
    roles: ['admin', 'brand'],
    status: 200,
    body: ClipDecision,
    answer: ClipAnswer,
    refusals: ['clip_state', 'clip_held', 'clip_retired', 'campaign_state', 'campaign_over', 'window_empty'],
  })
  approve(@Ask() asked: Asked) {
    return this.#decide(asked, (entry, campaign, now) => decideApproval(entry, campaign, { by: asked.caller.subject }, now));
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
  reject(@Ask() asked: Asked) {
    const { reason } = asked.body as { reason: string };
    return this.#decide(asked, (entry) => decideRejection(entry, { reason, by: asked.caller.subject }));
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
  hold(@Ask() asked: Asked) {
    const { reason, reviewAt } = asked.body as { reason: string; reviewAt?: string };
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
  release(@Ask() asked: Asked) {
    return this.#decide(asked, (entry) => decideRelease(entry, { by: asked.caller.subject }));
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
  async reverse(@Ask() { caller, params, body, commandId }: Asked) {
    const id = params['id']!;
    const { campaignId: named, amount, reason } = body as { campaignId?: string; amount: number | 'all'; reason: string };
    const { campaignId } = entryIn(await this.#entries(id), id, named);
    const by = caller.subject;
    const done = await this.commands.campaign(commandId, campaignId, async (campaign) => {
      const entry = entryIn(await this.#entries(id), id, campaignId);
      return decideReversal(entry, campaign!, { amount, reason, by });
    });
    return this.#shown(id, done, 200, caller);
  }

  @Post('clips/:id/track')
  @Operation({
    summary: 'Ask for a look at a clip now',
    roles: ['admin'],
    status: 202,
    body: ClipDecision,
    answer: LookAnswer,
    refusals: ['clip_state', 'clip_retired'],
  })
  async track(@Ask() { params, commandId }: Asked) {
    const look = { ...(await lookAt(this.queries, params['id']!)), requestId: derivedId(commandId, 'look') };
    await this.commands.track(commandId, [look]);
    return { requestId: look.requestId };
  }

  @Get('clips/:id/statement')
  @Operation({
    summary: 'Every line of what a clip has earned',
    roles: ['admin', 'creator'],
    status: 200,
    query: StatementQuery,
    answer: StatementAnswer,
  })
  async statement(@Ask() { caller, params, query }: Asked) {
    const id = params['id']!;
    const entries = await this.#entries(id);
    if (!entries.some(({ creatorId }) => caller.role === 'admin' || creatorId === caller.subject))
      requireOwner(caller, {}, `The clip "${id}"`);
    return statementPage(this.queries, { clip_id: id }, query);
  }

  /** Decides on the clip's entry in the campaign that is named, or in its only one. */
  async #decide({ caller, params, body, commandId }: Asked, decide: (entry: ClipEntry, campaign: Campaign, now: Date) => Decided[]) {
    const id = params['id']!;
    const named = body['campaignId'] as string | undefined;
    const campaignId = entryIn(await this.#entries(id), id, named).campaignId;
    const campaign = (await campaignOf(this.queries, campaignId)).state;
    requireOwner(caller, campaign, `The campaign "${campaignId}"`);
    const done = await this.commands.clip(commandId, id, (entries, now) => decide(entryIn(entries, id, campaignId), campaign, now));
    return this.#shown(id, done, 200, caller);
  }

  async #entries(id: string): Promise<ClipEntry[]> {
    const entries = await this.queries.entriesOf(id);
    if (entries.length === 0) throw notFound(`There is no clip "${id}".`);
    return entries;
  }

  async #anomaly(id: string): Promise<Anomaly> {
    const [clip, evidence] = await Promise.all([this.queries.clipRow(id), this.queries.evidence(id)]);
    return examine(clip!.platform, evidence?.looks ?? [], evidence?.background);
  }

  /** What the caller may see of a clip: its own entries, or those in its campaigns. */
  async #view(id: string, caller: Caller) {
    const [clip, entries] = await Promise.all([this.queries.clipRow(id), this.#entries(id)]);
    const all = await Promise.all(entries.map(async (entry) => ({ entry, row: (await this.queries.campaignRow(entry.campaignId))! })));
    const visible = all.filter(
      ({ entry, row }) => caller.role === 'admin' || (caller.role === 'creator' ? entry.creatorId : row.state.brandId) === caller.subject,
    );
    if (visible.length === 0) throw forbidden(`The clip "${id}" belongs to somebody else.`);
    return clipView(clip!, visible);
  }

  async #shown(id: string, { visible }: Done, status: number, caller: Caller): Promise<Answer> {
    const location = `/clips/${id}`;
    if (!visible) return new Answer(202, { clipId: id, location }, { location });
    return new Answer(status, await this.#view(id, caller), status === 201 ? { location } : {});
  }
}

function entryIn(entries: readonly ClipEntry[], id: string, campaignId: string | undefined): ClipEntry {
  if (campaignId === undefined && entries.length > 1) {
    const names = entries.map((entry) => entry.campaignId).join(', ');
    throw badRequest(`The clip "${id}" is in several campaigns; name one of ${names}.`, [
      { field: 'campaignId', message: `must be one of ${names}` },
    ]);
  }
  const entry = entries.find((one) => campaignId === undefined || one.campaignId === campaignId);
  if (!entry) throw notFound(`The clip "${id}" is not in the campaign "${campaignId}".`);
  return entry;
}

const notAClip = (message: string) => ruleBroken('not_a_clip', message, [{ field: 'url', message }]);
