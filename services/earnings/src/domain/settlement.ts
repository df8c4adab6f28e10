import { formatMoney, shareOf, type AccrualLine, type SettlementBasis } from '@cliptally/contracts';
import { budgetOf, evolveCampaign, remainingOf, type Campaign, type CampaignFact } from './campaign.js';
import { accrue, BY_SETTLEMENT, concerns, dueOf, evolveEntry, netOf, paidUpTo, reverse, type ClipEntry, type ClipFact } from './clip.js';
import { baselineOf, entitlement } from './entitlement.js';
import { byText, MINUTE_MS, ms, type Decided } from './fact.js';

/** How long the last money waits for looks that are still outstanding; a look has its outcome well before. */
export const SETTLEMENT_PATIENCE_MS = 30 * MINUTE_MS;

/** An event has at most 4 MiB, and a line at most some 430 bytes: larger settlements take several events in the same append. */
export const LINES_PER_EVENT = 8_000;

/** One campaign and its clips. Entries whose `unsettledSince` is null may be left out: they change nothing. */
export interface Settlement {
  campaign: Campaign;
  clips: ReadonlyMap<string, ClipEntry>;
  /** Looks at the campaign's clips that were requested and have no outcome yet. */
  looksOutstanding: number;
}

export type SettlementEvent = Decided<'EarningsAccrued' | 'EarningsReversed' | 'CampaignBudgetExhausted'>;

export type Decision =
  | { kind: 'nothing' }
  | { kind: 'wait'; until: Date; because: string }
  /** To be appended together to the campaign's stream, at the revision that the state was read at. */
  | { kind: 'settle'; events: SettlementEvent[] };

interface Due {
  clip: ClipEntry;
  due: number;
  amount: number;
}

/**
 * Pays what clips are due. While that is at most half of what remains it is paid at once. When the last money is near, all looks that
 * are under way are awaited, at most 30 minutes, so that nobody is paid less for having been looked at later. Then everybody is paid in
 * full, or, where the money does not suffice, in proportion.
 *
 * A paused campaign pays nothing until it is resumed; one that has ended still pays what was seen before its end. Money that was
 * accrued on a baseline which an earlier, late observation has corrected goes back first, and is there for the others.
 */
export function settle({ campaign, clips, looksOutstanding }: Settlement, now: Date): Decision {
  if (campaign.status === 'PAUSED') return { kind: 'nothing' };
  const dues = [...clips.values()]
    .map((clip) => ({ clip, due: dueOf(clip, campaign), amount: 0 }))
    .sort((a, b) => byText(a.clip.clipId, b.clip.clipId));
  const over = dues.filter(({ due }) => due < 0);
  const owed = dues.filter(({ due }) => due > 0);
  const remaining = remainingOf(campaign) - total(over);
  const sum = total(owed);
  if (remaining === 0 || over.length + owed.length === 0) return { kind: 'nothing' };
  if (!Number.isSafeInteger(sum)) return absurd(owed, now);
  if (sum * 2 > remaining && looksOutstanding > 0) {
    const until = patience(campaign, owed);
    if (now < until) return { kind: 'wait', until, because: waiting(campaign, sum, remaining, looksOutstanding) };
  }
  const exhausted = sum >= remaining;
  const paid = exhausted ? divide(remaining, owed, sum) : owed.map((line) => ({ ...line, amount: line.due }));
  return {
    kind: 'settle',
    events: [...reversed(campaign, over), ...accrued(campaign, paid), ...(exhausted ? [emptied(campaign, sum - remaining)] : [])],
  };
}

/**
 * Shares of the last money: floor(due x remaining / sum) each, and the units that are left over one by one to the largest remainders;
 * between equal ones to the clip that was approved earlier, then by clip id. The shares sum to `remaining` exactly; where that covers
 * the sum, everybody's share is all of its due.
 */
function divide(remaining: number, owed: readonly Due[], sum: number): Due[] {
  const shares = owed.map(({ clip, due }) => ({ clip, due, ...shareOf(remaining, due, sum) }));
  const left = remaining - shares.reduce((given, { share }) => given + share, 0);
  const first = new Set(
    shares
      .toSorted((a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder) || byApproval(a.clip, b.clip))
      .slice(0, left),
  );
  return shares.map((line) => ({ clip: line.clip, due: line.due, amount: line.share + (first.has(line) ? 1 : 0) }));
}

const byApproval = (a: ClipEntry, b: ClipEntry): number => ms(a.approvedAt ?? '') - ms(b.approvedAt ?? '') || byText(a.clipId, b.clipId);
const total = (dues: readonly Due[]): number => dues.reduce((sum, { due }) => sum + due, 0);

/** Counted from the oldest unsettled observation, but not from before there was money: a top-up must not find patience used up. */
function patience(campaign: Campaign, owed: readonly Due[]): Date {
  const oldest = owed.reduce((least, { clip }) => Math.min(least, ms(clip.unsettledSince ?? campaign.openedAt)), Infinity);
  return new Date(Math.max(oldest, ms(campaign.openedAt)) + SETTLEMENT_PATIENCE_MS);
}

