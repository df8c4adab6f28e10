import { Controller, Inject, Post } from '@nestjs/common';
import { identifyClip, type IdentifiedClip } from '@cliptally/contracts';
import { Commands } from '../commands/commands.js';
import type { ClipEntry } from '../domain/clip.js';
import { decideAdmission } from '../domain/submission.js';
import { Tables } from '../queries/tables.js';
import type { FoundCampaign } from '../queries/found-rows.js';
import { ClipBatchAnswer, type ClipBatchRow } from '@cliptally/contracts/api';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { notFound, refusalOf, ruleBroken } from './problem.js';
import { ClipBatch, DryRun, type BatchedClip } from './schemas.js';

interface Submission {
  /** Place of the row in the request. */
  nth: number;
  row: BatchedClip;
  clip: IdentifiedClip;
  campaign: FoundCampaign;
}

/**
 * For imports: a request for each of many thousand clips costs more than the submissions
 * themselves.
 */
@Controller()
export class ClipBatchController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
  ) {}

  @Post('clips/batch')
  @Operation({
    summary:
      'Submit up to 200 clips, and approve them if wanted, each by itself: one that is refused leaves the others as they are',
    roles: ['admin'],
    status: 200,
    body: ClipBatch,
    query: DryRun,
    answer: ClipBatchAnswer,
  })
  async submitMany(@Ask() { caller, body, query, commandId }: Asked<ClipBatch, DryRun>) {
    const dry = query.dryRun === 'true';
    const commands = dry ? this.commands.rehearsal() : this.commands;
    const { clips, approve } = body;
    const campaigns = await this.tables.campaignRows([
      ...new Set(clips.map(({ campaignId }) => campaignId)),
    ]);
    const results: ClipBatchRow[] = [];
    const submissions: Submission[] = [];
    clips.forEach((row, nth) => {
      try {
        submissions.push({ nth, ...submissionOf(row, campaigns) });
      } catch (error) {
        results[nth] = refused(error, null);
      }
    });
    const admissions = new Map<Submission, ReturnType<typeof decideAdmission>>();
    const pretended = new Map<string, ClipEntry[]>();
    const done = await commands.clips(
      commandId,
      submissions.map((submission) => ({
        clipId: submission.clip.clipId,
        campaign: { state: submission.campaign.state, creatorId: submission.row.creatorId },
        decide: (known, now) => {
          const { row, clip, campaign } = submission;
          const { platform, videoId, url, clipId } = clip;
          // Of a dry run nothing is in the tables that a later row of the same clip would see.
          const entries = [...known, ...(pretended.get(clipId) ?? [])];
          const asked = { ...row, platform, videoId, url, submittedUrl: row.url.trim() };
          const admission = decideAdmission(
            entries,
            asked,
            campaign.state,
            { approve, by: caller.subject },
            now,
          );
          admissions.set(submission, admission);
          if (dry && !admission.before)
            pretended.set(clipId, [...(pretended.get(clipId) ?? []), admission.entry]);
          return admission.events;
        },
      })),
    );
    submissions.forEach(
      (submission, i) =>
        (results[submission.nth] = answerTo(
          submission,
          done.results[i]!,
          admissions.get(submission),
        )),
    );
    const answer = { clips: results };
    if (done.visible) return answer;
    const location = `/clips?campaignId=${clips[0]!.campaignId}`;
    return new Answer(202, { ...answer, location }, { location });
  }
}

/** Of a row: what was decided, now or by an earlier attempt of the same request, or a refusal. */
function answerTo(
  { clip: { clipId } }: Submission,
  decided: Error | readonly { type: string }[],
  admission: ReturnType<typeof decideAdmission> | undefined,
): ClipBatchRow {
  if (decided instanceof Error) return refused(decided, clipId);
  const has = (type: string) => decided.some((event) => event.type === type);
  const outcome = has('ClipSubmitted') ? 'added' : 'already';
  const status = has('ClipApproved') ? 'APPROVED' : (admission?.before?.status ?? 'PENDING');
  const { code = null, message: detail = null } = admission?.unapproved ?? {};
  return { outcome, clipId, status, code, detail };
}

function submissionOf(
  row: BatchedClip,
  campaigns: ReadonlyMap<string, FoundCampaign>,
): Omit<Submission, 'nth'> {
  const clip = identifyClip(row.url);
  if (clip.kind === 'refused')
    throw ruleBroken('not_a_clip', clip.message, [{ field: 'url', message: clip.message }]);
  // Following 200 of them could take minutes.
  if (clip.kind !== 'clip')
    throw ruleBroken(
      'short_link',
      'A short link is followed only if it is submitted alone: use POST /clips.',
    );
  const campaign = campaigns.get(row.campaignId);
  if (!campaign) throw notFound(`There is no campaign "${row.campaignId}".`);
  return { row, clip, campaign };
}

function refused(error: unknown, id: string | null): ClipBatchRow {
  const problem = refusalOf(error);
  if (!problem) throw error;
  return {
    outcome: 'refused',
    clipId: id,
    status: null,
    code: problem.code,
    detail: problem.message,
  };
}
