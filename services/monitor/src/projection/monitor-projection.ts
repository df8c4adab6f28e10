import {
  EVENT_TYPES,
  campaignEnd,
  campaignStatusAfter,
  entryAfter,
  failuresAfter,
  feesOf,
  isBudgetExhausted,
  payoutStatusAfter,
  payoutStep,
  sumsAfter,
  type AnyEvent,
  type EventType,
  type SettlementFailureEvent,
} from '@cliptally/contracts';
import type { Fold, Projection } from '@cliptally/messaging';
import { growthOf, withPoint } from '../domain/curve.js';
import { kindOf } from '../domain/sentence.js';
import { MonitorTables } from './monitor-tables.js';
import { newClip, type ClipRow, type CreatorMoney } from './rows.js';
import { TABLES } from './tables.sql.js';

/** Names of view fields that metrics distinguish; all others count as one. */
const OTHER_FIELD = 'other';
export const VIEW_FIELDS: readonly string[] = [
  'playCount',
  'videoPlayCount',
  'videoViewCount',
  'viewCount',
  'viewsCount',
  OTHER_FIELD,
];

type Of<T extends EventType> = Extract<AnyEvent, { type: T }>;
type Rules = { [T in EventType]?: (event: Of<T>, tables: MonitorTables) => void };

const hourOf = (time: string) => `${time.slice(0, 13)}:00:00Z`;
const seconds = (time: string) => Math.floor(Date.parse(time) / 1000);
const plus = (sums: Record<string, number>, name: string, amount: number) =>
  (sums[name] = (sums[name] ?? 0) + amount);

type CampaignStep = Of<'CampaignPaused' | 'CampaignResumed' | 'CampaignEnded'>;
type Review = Of<'ClipApproved' | 'ClipRejected' | 'ClipHeld' | 'ClipReleased'>;
type PayoutStep = Of<'PayoutApproved' | 'PayoutRejected' | 'PayoutPaid' | 'PayoutFailed'>;

function campaignStep({ type, time, data }: CampaignStep, tables: MonitorTables): void {
  tables.campaigns.change(data.campaignId, (campaign) => {
    campaign.status = campaignStatusAfter(type);
    if (type === 'CampaignEnded') campaign.ends_at = campaignEnd(campaign.ends_at, time);
  });
}

function sums(
  event: Of<'CampaignToppedUp' | 'EarningsAccrued' | 'EarningsReversed'>,
  tables: MonitorTables,
): void {
  tables.campaigns.change(event.data.campaignId, (campaign) => {
    const { fees_on_top: feesOnTop, fees_withheld: feesWithheld } = campaign;
    const after = sumsAfter({ ...campaign, feesOnTop, feesWithheld }, event);
    const { budget, accrued, reversed } = after;
    const fees = { fees_on_top: after.feesOnTop, fees_withheld: after.feesWithheld };
    Object.assign(campaign, { budget, accrued, reversed, ...fees });
    campaign.exhausted = isBudgetExhausted(after);
  });
}

const earnedBy = ({ accrued, reversed, withheld }: CreatorMoney): number =>
  accrued - reversed - withheld;

function review({ type, time, data }: Review, tables: MonitorTables): void {
  const { clipId, campaignId } = data;
  tables.reviewed(type, time, data);
  tables.clips.change(clipId, ({ entries }) => {
    const entry = entries[campaignId];
    if (entry) Object.assign(entry, entryAfter(entry, type));
  });
}

function payoutStepTaken({ type, time, data }: PayoutStep, tables: MonitorTables): void {
  tables.payouts.change(data.payoutId, (payout) => {
    const after = payoutStatusAfter(type);
    const { paid } = payoutStep(payout.status, after, payout.amount);
    payout.status = after;
    payout.changed_at = time;
    if (type === 'PayoutPaid') payout.times_paid++;
    if (paid === 0) return;
    tables.money(data.creatorId, payout.currency, (money) => {
      money.paid += paid;
      payout.overpaid = paid > 0 ? Math.min(paid, Math.max(0, money.paid - earnedBy(money))) : 0;
    });
  });
}

function failures(event: Of<SettlementFailureEvent['type']>, tables: MonitorTables): void {
  const campaign = tables.campaigns.get(event.data.campaignId);
  const after = campaign && failuresAfter(campaign.failures, event);
  if (after !== campaign?.failures)
    tables.campaigns.change(event.data.campaignId, (row) => (row.failures = after!));
}

