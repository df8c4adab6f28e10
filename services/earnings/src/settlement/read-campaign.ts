import type { LeftOut } from '@cliptally/contracts';
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
 * Campaign, unsettled clips and outstanding scrapes, as of one instant; clips that have to be
 * held are apart. Null if nothing is to be settled.
 */
export function readCampaign(
  pool: Pool,
  schema: string,
  campaignId: string,
  now: Date,
): Promise<ReadCampaign | null> {
  return inTransaction(pool, schema, async (db) => {
    await db.query('set transaction isolation level repeatable read, read only');
    const ofCampaign = `select * from (${CANDIDATES} and c.campaign_id = $1) one`;
    const [candidate] = (await db.query<Candidate>(ofCampaign, [campaignId])).rows;
    if (!candidate) return null;
    const { rows: entries } = await db.query<{
      state: ClipEntry;
      owed: boolean;
      correlation_id: string | null;
    }>(
      'select state, due > 0 as owed, correlation_id from entries where campaign_id = $1 and due <> 0',
      [campaignId],
    );
    const owed = entries.filter((one) => one.owed).map(({ state }) => state.clipId);
    const evidence = await evidenceOf(owed, db);
    const posts = await postFactsOf(new Queries(db), candidate.campaign, owed);
    const correlations = new Map(entries.map((one) => [one.state.clipId, one.correlation_id]));
    const read: ReadCampaign = {
      ...candidate,
      clips: new Map(),
      suspects: [],
      undecided: [],
      correlations,
      taken: await takenIn(candidate, db),
    };
    for (const { state: entry } of entries) {
      const { clipId } = entry;
      try {
        const found = evidence.get(clipId)?.();
        const anomaly = found
          ? suspicionOf(entry, candidate.campaign.terms, found.observations, found.background)
          : null;
        const facts = posts.get(clipId);
        const [ineligible] = facts ? decideEligibility(entry, candidate.campaign, facts, now) : [];
        const correlationId = correlations.get(clipId) ?? null;
        if (ineligible?.type === 'ClipHeld')
          read.suspects.push(ineligibleOf(entry, ineligible, correlationId));
        else if (anomaly) read.suspects.push(suspectOf(entry, anomaly, correlationId, now));
        else read.clips.set(clipId, entry);
      } catch (error) {
        const reason = reasonOf('the anomaly rules could not judge it', error);
        read.undecided.push({ clipId, reason });
      }
    }
    return read;
  });
}
