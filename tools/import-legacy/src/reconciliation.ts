import type { NewEvent } from '@cliptally/contracts';
import {
  budgetOf,
  concerns,
  dueOf,
  evolveCampaign,
  evolveEntry,
  settle,
  spentOf,
  type Campaign,
  type CampaignFact,
  type ClipEntry,
  type ClipFact,
} from '@cliptally/earnings/rules';
import { toMinor, type Derived } from './derived.js';
import type { OldClip, OldSystem } from './tables.js';

/**
 * Why a clip's old counter differs from what the rules give; each difference has the first reason
 * that is true of it.
 */
export const REASONS = {
  not_imported: 'the clip or its submission could not be imported',
  duplicate: 'the same video was submitted twice, and paid twice',
  not_approved: 'the submission was never approved',
  never_seen: 'nothing was ever tracked, so that no view is known',
  baseline: 'a background job had overwritten the baseline',
  budget_spent: 'the budget does not suffice: the last money is shared',
  counter: 'the counter of views says something else than what was tracked',
  rounding: 'floats and their rounding',
  rule: 'the counter was added to otherwise than by the rules (drift)',
} as const;
export type Reason = keyof typeof REASONS;

export interface ClipDifference {
  /** As it is called in the old system. */
  id: string;
  clipId: string | null;
  campaignId: string | null;
  /** Minor units. */
  old: number;
  rules: number;
  reason: Reason;
}

export interface CampaignReconciliation {
  campaignId: string;
  budget: number;
  /** What the campaign's own counter said. */
  oldSpent: number;
  /** What the counters of its clips said together. */
  oldClips: number;
  rules: number;
  /** What clips are due beyond the budget. */
  unpaid: number;
}

export interface CreatorReconciliation {
  creatorId: string;
  /** Paid or on the way, in the old system. */
  oldPaid: number;
  rules: number;
}

export interface Reconciliation {
  currency: string;
  campaigns: CampaignReconciliation[];
  /** Where a clip's counter and the rules differ; the largest differences first. */
  clips: ClipDifference[];
  /** Sums of those differences (rules less counters) by their reasons. */
  reasons: Partial<Record<Reason, { clips: number; amount: number }>>;
  /**
   * Creators who were paid more than they have earned by the rules; they earn it back before
   * anything more is paid.
   */
  overpaid: CreatorReconciliation[];
}

interface Outcome {
  campaigns: Map<
    string,
    {
      campaign: Campaign;
      clips: Map<string, ClipEntry>;
      amounts: Map<string, number>;
      unpaid: number;
    }
  >;
  byClip: Map<string, number>;
  byCreator: Map<string, number>;
}

/** What the rules give for the derived events, beside what the old counters say. */
export function reconcile(
  old: OldSystem,
  derived: Derived,
  currency: string,
  now: Date,
): Reconciliation {
  const outcome = byTheRules(derived, now);
  const submissions = Map.groupBy(old.clip_submissions, ({ clipId }) => clipId);
  const credited = new Set<string>();
  const tracked = new Set(old.view_tracking.map(({ clipId }) => clipId));
  const oldClips = new Map<string, number>();
  const clips: ClipDifference[] = [];
  const reasons: Reconciliation['reasons'] = {};
  for (const clip of old.clips) {
    const own = submissions.get(clip.id) ?? [];
    // The old system had one counter a clip; of several campaigns the first is named beside it.
    const campaignId = own[0]?.campaignId ?? null;
    const earned = toMinor(clip.earnings ?? 0, currency);
    if (campaignId) oldClips.set(campaignId, (oldClips.get(campaignId) ?? 0) + earned);
    const clipId = derived.clipIds.get(clip.id) ?? null;
    const first = clipId !== null && !credited.has(clipId);
    if (first) credited.add(clipId);
    const rules = first ? (outcome.byClip.get(clipId) ?? 0) : 0;
    if (rules === earned) continue;
    const reason = first
      ? reasonOf(
          clip,
          clipId,
          rules - earned,
          own.map(({ status }) => status),
          tracked,
          derived,
          outcome,
        )
      : clipId === null
        ? 'not_imported'
        : 'duplicate';
    clips.push({ id: clip.id, clipId, campaignId, old: earned, rules, reason });
    const sum = (reasons[reason] ??= { clips: 0, amount: 0 });
    sum.clips++;
    sum.amount += rules - earned;
  }
  clips.sort((a, b) => Math.abs(b.rules - b.old) - Math.abs(a.rules - a.old));
  return {
    currency,
    campaigns: campaignsOf(old, outcome, oldClips, currency),
    clips,
    reasons,
    overpaid: overpaidOf(derived, outcome),
  };
}

