import { Controller, Inject, Post } from '@nestjs/common';
import {
  CampaignLaunched,
  clipIdOf,
  identifyClip,
  type Clock,
  type EventData,
} from '@cliptally/contracts';
import { CampaignPreviewAnswer, ClipPreviewAnswer } from '@cliptally/contracts/api';
import { Commands } from '../commands/commands.js';
import { decideLaunch } from '../domain/campaign.js';
import { type Decided } from '../domain/fact.js';
import { RuleBroken, type Fault } from '../domain/rule-broken.js';
import { decideSubmission } from '../domain/submission.js';
import { endAtPace, paidFor, termsInWords, viewsInBudget } from '../domain/terms-in-words.js';
import { campaignOf } from './campaign-of.js';
import { Ask, Operation, type Asked } from './operation.js';
import { forbidden, refusalOf } from './problem.js';
import { CampaignDraft, ClipDraft } from './schemas.js';
import type { Limits } from '../limits.js';
import { CLOCK } from './tokens.js';

/** What would come of it, while somebody still types: nothing is appended. */
@Controller()
export class PreviewsController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('clips/preview')
  @Operation({
    summary:
      'Which clip a link is, and whether a campaign would take it; a short link is followed when it is submitted',
    roles: ['admin', 'creator'],
    status: 200,
    reads: true,
    body: ClipDraft,
    answer: ClipPreviewAnswer,
  })
  async clip(@Ask() { caller, body, commandId }: Asked<ClipDraft>): Promise<ClipPreviewAnswer> {
    const { url: submittedUrl, campaignId, creatorId = caller.subject } = body;
    if (caller.role === 'creator' && creatorId !== caller.subject)
      throw forbidden('A creator submits its own clips only: leave creatorId out.');
    const link = identifyClip(submittedUrl);
    const none = { clip: null, refusal: null };
    if (link.kind === 'refused')
      return { kind: 'none', ...none, refusal: { code: 'not_a_clip', detail: link.message } };
    if (link.kind === 'short-link') return { kind: 'short_link', ...none };
    const { platform, videoId, url } = link;
    const clipId = clipIdOf(platform, videoId);
    const clip = { clipId, platform, videoId, url };
    const refusal = campaignId
      ? await this.#refusal(commandId, clipId, {
          platform,
          videoId,
          url,
          campaignId,
          creatorId,
          submittedUrl: submittedUrl.trim(),
        })
      : null;
    return { kind: 'clip', clip, refusal };
  }

  /** By the command itself: what a submission would be refused for, null if it would not be. */
  async #refusal(
    commandId: string,
    clipId: string,
    submission: Parameters<typeof decideSubmission>[1],
  ): Promise<ClipPreviewAnswer['refusal']> {
    try {
      await this.commands.rehearsal().clip(commandId, clipId, async (entries, now, snapshot) => {
        const { state } = await campaignOf(snapshot, submission.campaignId);
        return decideSubmission(entries, submission, state, now);
      });
      return null;
    } catch (error) {
      const problem = refusalOf(error);
      if (!problem) throw error;
      return { code: problem.code, detail: problem.message };
    }
  }

  @Post('campaigns/preview')
  @Operation({
    summary:
      'What terms mean, in sentences and in what they pay; every fault of a draft by its field',
    roles: ['admin', 'brand'],
    status: 200,
    reads: true,
    body: CampaignDraft,
    answer: CampaignPreviewAnswer,
  })
  async campaign(@Ask() { caller, body }: Asked<CampaignDraft>): Promise<CampaignPreviewAnswer> {
    const { campaignId = 'draft', brandId = caller.subject, name, viewsPerDay, ...terms } = body;
    if (caller.role === 'brand' && brandId !== caller.subject)
      throw forbidden('A brand launches campaigns of its own only: leave brandId out.');
    const now = this.clock.now();
    const read = launchOf(
      { campaignId, brandId, name, terms } as Launch,
      now,
      this.commands.limits,
    );
    if ('faults' in read) {
      const { faults } = read;
      return {
        faults: [...faults],
        sentences: [],
        pays: [],
        viewsInBudget: null,
        expectedEnd: null,
      };
    }
    const { terms: whole } = read.launch;
    return {
      faults: [],
      sentences: termsInWords(whole, now),
      pays: paidFor(whole).map((one) => ({ ...one, platforms: [...one.platforms] })),
      viewsInBudget: viewsInBudget(whole),
      expectedEnd: viewsPerDay ? endAtPace(whole, viewsPerDay, now) : null,
    };
  }
}

type Launch = Parameters<typeof decideLaunch>[1];

function launchOf(
  launch: Launch,
  now: Date,
  { mostMinPayout }: Limits,
): { launch: EventData<'CampaignLaunched'> } | { faults: readonly Fault[] } {
  try {
    const [{ data }] = decideLaunch(null, launch, now, mostMinPayout) as [
      Decided<'CampaignLaunched'>,
    ];
    return { launch: CampaignLaunched.parse(data) };
  } catch (error) {
    if (error instanceof RuleBroken) return { faults: error.faults };
    throw error;
  }
}
