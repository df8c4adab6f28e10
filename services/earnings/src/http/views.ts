import type { CampaignTerms } from '@cliptally/contracts';
import type { Role } from '@cliptally/contracts/api';
import { holdForCreators } from '../domain/anomaly.js';
import { availableAt, outstandingOf, type Balance } from '../domain/balance.js';
import {
  budgetOf,
  feesIn,
  isExhausted,
  remainingOf,
  spentOf,
  type Campaign,
} from '../domain/campaign.js';
import { dueOf, earnedBy, isOld, netOf, restsOn, type ClipEntry } from '../domain/clip.js';
import { reviewAtOf } from '../domain/due-review.js';
import { paceOf, type Spending } from '../domain/pace.js';
import type { PendingLink } from '../domain/short-link.js';
import { payableAt } from '../domain/payable.js';
import type { StatementLine } from '../domain/statement.js';
import type { FoundCampaign, FoundClip, FoundFailedScrape } from '../queries/found-rows.js';
import type {
  BalancesAnswer,
  CampaignAnswer,
  ClipAnswer,
  FailedScrapeAnswer,
  ShortLinkAnswer,
  StatementLineAnswer,
} from '@cliptally/contracts/api';

/** Amounts are minor units of the campaign's currency; instants are UTC. */
export function campaignView(
  { state, launched_at }: Pick<FoundCampaign, 'state' | 'launched_at'>,
  spending: readonly Spending[] | null,
  now: Date,
): CampaignAnswer {
  const { campaignId, brandId, name, status, terms, accrued, reversed, endedAt } = state;
  return {
    campaignId,
    brandId,
    name,
    status,
    ...terms,
    budget: budgetOf(state),
    accrued,
    reversed,
    fees: feesIn(state),
    spent: spentOf(state),
    remaining: remainingOf(state),
    exhausted: isExhausted(state),
    launchedAt: launched_at.toISOString(),
    endedAt,
    ...(spending ? { pace: paceOf(state, spending, now) } : {}),
  };
}

/** As creators see it: from which score on a clip is odd is between the brand and the operator. */
export function forCreators(row: FoundCampaign, now: Date): CampaignAnswer {
  const { anomalyThreshold: _, ...view } = campaignView(row, null, now);
  return view;
}

export function clipView(
  clip: FoundClip,
  entries: readonly { entry: ClipEntry; row: FoundCampaign }[],
  role: Role,
): ClipAnswer {
  return {
    clipId: clip.clip_id,
    platform: clip.platform,
    url: clip.url,
    views: clip.views,
    observedAt: clip.observed_at?.toISOString() ?? null,
    source: clip.source,
    sourceChangedAt: clip.source_changed_at?.toISOString() ?? null,
    viewField: clip.view_field,
    campaigns: entries.map(({ entry, row }) => entryView(entry, row.state, role)),
  };
}

/** The entry as the role may read it. */
export const shownEntry = (entry: ClipEntry, role: Role): ClipEntry =>
  role === 'creator' ? { ...entry, hold: holdForCreators(entry.hold) } : entry;

export function entryView(
  entry: ClipEntry,
  campaign: Campaign,
  role: Role,
): ClipAnswer['campaigns'][number] {
  return {
    campaignId: entry.campaignId,
    creatorId: entry.creatorId,
    status: entry.status,
    hold: shownEntry(entry, role).hold,
    rejection: entry.rejection,
    retired: entry.retired,
    reviewAt: reviewAtOf(entry, campaign.terms),
    appeal: entry.appeal,
    submittedAt: entry.submittedAt,
    postedAt: entry.postedAt,
    oldPost: isOld(entry, campaign.terms),
    approvedAt: entry.approvedAt,
    highWater: restsOn(entry, campaign.terms).highWater?.views ?? null,
    currency: campaign.terms.currency,
    entitlement: earnedBy(entry, campaign.terms),
    accrued: entry.tally.accrued,
    reversed: entry.tally.reversed,
    earned: netOf(entry.tally),
    fees: entry.tally.fees,
    due: dueOf(entry, campaign),
  };
}

export const shortLinkView = (link: PendingLink): ShortLinkAnswer => ({
  ...link,
  location: `/short-links/${link.linkId}`,
});

/**
 * One line of a statement: from the observation over views, rate and share to the amount, or a
 * payout's step, and the sum so far.
 */
export function lineView(
  line: StatementLine & { sum: number },
  terms: ReadonlyMap<string, CampaignTerms>,
): StatementLineAnswer {
  const { time, kind, eventId, creatorId, currency, amount, sum } = line;
  return { at: time, kind, eventId, creatorId, currency, ...detailOf(line, terms), amount, sum };
}

function detailOf(line: StatementLine, terms: ReadonlyMap<string, CampaignTerms>) {
  if (line.kind === 'payout') {
    const { payoutId, status, reserved, paid, note } = line;
    return { payoutId, status, reserved, paid, note };
  }
  if ('basisPoints' in line) {
    const { campaignId, clipId, basisPoints, had, of } = line;
    return { campaignId, clipId, fee: { basisPoints, had, of } };
  }
  const { campaignId, clipId, basis } = line;
  if (line.kind === 'reversed')
    return { campaignId, clipId, reason: line.reason, by: line.by, basis };
  const { observation, fromViews, toViews, rate, due } = line;
  return {
    campaignId,
    clipId,
    observation,
    fromViews,
    toViews,
    rate,
    maxPayoutPerClip: terms.get(campaignId)?.maxPayoutPerClip ?? null,
    due,
    basis,
  };
}

export function balanceView(
  currency: string,
  balance: Balance,
  campaigns: readonly Campaign[],
  now: Date,
): BalancesAnswer['balances'][number] {
  const available = availableAt(balance, now);
  const own = campaigns.filter(({ terms }) => terms.currency === currency);
  const payable = payableAt(balance, own, now);
  const { accrued, reversed, withheld, reserved, paid } = balance;
  return {
    currency,
    accrued,
    reversed,
    fees: withheld,
    reserved,
    paid,
    available,
    validating: outstandingOf(balance) - available,
    payable: Math.max(0, payable.amount),
    minimumPayout: payable.minimum,
    upcoming: upcomingOf(balance, now),
    kept: [...payable.kept],
  };
}

export const failedScrapeView = (row: FoundFailedScrape): FailedScrapeAnswer => ({
  id: row.request_id,
  clipId: row.clip_id,
  platform: row.platform,
  reason: row.reason,
  detail: row.detail,
  retryable: row.retryable,
  attempts: row.attempts,
  failures: row.failures,
  failedAt: row.failed_at.toISOString(),
  views: row.views,
  observedAt: row.observed_at?.toISOString() ?? null,
  figure: row.figure,
  goneSince: row.gone_since?.toISOString() ?? null,
  retired: row.retired,
  retiredAt: row.retired_at?.toISOString() ?? null,
});

/** What is being validated, by the instant at which it becomes available. */
function upcomingOf({ validating }: Balance, now: Date): { at: string; amount: number }[] {
  const sums = new Map<string, number>();
  for (const { until, amount } of validating)
    if (Date.parse(until) > now.getTime()) sums.set(until, (sums.get(until) ?? 0) + amount);
  return [...sums]
    .map(([at, amount]) => ({ at, amount }))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