function reasonOf(
  clip: OldClip,
  clipId: string,
  difference: number,
  statuses: readonly string[],
  tracked: ReadonlySet<string>,
  derived: Derived,
  outcome: Outcome,
): Reason {
  const entries = [...outcome.campaigns.values()].flatMap(({ clips }) => clips.get(clipId) ?? []);
  if (entries.length === 0) return statuses.length === 0 ? 'not_approved' : 'not_imported';
  if (entries.every(({ status }) => status !== 'APPROVED')) return 'not_approved';
  if (derived.overwrittenBaselines.has(clip.id)) return 'baseline';
  const short = [...outcome.campaigns.values()].some(({ campaign, clips, amounts }) => {
    const entry = clips.get(clipId);
    return entry !== undefined && (amounts.get(clipId) ?? 0) < dueOf(entry, campaign);
  });
  if (short && difference < 0) return 'budget_spent';
  if (!tracked.has(clip.id)) return 'never_seen';
  const highWater = Math.max(...entries.map(({ views }) => views.highWater?.views ?? 0));
  if (Number(clip.views ?? 0) !== highWater) return 'counter';
  return Math.abs(difference) <= 1 ? 'rounding' : 'rule';
}

/**
 * Folds the events as the service will, and settles every campaign once; a paused one as if it were
 * resumed.
 */
function byTheRules({ streams }: Derived, now: Date): Outcome {
  const outcome: Outcome = { campaigns: new Map(), byClip: new Map(), byCreator: new Map() };
  for (const { stream, events } of streams) {
    if (stream.startsWith('campaign-')) {
      const campaign = (events as unknown as CampaignFact[]).reduce<Campaign | null>(
        evolveCampaign,
        null,
      )!;
      outcome.campaigns.set(campaign.campaignId, {
        campaign,
        clips: new Map(),
        amounts: new Map(),
        unpaid: 0,
      });
    } else if (stream.startsWith('clip-')) foldClip(events, outcome);
  }
  for (const kept of outcome.campaigns.values()) {
    const decision = settle(
      {
        campaign: { ...kept.campaign, status: 'ACTIVE' },
        clips: kept.clips,
        scrapesOutstanding: 0,
      },
      now,
    );
    for (const { type, data } of decision.kind === 'settle' ? decision.events : []) {
      if (type === 'CampaignBudgetExhausted') kept.unpaid = data.unpaid;
      if (type !== 'EarningsAccrued') continue;
      kept.campaign = { ...kept.campaign, accrued: kept.campaign.accrued + data.total };
      for (const { clipId, creatorId, amount } of data.lines) {
        kept.amounts.set(clipId, (kept.amounts.get(clipId) ?? 0) + amount);
        outcome.byClip.set(clipId, (outcome.byClip.get(clipId) ?? 0) + amount);
        outcome.byCreator.set(creatorId, (outcome.byCreator.get(creatorId) ?? 0) + amount);
      }
    }
  }
  return outcome;
}

function foldClip(events: readonly NewEvent[], { campaigns }: Outcome): void {
  for (const fact of events as unknown as ClipFact[]) {
    const { clipId } = fact.data;
    const named = 'campaignId' in fact.data ? [fact.data.campaignId] : [...campaigns.keys()];
    for (const campaignId of named) {
      const { campaign, clips } = campaigns.get(campaignId)!;
      const before = clips.get(clipId) ?? null;
      if ((before || fact.type === 'ClipSubmitted') && concerns(fact, campaignId))
        clips.set(clipId, evolveEntry(before, fact, campaign));
    }
  }
}

const campaignsOf = (
  old: OldSystem,
  { campaigns }: Outcome,
  oldClips: ReadonlyMap<string, number>,
  currency: string,
): CampaignReconciliation[] =>
  old.campaigns.flatMap(({ id, spent }) => {
    const kept = campaigns.get(id);
    if (!kept) return [];
    const { campaign, unpaid } = kept;
    return [
      {
        campaignId: id,
        budget: budgetOf(campaign),
        oldSpent: toMinor(spent, currency),
        oldClips: oldClips.get(id) ?? 0,
        rules: spentOf(campaign),
        unpaid,
      },
    ];
  });

function overpaidOf({ streams }: Derived, { byCreator }: Outcome): CreatorReconciliation[] {
  return streams
    .filter(({ stream }) => stream.startsWith('payout-'))
    .map(({ stream, events }) => {
      const creatorId = stream.slice('payout-'.length);
      const given = new Map<string, number>();
      for (const { type, data } of events as unknown as {
        type: string;
        data: { payoutId: string; amount?: number };
      }[]) {
        if (type === 'PayoutRequested') given.set(data.payoutId, data.amount!);
        if (type === 'PayoutRejected' || type === 'PayoutFailed') given.delete(data.payoutId);
      }
      return {
        creatorId,
        oldPaid: [...given.values()].reduce((sum, amount) => sum + amount, 0),
        rules: byCreator.get(creatorId) ?? 0,
      };
    })
    .filter(({ oldPaid, rules }) => oldPaid > rules)
    .toSorted((a, b) => b.oldPaid - b.rules - (a.oldPaid - a.rules));
}