function waiting({ terms: { currency } }: Campaign, sum: number, remaining: number, looks: number): string {
  const outstanding = looks === 1 ? '1 look is' : `${looks} looks are`;
  return `${formatMoney(sum, currency)} is due and ${formatMoney(remaining, currency)} remains: all are settled together, and ${outstanding} outstanding.`;
}

/** Sums beyond exact counting come from a broken source alone; nothing is paid by them until somebody has looked. */
function absurd(owed: readonly Due[], now: Date): Decision {
  const { clip } = owed.reduce((most, line) => (line.due > most.due ? line : most));
  const because = `More is due than can be counted: the clip "${clip.clipId}" claims ${clip.views.highWater?.views} views. Put it on hold to settle the others.`;
  return { kind: 'wait', until: new Date(now.getTime() + SETTLEMENT_PATIENCE_MS), because };
}

/** A clip whose share is nothing has no line: it stays unsettled, and its due is part of what a top-up settles. */
function accrued(campaign: Campaign, paid: readonly Due[]): Decided<'EarningsAccrued'>[] {
  const lines = paid.filter(({ amount }) => amount > 0).map((line) => lineOf(campaign, line));
  const starts = Array.from({ length: Math.ceil(lines.length / LINES_PER_EVENT) }, (_, i) => i * LINES_PER_EVENT);
  return starts.map((start) => {
    const part = lines.slice(start, start + LINES_PER_EVENT);
    return {
      type: 'EarningsAccrued',
      data: { ...ofCampaign(campaign), total: part.reduce((sum, { amount }) => sum + amount, 0), lines: part, leftOut: [] },
    };
  });
}

function lineOf(campaign: Campaign, { clip, due, amount }: Due): AccrualLine {
  const { clipId, creatorId, views } = clip;
  if (!views.highWater) throw new Error(`The clip "${clipId}" is due money without an observation.`);
  return {
    clipId,
    creatorId,
    fromViews: paidUpTo(clip, campaign),
    toViews: views.highWater.views,
    due,
    amount,
    observation: views.highWater.id,
    basis: basisOf(clip, campaign),
  };
}

const basisOf = (clip: ClipEntry, campaign: Campaign): SettlementBasis => ({
  views: clip.views.highWater?.views ?? 0,
  baseline: baselineOf(campaign.terms, clip.views),
  earned: entitlement(campaign.terms, clip.platform, clip.views),
  voided: clip.tally.voided,
  had: netOf(clip.tally),
});

function reversed(campaign: Campaign, over: readonly Due[]): Decided<'EarningsReversed'>[] {
  if (over.length === 0) return [];
  const lines = over.map(({ clip, due }) => {
    const { clipId, creatorId, views } = clip;
    const reason = `an earlier first observation arrived: ${views.first?.views} views at ${views.first?.observedAt} (${views.first?.id})`;
    return { clipId, creatorId, amount: -due, reason, basis: basisOf(clip, campaign) };
  });
  return [{ type: 'EarningsReversed', data: { ...ofCampaign(campaign), total: -total(over), lines, by: BY_SETTLEMENT } }];
}

const emptied = (campaign: Campaign, unpaid: number): Decided<'CampaignBudgetExhausted'> => ({
  type: 'CampaignBudgetExhausted',
  data: { ...ofCampaign(campaign), budget: budgetOf(campaign), unpaid },
});

const ofCampaign = ({ campaignId, terms: { currency } }: Campaign) => ({ campaignId, currency });

/** The whole campaign after one more event of its stream or of any clip, in log order; clips of other campaigns change nothing. */
export function evolveSettlement(state: Settlement | null, fact: CampaignFact | ClipFact): Settlement {
  if (!('clipId' in fact.data)) {
    const campaignFact = fact as CampaignFact;
    const campaign = evolveCampaign(state?.campaign ?? null, campaignFact);
    return {
      looksOutstanding: state?.looksOutstanding ?? 0,
      campaign,
      clips: withLines(state?.clips ?? new Map(), campaignFact, campaign),
    };
  }
  if (!state) throw new Error(`${fact.type} of the clip "${fact.data.clipId}" came before the launch of its campaign.`);
  const clipFact = fact as ClipFact;
  const before = state.clips.get(clipFact.data.clipId) ?? null;
  if (!concerns(clipFact, state.campaign.campaignId) || (!before && clipFact.type !== 'ClipSubmitted')) return state;
  const entry = evolveEntry(before, clipFact, state.campaign);
  return { ...state, clips: new Map(state.clips).set(entry.clipId, entry) };
}

function withLines(clips: Settlement['clips'], fact: CampaignFact, campaign: Campaign): Settlement['clips'] {
  if (fact.type !== 'EarningsAccrued' && fact.type !== 'EarningsReversed') return clips;
  const changed = new Map(clips);
  const put = (clipId: string, change: (entry: ClipEntry) => ClipEntry) => {
    const entry = changed.get(clipId);
    if (entry) changed.set(clipId, change(entry));
  };
  if (fact.type === 'EarningsAccrued')
    for (const line of fact.data.lines) put(line.clipId, (entry) => accrue(entry, line, campaign, fact.time));
  else for (const line of fact.data.lines) put(line.clipId, (entry) => reverse(entry, line, fact.data.by, campaign, fact.time));
  return changed;
}
