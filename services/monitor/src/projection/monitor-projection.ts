import type { AnyEvent, EventType } from '@cliptally/contracts';
import type { Projection } from '@cliptally/messaging';
import { readFileSync } from 'node:fs';
import type { ClientBase } from 'pg';
import { Tally } from './tally.js';

type Of<T extends EventType> = Extract<AnyEvent, { type: T }>;
type Handlers = { [T in EventType]?: (event: Of<T>, db: ClientBase) => Promise<unknown> };

const setStatus = (status: string) => (event: Of<'CampaignPaused' | 'CampaignResumed' | 'CampaignEnded'>, db: ClientBase) =>
  db.query('update campaigns set status = $2 where campaign_id = $1', [event.data.campaignId, status]);

const setPayout =
  (status: string, paid: 0 | 1 = 0) =>
  (event: Of<'PayoutApproved' | 'PayoutRejected' | 'PayoutPaid' | 'PayoutFailed'>, db: ClientBase) =>
    db.query('update payouts set status = $2, times_paid = times_paid + $3 where payout_id = $1', [event.data.payoutId, status, paid]);

/** Events that are rare, each a statement of its own; what comes by the thousand is tallied. */
const HANDLERS: Handlers = {
  TrackingRunStarted: ({ time, data }, db) =>
    db.query('insert into runs (run_id, slot, policy, started_at, candidates, requested) values ($1, $2, $3, $4, $5, $6)', [
      data.runId, data.slot, data.policy, time, data.candidates, data.requested,
    ]), // prettier-ignore
  CampaignLaunched: ({ time, data }, db) =>
    db.query('insert into campaigns (campaign_id, brand_id, name, currency, status, budget, launched_at, ends_at) values ($1, $2, $3, $4, $5, $6, $7, $8)', [
      data.campaignId, data.brandId, data.name, data.terms.currency, 'ACTIVE', data.terms.budget, time, data.terms.endsAt,
    ]), // prettier-ignore
  CampaignToppedUp: ({ data }, db) =>
    db.query('update campaigns set budget = budget + $2, exhausted_at = null where campaign_id = $1', [data.campaignId, data.amount]),
  CampaignPaused: setStatus('PAUSED'),
  CampaignResumed: setStatus('ACTIVE'),
  CampaignEnded: setStatus('ENDED'),
  EarningsAccrued: ({ data }, db) =>
    db.query('update campaigns set accrued = accrued + $2 where campaign_id = $1', [data.campaignId, data.total]),
  EarningsReversed: ({ data }, db) =>
    db.query('update campaigns set reversed = reversed + $2, exhausted_at = null where campaign_id = $1', [data.campaignId, data.total]),
  CampaignBudgetExhausted: ({ time, data }, db) =>
    db.query('update campaigns set exhausted_at = $2 where campaign_id = $1', [data.campaignId, time]),
  PayoutRequested: ({ data }, db) =>
    db.query('insert into payouts values ($1, $2, $3, $4)', [data.payoutId, data.currency, data.amount, 'REQUESTED']),
  PayoutApproved: setPayout('APPROVED'),
  PayoutRejected: setPayout('REJECTED'),
  PayoutPaid: setPayout('PAID', 1),
  PayoutFailed: setPayout('FAILED'),
};

/** What happened, counted: runs, outcomes, batches and their cost, budgets, payouts. */
export const monitorProjection: Projection = {
  name: 'monitor',
  version: 1,
  types: [...(Object.keys(HANDLERS) as EventType[]), 'ClipTrackingRequested', 'ViewsRecorded', 'ScrapeFailed', 'ScrapeBatchCompleted'],
  tables: readFileSync(new URL('../../src/projection/tables.sql', import.meta.url), 'utf8'),
  async apply(events, db) {
    const tally = new Tally();
    for (const event of events) {
      if (event.type === 'ClipTrackingRequested') tally.requested(event);
      else if (event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed') tally.outcome(event);
      else if (event.type === 'ScrapeBatchCompleted') tally.batch(event);
      else await (HANDLERS[event.type] as ((event: AnyEvent, db: ClientBase) => Promise<unknown>) | undefined)?.(event, db);
    }
    await tally.save(db);
  },
};
