import { Controller, Inject, Post } from '@nestjs/common';
import { clipIdOf, identifyClip, type IdentifiedClip } from '@cliptally/contracts';
import { Commands } from '../commands.js';
import { decideSubmission, type ClipEntry } from '../domain/clip.js';
import { Queries, type CampaignRow } from '../queries.js';
import { ClipBatchAnswer, type ClipBatchRow } from './answers.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { notFound, problemOf, ruleBroken } from './problem.js';
import { ClipBatch, type BatchedClip } from './schemas.js';

interface Submission {
  row: BatchedClip;
  clip: IdentifiedClip;
  campaign: CampaignRow;
}

/** For imports: a request for each of many thousand clips costs more than the submissions themselves. */
@Controller()
export class ClipBatchController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Queries) private readonly queries: Queries,
  ) {}

  @Post('clips/batch')
  @Operation({
    summary: 'Submit up to 200 clips, each by itself: one that is refused leaves the others as they are',
    roles: ['admin'],
    status: 200,
    body: ClipBatch,
    answer: ClipBatchAnswer,
  })
  async submitMany(@Ask() { body, commandId }: Asked) {
    const { clips } = body as { clips: BatchedClip[] };
    const campaigns = await this.queries.campaignRows([...new Set(clips.map(({ campaignId }) => campaignId))]);
    const results: ClipBatchRow[] = [];
    const asked: number[] = [];
    const submissions: Submission[] = [];
    clips.forEach((row, i) => {
      try {
        submissions.push(submissionOf(row, campaigns));
        asked.push(i);
      } catch (error) {
        results[i] = refused(error, null);
      }
    });
    const entriesOf = new Map<Submission, ClipEntry[]>();
    const done = await this.commands.clips(
      commandId,
      submissions.map((submission) => ({
        clipId: clipId(submission),
        decide: (entries: ClipEntry[], now: Date) => {
          entriesOf.set(submission, entries);
          const { row, clip, campaign } = submission;
          const { platform, videoId, url } = clip;
          return decideSubmission(entries, { ...row, platform, videoId, url, submittedUrl: row.url.trim() }, campaign.state, now);
        },
      })),
    );
    done.refusals.forEach((error, nth) => {
      const submission = submissions[nth]!;
      results[asked[nth]!] =
        error === null
          ? { outcome: 'added', clipId: clipId(submission), status: 'PENDING', code: null, detail: null }
          : (already(submission, error, entriesOf.get(submission) ?? []) ?? refused(error, clipId(submission)));
    });
    const answer = { clips: results };
    if (done.visible) return answer;
    const location = `/clips?campaignId=${clips[0]!.campaignId}`;
    return new Answer(202, { ...answer, location }, { location });
  }
}

const clipId = ({ clip: { platform, videoId } }: Submission): string => clipIdOf(platform, videoId);

function submissionOf(row: BatchedClip, campaigns: ReadonlyMap<string, CampaignRow>): Submission {
  const clip = identifyClip(row.url);
  if (clip.kind === 'refused') throw ruleBroken('not_a_clip', clip.message, [{ field: 'url', message: clip.message }]);
  // Following 200 of them could take minutes.
  if (clip.kind !== 'clip') throw ruleBroken('short_link', 'A short link is followed only where it is submitted alone: use POST /clips.');
  const campaign = campaigns.get(row.campaignId);
  if (!campaign) throw notFound(`There is no campaign "${row.campaignId}".`);
  return { row, clip, campaign };
}

/** What the row wants is so: the clip is in this campaign by this very creator. */
function already({ row, ...submission }: Submission, error: Error, entries: readonly ClipEntry[]): ClipBatchRow | null {
  if (problemOf(error)?.code !== 'clip_already_submitted') return null;
  const own = entries.find(({ campaignId, creatorId }) => campaignId === row.campaignId && creatorId === row.creatorId);
  return own ? { outcome: 'already', clipId: clipId({ row, ...submission }), status: own.status, code: null, detail: null } : null;
}

function refused(error: unknown, id: string | null): ClipBatchRow {
  const problem = problemOf(error);
  if (!problem) throw error;
  return { outcome: 'refused', clipId: id, status: null, code: problem.code, detail: problem.message };
}
