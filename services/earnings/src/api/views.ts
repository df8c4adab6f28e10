import type { CampaignTerms } from '@cliptally/contracts';
import { availableAt, outstandingOf, type Balance } from '../domain/balance.js';
import { budgetOf, isExhausted, remainingOf, spentOf } from '../domain/campaign.js';
import { dueOf, netOf, type ClipEntry } from '../domain/clip.js';
import { entitlement, rateOf } from '../domain/entitlement.js';
import { paceOf, type Spending } from '../domain/pace.js';
import type { PendingLink } from '../domain/short-link.js';
import { minimumPayout } from '../domain/payout.js';
import type { CampaignRow, ClipRow, EarningsRow, FailedScrapeRow, LedgerRow } from '../queries.js';
import type { BalancesAnswer, CampaignAnswer, ClipAnswer, FailedLookAnswer, ShortLinkAnswer, StatementLineAnswer } from './answers.js';

/** Amounts are minor units of the campaign's currency; instants are UTC. */
export function campaignView({ state, launched_at }: CampaignRow, spending: readonly Spending[] | null, now: Date): CampaignAnswer {
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
    spent: spentOf(state),
    remaining: remainingOf(state),
    exhausted: isExhausted(state),
    launchedAt: launched_at.toISOString(),
    endedAt,
    ...(spending ? { pace: paceOf(state, spending, now) } : {}),
  };
}

export function clipView(clip: ClipRow, entries: readonly { entry: ClipEntry; row: CampaignRow }[]): ClipAnswer {
  return {
    clipId: clip.clip_id,
    platform: clip.platform,
    url: clip.url,
    views: clip.views,
    observedAt: clip.observed_at?.toISOString() ?? null,
    campaigns: entries.map(({ entry, row }) => ({
      campaignId: entry.campaignId,
      creatorId: entry.creatorId,
      status: entry.status,
      hold: entry.hold,
      retired: entry.retired,
      approvedAt: entry.approvedAt,
      highWater: entry.views.highWater?.views ?? null,
      currency: row.state.terms.currency,
      entitlement: entitlement(row.state.terms, entry.platform, entry.views),
      accrued: entry.tally.accrued,
      reversed: entry.tally.reversed,
      earned: netOf(entry.tally),
      due: dueOf(entry, row.state),
    })),
  };
}

export const shortLinkView = (link: PendingLink): ShortLinkAnswer => ({ ...link, location: `/short-links/${link.linkId}` });

/** One line of a statement: from the observation over views, rate and share to the amount, or a payout's step, and the sum so far. */
export function lineView(row: LedgerRow, terms: ReadonlyMap<string, CampaignTerms>): StatementLineAnswer {
  return {
    at: row.time.toISOString(),
    kind: row.kind,
    eventId: row.event_id,
    creatorId: row.creator_id,
    currency: row.currency,
    ...(row.kind === 'payout' ? row.detail : earningsView(row, terms.get(row.campaign_id))),
    amount: row.amount,
    sum: row.sum,
  };
}

function earningsView({ kind, campaign_id: campaignId, clip_id: clipId, detail }: EarningsRow, terms: CampaignTerms | undefined) {
  const { due, fromViews, toViews, observation, reason, by } = detail;
  if (kind === 'reversed') return { campaignId, clipId, reason, by };
  const platform = clipId.slice(0, clipId.indexOf('-')) as ClipEntry['platform'];
  const rate = terms ? rateOf(terms, platform) : null;
  return { campaignId, clipId, observation, fromViews, toViews, rate, maxPayoutPerClip: terms?.maxPayoutPerClip ?? null, due };
}

export function balanceView(
  currency: string,
  { balance, terms }: { balance: Balance; terms: CampaignTerms[] },
  now: Date,
): BalancesAnswer['balances'][number] {
  const available = availableAt(balance, now);
  const { accrued, reversed, reserved, paid } = balance;
  return {
    currency,
    accrued,
    reversed,
    reserved,
    paid,
    available,
    validating: outstandingOf(balance) - available,
    minimumPayout: minimumPayout(terms),
  };
}

export const failedScrapeView = (row: FailedScrapeRow): FailedLookAnswer => ({
  id: row.request_id,
  clipId: row.clip_id,
  platform: row.platform,
  reason: row.reason,
  detail: row.detail,
  retryable: row.retryable,
  attempts: row.attempts,
  failures: row.failures,
  failedAt: row.failed_at.toISOString(),
});
