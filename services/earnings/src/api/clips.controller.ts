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
import { Tables } from '../queries.js';
import { decideShortLink, linkIdOf } from '../domain/short-link.js';
import type { FollowLink } from '../short-links/index.js';
import {
  ClipAnswer,
  ClipsAnswer,
  LookAnswer,
  ShortLinkAnswer,
  StatementAnswer,
} from '@cliptally/contracts/api';
import { campaignOf, ownCampaignOf, requireBrandsCampaign } from './campaign-of.js';
import { lookAt } from './look.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { isText, pageOf, placeIn } from './paging.js';
import { badRequest, forbidden, notFound, ruleBroken } from './problem.js';
import {
  ClipDecision,
  ClipHold,
  ClipRejection,
  ClipsQuery,
  NewClip,
  Reversal,
  StatementQuery,
} from './schemas.js';
import { statementPage } from './statement.js';
import { FOLLOW } from './tokens.js';
import { clipView, shortLinkView } from './views.js';

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
      'Submit a clip to a campaign; a short link that cannot be followed just now waits, and is tried again for a day',
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
    const {
      url: submittedUrl,
      campaignId,
      creatorId = caller.subject,
    } = body as { url: string; campaignId: string; creatorId?: string };
    if (caller.role === 'creator' && creatorId !== caller.subject)
      throw forbidden('A creator submits its own clips only: leave creatorId out.');
    const link = identifyClip(submittedUrl);
    if (link.kind === 'refused') throw notAClip(link.message);
    await campaignOf(this.tables, campaignId);
    const clip = link.kind === 'short-link' ? await this.follow(submittedUrl) : link;
    const asked = { url: link.url, submittedUrl: submittedUrl.trim(), campaignId, creatorId };
    if (clip.kind === 'unresolved' && clip.retryable) {
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
    const done = await this.commands.clip(commandId, clipId, async (entries, now, snapshot) =>
      decideSubmission(entries, submission, (await campaignOf(snapshot, campaignId)).state, now),
    );
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
    const { limit, cursor, campaignId, creatorId } = query as {
      limit: number;
      cursor?: string;
      campaignId?: string;
      creatorId?: string;
    };
    await requireBrandsCampaign(this.tables, caller, campaignId);
    const own = caller.role === 'creator' ? caller.subject : creatorId;
    const ids = await this.tables.clipIds({
      campaignId,
      creatorId: own,
      after: placeIn(cursor, isText, 'clips'),
      limit: limit + 1,
    });
    const { rows, next } = pageOf(ids, limit, (id) => id, 'clips');
    return { items: await this.#views(rows, caller), next };
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
    // For who reviews: below the threshold nothing is held, and a score is no accusation that a
    // creator must read.
    return caller.role === 'creator' ? view : { ...view, anomaly: await this.#anomaly(id) };
  }

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
  approve(@Ask() asked: Asked) {
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
  reject(@Ask() asked: Asked) {
    const { reason } = asked.body as { reason: string };
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
    const {
      campaignId: named,
      amount,
      reason,
    } = body as { campaignId?: string; amount: number | 'all'; reason: string };
    const { campaignId } = entryIn(await this.#entries(id), id, named);
    const by = caller.subject;
    const done = await this.commands.campaign(
      commandId,
      campaignId,
      async (campaign, _, snapshot) => {
        const entry = entryIn(await snapshot.entriesOf(id), id, campaignId);
        return decideReversal(entry, campaign!, { amount, reason, by });
      },
    );
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
    const look = {
      ...(await lookAt(this.tables, params['id']!)),
      requestId: derivedId(commandId, 'look'),
    };
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
    return statementPage(this.tables, { clip_id: id }, query);
  }

  /** Decides on the clip's entry in the campaign that is named, or in its only one. */
  async #decide(
    { caller, params, body, commandId }: Asked,
    decide: (entry: ClipEntry, campaign: Campaign, now: Date) => Decided[],
  ) {
    const id = params['id']!;
    const named = body['campaignId'] as string | undefined;
    const campaignId = entryIn(await this.#entries(id), id, named).campaignId;
    await ownCampaignOf(this.tables, caller, campaignId);
    const done = await this.commands.clip(commandId, id, async (entries, now, snapshot) => {
      const campaign = await campaignOf(snapshot, campaignId);
      return decide(entryIn(entries, id, campaignId), campaign.state, now);
    });
    return this.#shown(id, done, 200, caller);
  }

  async #entries(id: string): Promise<ClipEntry[]> {
    const entries = await this.tables.entriesOf(id);
    if (entries.length === 0) throw notFound(`There is no clip "${id}".`);
    return entries;
  }

  async #anomaly(id: string): Promise<Anomaly> {
    return this.tables.snapshot(async (snapshot) => {
      const [clip] = await snapshot.clipRows([id]);
      const evidence = await snapshot.evidence(id);
      return examine(clip!.platform, evidence?.looks ?? [], evidence?.background);
    });
  }

  async #view(id: string, caller: Caller): Promise<ClipAnswer> {
    const [view] = await this.#views([id], caller);
    if (!view) throw notFound(`There is no clip "${id}".`);
    return view;
  }

  /**
   * What the caller may see of clips, all as of one instant: its own entries, or those in its
   * campaigns. Those that there are not are left out.
   */
  #views(ids: readonly string[], caller: Caller): Promise<ClipAnswer[]> {
    return this.tables.snapshot(async (snapshot) => {
      const clips = await snapshot.clipRows(ids);
      const states = await snapshot.clipStates(ids);
      const entries = [...states.values()].flatMap(({ state }) => state);
      const campaigns = await snapshot.campaignRows([
        ...new Set(entries.map(({ campaignId }) => campaignId)),
      ]);
      return clips.flatMap((clip) => {
        const { state } = states.get(clip.clip_id)!;
        if (state.length === 0) return [];
        const all = state.map((entry) => ({ entry, row: campaigns.get(entry.campaignId)! }));
        const visible = all.filter(
          ({ entry, row }) =>
            caller.role === 'admin' ||
            (caller.role === 'creator' ? entry.creatorId : row.state.brandId) === caller.subject,
        );
        if (visible.length === 0)
          throw forbidden(`The clip "${clip.clip_id}" belongs to somebody else.`);
        return [clipView(clip, visible)];
      });
    });
  }

  async #shown(id: string, { visible }: Done, status: number, caller: Caller): Promise<Answer> {
    const location = `/clips/${id}`;
    if (!visible) return new Answer(202, { clipId: id, location }, { location });
    return new Answer(status, await this.#view(id, caller), status === 201 ? { location } : {});
  }
}

function entryIn(
  entries: readonly ClipEntry[],
  id: string,
  campaignId: string | undefined,
): ClipEntry {
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

const notAClip = (message: string) =>
  ruleBroken('not_a_clip', message, [{ field: 'url', message }]);