/** CampaignBudgetExhausted is missing: that a budget is used up follows from the sums. */
const RULES: Rules = {
  TrackingRunStarted({ position, time, data }, tables) {
    const { runId, slot, policy, candidates, requested, due = null } = data;
    const nothingYet = {
      recorded: 0,
      failed: 0,
      cost_micro_usd: 0,
      last_outcome_at: null,
      waited_ms: 0,
      earned: {},
    };
    tables.runs.put({
      run_id: runId,
      position,
      slot,
      policy,
      started_at: time,
      candidates,
      requested,
      due,
      ...nothingYet,
    });
    tables.newestRun = runId;
  },
  ClipTrackingRequested: ({ time, data: { requestId, clipId, platform } }, tables) =>
    tables.openRequests.put({
      request_id: requestId,
      clip_id: clipId,
      platform,
      requested_at: time,
    }),
  ViewsRecorded(event, tables) {
    const { time, data } = event;
    outcome(event, data.cached ? 'cached' : 'recorded', tables);
    if (!data.cached) {
      const field = VIEW_FIELDS.includes(data.metric) ? data.metric : OTHER_FIELD;
      tables.viewFields.add({ platform: data.platform, field }, { observations: 1 });
    }
    clipOf(event.data.clipId, event.data.platform, tables, (clip) => {
      const at = seconds(data.observedAt);
      clip.last_outcome_at = time;
      clip.failed_at = clip.failure = null;
      clip.curve = withPoint(clip.curve, at, data.views);
      clip.growth = growthOf(clip.curve);
      const [last, views] = clip.curve.at(-1)!;
      clip.views = views;
      clip.observed_at = new Date(last * 1000).toISOString();
    });
  },
  ScrapeFailed(event, tables) {
    const { time, data } = event;
    outcome(event, data.reason, tables);
    clipOf(event.data.clipId, event.data.platform, tables, (clip) => {
      const { requestId, reason, detail = null, retryable, attempts, source } = data;
      clip.last_outcome_at = time;
      if (clip.retired) return;
      clip.failed_at = time;
      clip.failure = {
        requestId,
        reason,
        detail,
        retryable,
        attempts,
        source,
        times: (clip.failure?.times ?? 0) + 1,
      };
    });
  },
  ScrapeBatchCompleted({ time, data }, tables) {
    const { platform, source, status, costMicroUsd, durationMs } = data;
    tables.usageDays.add(
      { day: time.slice(0, 10), platform, source, status },
      { batches: 1, cost_micro_usd: costMicroUsd },
    );
    tables.costHours.add({ hour: hourOf(time) }, { cost_micro_usd: costMicroUsd });
    if (status !== 'not_started') tables.duration(hourOf(time), platform, durationMs);
  },
  ClipSubmitted({ time, data }, tables) {
    const { clipId, platform, url, creatorId, campaignId } = data;
    tables.waits('submission', data, time);
    clipOf(clipId, platform, tables, (clip) => {
      if (!clip.entries[campaignId])
        tables.campaigns.change(campaignId, (campaign) => campaign.clips++);
      clip.url ??= url;
      clip.entries[campaignId] = { creatorId, ...entryAfter(null, 'ClipSubmitted'), earned: 0 };
    });
  },
  ClipApproved: review,
  ClipRejected: review,
  ClipHeld: review,
  ClipReleased: review,
  ClipAppealed: ({ time, data }, tables) => tables.waits('appeal', data, time),
  ClipAppealAnswered: ({ data }, tables) => tables.waits('appeal', data, null),
  ClipRetired(event, tables) {
    clipOf(event.data.clipId, event.data.platform, tables, (clip) => {
      clip.retired = event.data.reason;
      clip.failed_at = clip.failure = null;
    });
  },
  ClipRestored: ({ data: { clipId, platform } }, tables) =>
    clipOf(clipId, platform, tables, (clip) => (clip.retired = null)),
  CampaignLaunched({ time, data }, tables) {
    const { campaignId, brandId, name, terms } = data;
    const { currency, budget, endsAt } = terms;
    const open = {
      status: campaignStatusAfter('CampaignLaunched'),
      clips: 0,
      accrued: 0,
      reversed: 0,
      fees_on_top: 0,
      fees_withheld: 0,
    };
    const none = { exhausted: false, failures: {}, settlement_failures: 0 };
    tables.campaigns.put({
      campaign_id: campaignId,
      brand_id: brandId,
      name,
      currency,
      budget,
      launched_at: time,
      ends_at: endsAt,
      ...open,
      ...none,
    });
  },
  CampaignToppedUp: sums,
  CampaignPaused: campaignStep,
  CampaignResumed: campaignStep,
  CampaignEnded: campaignStep,
  CampaignClipHeld: failures,
  CampaignClipMoved: failures,
  ClipSettlementFailed(event, tables) {
    tables.campaigns.change(event.data.campaignId, (campaign) => campaign.settlement_failures++);
    failures(event, tables);
  },
  EarningsAccrued(event, tables) {
    const { time, data } = event;
    const { campaignId, currency, total } = data;
    sums(event, tables);
    failures(event, tables);
    const amount = total + feesOf(event).onTop;
    tables.accrualHours.add({ hour: hourOf(time), campaign_id: campaignId }, { amount });
    if (tables.newestRun)
      tables.runs.change(tables.newestRun, (run) => plus(run.earned, currency, total));
    earned(campaignId, data.lines, 1, tables);
    for (const { creatorId, amount, fee } of data.lines)
      tables.money(creatorId, currency, (money) => {
        money.accrued += amount;
        if (data.fee?.bearer === 'creator') money.withheld += fee?.amount ?? 0;
      });
  },
  EarningsReversed(event, tables) {
    const { data } = event;
    sums(event, tables);
    failures(event, tables);
    earned(data.campaignId, data.lines, -1, tables);
    for (const { creatorId, amount, fee } of data.lines)
      tables.money(creatorId, data.currency, (money) => {
        money.reversed += amount;
        if (data.fee?.bearer === 'creator') money.withheld -= fee?.amount ?? 0;
      });
  },
  PayoutRequested: ({ type, time, data: { payoutId, currency, amount } }, tables) =>
    tables.payouts.put({
      payout_id: payoutId,
      currency,
      amount,
      status: payoutStatusAfter(type),
      changed_at: time,
      times_paid: 0,
      overpaid: 0,
    }),
  EventSkipped({ time, data: { eventId, projection, position, type, reason } }, tables) {
    const open = { skipped_at: time, reviewed: null };
    tables.skips.put({ event_id: eventId, projection, position, type, reason, ...open });
  },
  EventSkipReviewed: ({ data: { eventId, projection, outcome } }, tables) =>
    void tables.skips.change(`${eventId} ${projection}`, (skip) => (skip.reviewed = outcome)),
  PayoutApproved: payoutStepTaken,
  PayoutRejected: payoutStepTaken,
  PayoutPaid: payoutStepTaken,
  PayoutFailed: payoutStepTaken,
};

