import type { AnyEvent, EventType } from '@cliptally/contracts';
import type { Fold, Projection } from '@cliptally/messaging';
import { readFileSync } from 'node:fs';
import { growthOf, withPoint } from '../domain/curve.js';
import { WorkingSet, type ClipRow } from './working-set.js';

type Of<T extends EventType> = Extract<AnyEvent, { type: T }>;
type Rules = { [T in EventType]?: (event: Of<T>, set: WorkingSet) => void };

const hourOf = (time: string) => `${time.slice(0, 13)}:00:00Z`;
const seconds = (time: string) => Math.floor(Date.parse(time) / 1000);
const plus = (sums: Record<string, number>, name: string, amount: number) => (sums[name] = (sums[name] ?? 0) + amount);

const campaignStatus = (status: string) => (event: Of<'CampaignPaused' | 'CampaignResumed' | 'CampaignEnded'>, set: WorkingSet) => {
  set.campaigns.change(event.data.campaignId, (campaign) => (campaign.status = status));
};

const entryStatus = (status: string) => (event: Of<'ClipApproved' | 'ClipRejected' | 'ClipHeld' | 'ClipReleased'>, set: WorkingSet) => {
  const { clipId, campaignId } = event.data;
  set.clips.change(clipId, ({ entries }) => (entries[campaignId] = { status, earned: entries[campaignId]?.earned ?? 0 }));
};

const payoutStatus =
  (status: string) => (event: Of<'PayoutApproved' | 'PayoutRejected' | 'PayoutPaid' | 'PayoutFailed'>, set: WorkingSet) => {
    set.payouts.change(event.data.payoutId, (payout) => {
      payout.status = status;
      if (status !== 'PAID') return;
      payout.times_paid++;
      set.money(event.data.creatorId, payout.currency, (money) => {
        money.paid += payout.amount;
        money.overpaid += Math.min(payout.amount, Math.max(0, money.paid - (money.accrued - money.reversed)));
      });
    });
  };

/** What each event changes in the tables. */
const RULES: Rules = {
  TrackingRunStarted({ position, time, data }, set) {
    const { runId, slot, policy, candidates, requested } = data;
    const nothingYet = { recorded: 0, failed: 0, cost_micro_usd: 0, last_outcome_at: null, waited_ms: 0, earned: {} };
    set.runs.put({ run_id: runId, position, slot, policy, started_at: time, candidates, requested, ...nothingYet });
    set.newestRun = runId;
  },
  ClipTrackingRequested: ({ time, data: { requestId, clipId, platform } }, set) =>
    set.requested({ request_id: requestId, clip_id: clipId, platform, requested_at: time }),
  ViewsRecorded(event, set) {
    const { time, data } = event;
    outcome(event, data.cached ? 'cached' : 'recorded', set);
    clipOf(event.data.clipId, event.data.platform, set, (clip) => {
      const at = seconds(data.observedAt);
      clip.looked_at = time;
      clip.failed_at = clip.failure = null;
      clip.curve = withPoint(clip.curve, at, data.views);
      clip.growth = growthOf(clip.curve);
      const [last, views] = clip.curve.at(-1)!;
      clip.views = views;
      clip.observed_at = new Date(last * 1000).toISOString();
    });
  },
  ScrapeFailed(event, set) {
    const { time, data } = event;
    outcome(event, data.reason, set);
    clipOf(event.data.clipId, event.data.platform, set, (clip) => {
      const { requestId, reason, detail = null, retryable, attempts, source } = data;
      clip.looked_at = time;
      if (clip.retired) return;
      clip.failed_at = time;
      clip.failure = { requestId, reason, detail, retryable, attempts, source, times: (clip.failure?.times ?? 0) + 1 };
    });
  },
  ScrapeBatchCompleted({ time, data }, set) {
    const { platform, source, status, looks, costMicroUsd, durationMs } = data;
    set.usageDays.add({ day: time.slice(0, 10), platform, source, status }, { batches: 1, looks, cost_micro_usd: costMicroUsd });
    set.costHours.add({ hour: hourOf(time) }, { cost_micro_usd: costMicroUsd });
    if (status !== 'not_started') set.duration(hourOf(time), platform, durationMs);
  },
  ClipSubmitted({ data }, set) {
    const { clipId, platform, url, creatorId, campaignId } = data;
    clipOf(clipId, platform, set, (clip) => {
      if (!clip.entries[campaignId]) set.campaigns.change(campaignId, (campaign) => campaign.clips++);
      clip.url ??= url;
      clip.creator_id ??= creatorId;
      clip.entries[campaignId] = { status: 'PENDING', earned: clip.entries[campaignId]?.earned ?? 0 };
    });
  },
  ClipApproved: entryStatus('APPROVED'),
  ClipRejected: entryStatus('REJECTED'),
  ClipHeld: entryStatus('HELD'),
  ClipReleased: entryStatus('APPROVED'),
  ClipRetired(event, set) {
    clipOf(event.data.clipId, event.data.platform, set, (clip) => {
      clip.retired = event.data.reason;
      clip.failed_at = clip.failure = null;
    });
  },
  CampaignLaunched({ time, data }, set) {
    const { campaignId, brandId, name, terms } = data;
    const { currency, budget, endsAt } = terms;
    const open = { status: 'ACTIVE', clips: 0, accrued: 0, reversed: 0, exhausted_at: null };
    set.campaigns.put({ campaign_id: campaignId, brand_id: brandId, name, currency, budget, launched_at: time, ends_at: endsAt, ...open });
  },
  CampaignToppedUp({ data }, set) {
    set.campaigns.change(data.campaignId, (campaign) => {
      campaign.budget += data.amount;
      campaign.exhausted_at = null;
    });
  },
  CampaignPaused: campaignStatus('PAUSED'),
  CampaignResumed: campaignStatus('ACTIVE'),
  CampaignEnded: campaignStatus('ENDED'),
  CampaignBudgetExhausted: ({ time, data }, set) =>
    void set.campaigns.change(data.campaignId, (campaign) => (campaign.exhausted_at = time)),
  EarningsAccrued({ time, data }, set) {
    const { campaignId, currency, total } = data;
    set.campaigns.change(campaignId, (campaign) => (campaign.accrued += total));
    set.accrualHours.add({ hour: hourOf(time), campaign_id: campaignId }, { amount: total });
    if (set.newestRun) set.runs.change(set.newestRun, (run) => plus(run.earned, currency, total));
    earned(campaignId, data.lines, 1, set);
    for (const { creatorId, amount } of data.lines) set.money(creatorId, currency, (money) => (money.accrued += amount));
  },
  EarningsReversed({ data }, set) {
    set.campaigns.change(data.campaignId, (campaign) => {
      campaign.reversed += data.total;
      campaign.exhausted_at = null;
    });
    earned(data.campaignId, data.lines, -1, set);
    for (const { creatorId, amount } of data.lines) set.money(creatorId, data.currency, (money) => (money.reversed += amount));
  },
  PayoutRequested: ({ data: { payoutId, currency, amount } }, set) =>
    set.payouts.put({ payout_id: payoutId, currency, amount, status: 'REQUESTED', times_paid: 0 }),
  PayoutApproved: payoutStatus('APPROVED'),
  PayoutRejected: payoutStatus('REJECTED'),
  PayoutPaid: payoutStatus('PAID'),
  PayoutFailed: payoutStatus('FAILED'),
};

