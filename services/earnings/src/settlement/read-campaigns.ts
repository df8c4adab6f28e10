import type { LeftOut } from '@cliptally/contracts';
import type { OpenTexts } from '@cliptally/event-store';
import { inTransaction } from '@cliptally/messaging';
import type { Pool } from 'pg';
import { suspicionOf } from '../domain/anomaly.js';
import type { Campaign } from '../domain/campaign.js';
import type { ClipEntry } from '../domain/clip.js';
import { decideEligibility } from '../domain/eligibility.js';
import { postFactsOf } from '../queries/accounts.js';
import { evidenceOf } from '../queries/evidence.js';
import { Queries } from '../queries/queries.js';
import { ineligibleOf, reasonOf, suspectOf, type Suspect } from './passed-over.js';
import { takenIn } from './taken.js';

/**
 * Campaigns whose clips are owed something that the budget may allow, or were given too much.
 * Without `due <> 0` the index of the unsettled is not found.
 */
export const CANDIDATES = `
  select c.campaign_id, c.revision, c.state as campaign, (select position::float8 from checkpoint) as position,
         (select count(*)::int from outstanding_scrapes l where l.campaign_id = c.campaign_id) as scrapes
  from campaigns c
  where c.status <> 'PAUSED'
    and exists (select from entries e where e.campaign_id = c.campaign_id and e.due <> 0 and (e.due < 0 or c.remaining > 0))`;

/** A campaign as it is read for its settlement, all of one instant. */
interface Candidate {
  campaign_id: string;
  revision: number;
  campaign: Campaign;
  scrapes: number;
  /** Of the log. */
  position: number;
}

export interface ReadCampaign extends Candidate {
  clips: Map<string, ClipEntry>;
  /** Clips that the anomaly rules or a term of the campaign hold. */
  suspects: Suspect[];
  /** Clips that the anomaly rules could not judge. */
  undecided: LeftOut[];
  /** By clip: that of the observation that its highest count comes from. */
  correlations: Map<string, string | null>;
  /** By creator: what counts towards the campaign's limit; empty if it has none. */
  taken: Map<string, number>;
}

/**
 * Of those of the campaigns that have something to settle: campaign, unsettled clips and
 * outstanding scrapes, all as of one instant; clips that have to be held are apart.
 */
export function readCampaigns(
  pool: Pool,
  schema: string,
  campaignIds: readonly string[],
  now: Date,
  open: OpenTexts,
): Promise<ReadCampaign[]> {
  return inTransaction(pool, schema, async (db) => {
    await db.query('set transaction isolation level repeatable read, read only');
    const ofCampaigns = `select * from (${CANDIDATES} and c.campaign_id = any($1)) asked`;
    const { rows: candidates } = await db.query<Candidate>(ofCampaigns, [campaignIds]);
    if (candidates.length === 0) return [];
    const { rows } = await db.query<Unsettled>(
      'select campaign_id, state, due > 0 as owed, correlation_id from entries where campaign_id = any($1) and due <> 0',
      [candidates.map((candidate) => candidate.campaign_id)],
    );
    const evidence = await evidenceOf([...new Set(owedOf(rows))], db);
    const unsettled = Map.groupBy(rows, (row) => row.campaign_id);
    const read: ReadCampaign[] = [];
    for (const candidate of candidates) {
      const entries = unsettled.get(candidate.campaign_id) ?? [];
      const posts = await postFactsOf(new Queries(db, open), candidate.campaign, owedOf(entries));
      const taken = await takenIn(candidate, db);
      read.push({ ...candidate, taken, ...judged(candidate, entries, evidence, posts, now) });
    }
    return read;
  });
}

interface Unsettled {
  campaign_id: string;
  state: ClipEntry;
  owed: boolean;
  correlation_id: string | null;
}

const owedOf = (entries: readonly Unsettled[]): string[] =>
  entries.filter((one) => one.owed).map(({ state }) => state.clipId);

function judged(
  { campaign }: Candidate,
  entries: readonly Unsettled[],
  evidence: Awaited<ReturnType<typeof evidenceOf>>,
  posts: Awaited<ReturnType<typeof postFactsOf>>,
  now: Date,
): Pick<ReadCampaign, 'clips' | 'suspects' | 'undecided' | 'correlations'> {
  const clips = new Map<string, ClipEntry>();
  const suspects: Suspect[] = [];
  const undecided: LeftOut[] = [];
  const correlations = new Map(entries.map((one) => [one.state.clipId, one.correlation_id]));
  for (const { state: entry, correlation_id: correlationId } of entries) {
    const { clipId } = entry;
    try {
      const found = evidence.get(clipId)?.();
      const anomaly = found
        ? suspicionOf(entry, campaign.terms, found.observations, found.background)
        : null;
      const facts = posts.get(clipId);
      const [ineligible] = facts ? decideEligibility(entry, campaign, facts, now) : [];
      if (ineligible?.type === 'ClipHeld')
        suspects.push(ineligibleOf(entry, ineligible, correlationId));
      else if (anomaly) suspects.push(suspectOf(entry, anomaly, correlationId, now));
      else clips.set(clipId, entry);
    } catch (error) {
      const reason = reasonOf('the anomaly rules could not judge it', error);
      undecided.push({ clipId, reason });
    }
  }
  return { clips, suspects, undecided, correlations };
}
