import type {
  ClipAnswer,
  ClipBatchAnswer,
  ClipBatchRow,
  ShortLinkAnswer,
} from '@cliptally/contracts/api';
import type { Row } from '@cliptally/spreadsheets';
import { Refused, type ApiClient } from '../api-client.js';
import { at } from '../context.js';
import { EXIT } from '../failure.js';
import type { Outcome, Result } from './report.js';
import type { ClipRequest } from './rows.js';

interface How {
  approve: boolean;
  dryRun: boolean;
}
interface Asked {
  row: Row;
  request: ClipRequest;
}

/** Refusals of a row in a batch that it does not get if it is submitted alone. */
const ALONE = ['busy', 'short_link'];

const batchOf = (api: ApiClient, clips: readonly ClipRequest[], { approve, dryRun }: How) =>
  api.make<ClipBatchAnswer>(`/clips/batch${dryRun ? '?dryRun=true' : ''}`, { approve, clips });

/** Submits the rows in one request, and says which of them have to be submitted alone. */
export async function submitBatch(
  api: ApiClient,
  asked: readonly Asked[],
  how: How,
): Promise<{ results: [Row, Result][]; alone: Asked[] }> {
  if (asked.length === 0) return { results: [], alone: [] };
  let answer: ClipBatchAnswer;
  try {
    answer = await batchOf(
      api,
      asked.map(({ request }) => request),
      how,
    );
  } catch (error) {
    // One row that cannot even be read, a body that is too large, or a caller that may submit its
    // own only: none was taken.
    const each = error instanceof Refused && error.status === EXIT.refused;
    if (each || (error instanceof Refused && error.httpStatus === 403 && !how.dryRun))
      return { results: [], alone: [...asked] };
    throw error;
  }
  const results: [Row, Result][] = [];
  const alone = asked.filter(({ row }, i) => {
    const said = answer.clips[i]!;
    if (said.code !== null && ALONE.includes(said.code)) return true;
    results.push([row, resultOf(said)]);
    return false;
  });
  return { results, alone };
}

function resultOf({ outcome, status, code, detail }: ClipBatchRow): Result {
  if (code !== null || outcome === 'refused') return { reason: detail! };
  return outcome === 'already' && status === 'REJECTED' ? 'rejected' : outcome;
}

/** Submits one clip as its creator would; what was rejected stays so. */
export async function submitAlone(api: ApiClient, request: ClipRequest, how: How): Promise<Result> {
  if (how.dryRun) {
    const { clips } = await batchOf(api, [request], how);
    return clips[0]!.code === 'short_link' ? 'unfollowed' : resultOf(clips[0]!);
  }
  let outcome: Outcome = 'added';
  let submitted: ClipAnswer | ShortLinkAnswer;
  try {
    submitted = await api.make('/clips', { ...request, onlyNew: true });
  } catch (error) {
    if (error instanceof Refused && error.code === 'link_pending') return 'waiting';
    const there =
      error instanceof Refused && error.code === 'clip_already_submitted'
        ? await own(api, request, error)
        : null;
    if (!there) throw error;
    [outcome, submitted] = ['already', there];
  }
  if ('linkId' in submitted) return 'waiting';
  const entry = submitted.campaigns?.find(({ campaignId }) => campaignId === request.campaignId);
  if (entry?.status === 'REJECTED') return 'rejected';
  // An answer that is not visible yet has no entries: what was submitted just now is pending.
  if (how.approve && (entry?.status ?? 'PENDING') === 'PENDING')
    await api.make(at`/clips/${submitted.clipId}/approve`, { campaignId: request.campaignId });
  return outcome;
}

/** The clip, where it is in the campaign by this very creator; null where it is another's. */
async function own(
  api: ApiClient,
  { campaignId, creatorId }: ClipRequest,
  refusal: Refused,
): Promise<ClipAnswer | null> {
  const clipId = /"([^"]+)"/.exec(refusal.message)?.[1];
  if (!clipId) return null;
  const found = await api.get<ClipAnswer>(at`/clips/${clipId}`);
  return found.campaigns.some(
    (entry) => entry.campaignId === campaignId && entry.creatorId === creatorId,
  )
    ? found
    : null;
}