function outcome({ time, data }: Of<'ViewsRecorded' | 'ScrapeFailed'>, result: string, set: WorkingSet): void {
  const { platform, runId, requestId, costMicroUsd } = data;
  set.outcomeHours.add({ hour: hourOf(time), platform, result }, { looks: 1 });
  set.outcomeTotals.add({ platform, result }, { looks: 1 });
  set.answered(requestId);
  // A look that a person asked for belongs to no run.
  set.runs.change(runId, (run) => {
    if ('views' in data) run.recorded++;
    else run.failed++;
    run.cost_micro_usd += costMicroUsd;
    run.waited_ms += Math.max(0, Date.parse(time) - Date.parse(run.started_at));
    if (run.last_outcome_at === null || Date.parse(time) > Date.parse(run.last_outcome_at)) run.last_outcome_at = time;
  });
}

/** A clip is known from its first event on, whichever that is. */
function clipOf(clipId: string, platform: string, set: WorkingSet, change: (clip: ClipRow) => void): void {
  if (set.clips.change(clipId, change)) return;
  const clip = newClip(clipId, platform);
  change(clip);
  set.clips.put(clip);
}

const newClip = (clip_id: string, platform: string): ClipRow => ({
  clip_id, platform, url: null, creator_id: null, retired: null, entries: {}, views: null, growth: 0,
  observed_at: null, looked_at: null, curve: [], failed_at: null, failure: null,
}); // prettier-ignore

function earned(campaignId: string, lines: readonly { clipId: string; amount: number }[], sign: 1 | -1, set: WorkingSet): void {
  for (const { clipId, amount } of lines)
    set.clips.change(clipId, ({ entries }) => {
      const entry = entries[campaignId];
      if (entry) entry.earned += sign * amount;
    });
}

class MonitorFold extends WorkingSet implements Fold {
  take(event: AnyEvent): void {
    (RULES[event.type] as ((event: AnyEvent, set: WorkingSet) => void) | undefined)?.(event, this);
    this.tell(event);
  }
}

/** What happened, counted and kept for show: runs, outcomes, batches and their cost, campaigns, clips, payouts, the newest events. */
export const monitorProjection: Projection = {
  name: 'monitor',
  version: 4,
  types: Object.keys(RULES) as EventType[],
  tables: readFileSync(new URL('../../src/projection/tables.sql', import.meta.url), 'utf8'),
  fold: () => new MonitorFold(),
};