function outcome(
  { time, position, data }: Of<'ViewsRecorded' | 'ScrapeFailed'>,
  result: string,
  tables: MonitorTables,
): void {
  const { platform, runId, requestId, costMicroUsd } = data;
  tables.outcomeHours.add({ hour: hourOf(time), platform, result }, { scrapes: 1 });
  tables.outcomeTotals.add({ platform, result }, { scrapes: 1 });
  // What the cache answers says nothing of the source.
  if (result !== 'cached') tables.attempt({ platform, position, at: time, result });
  tables.openRequests.remove(requestId);
  // A scrape that a person requested belongs to no run.
  tables.runs.change(runId, (run) => {
    if ('views' in data) run.recorded++;
    else run.failed++;
    run.cost_micro_usd += costMicroUsd;
    run.waited_ms += Math.max(0, Date.parse(time) - Date.parse(run.started_at));
    if (run.last_outcome_at === null || Date.parse(time) > Date.parse(run.last_outcome_at))
      run.last_outcome_at = time;
  });
}

/** A clip is known from its first event on, whichever that is. */
function clipOf(
  clipId: string,
  platform: string,
  tables: MonitorTables,
  change: (clip: ClipRow) => void,
): void {
  if (tables.clips.change(clipId, change)) return;
  const clip = newClip(clipId, platform);
  change(clip);
  tables.clips.put(clip);
}

function earned(
  campaignId: string,
  lines: readonly { clipId: string; amount: number }[],
  sign: 1 | -1,
  tables: MonitorTables,
): void {
  for (const { clipId, amount } of lines)
    tables.clips.change(clipId, ({ entries }) => {
      const entry = entries[campaignId];
      if (entry) entry.earned += sign * amount;
    });
}

class MonitorFold extends MonitorTables implements Fold {
  take(event: AnyEvent): void {
    (RULES[event.type] as ((event: AnyEvent, tables: MonitorTables) => void) | undefined)?.(
      event,
      this,
    );
    this.list(event);
  }
}

export const monitorProjection: Projection = {
  name: 'monitor',
  version: 15,
  types: EVENT_TYPES.filter((type) => type in RULES || kindOf(type) !== null),
  tables: TABLES,
  fold: () => new MonitorFold(),
};
