import {
  budgetRemaining,
  campaignEnd,
  CampaignLaunched,
  campaignStatusAfter,
  CampaignTerms,
  failuresAfter,
  formatMoney,
  isBudgetExhausted,
  MOST_MINOR,
  spentBy,
  sumsAfter,
  type CampaignStatus,
  type EventData,
  type SettlementFailures,
} from '@cliptally/contracts';
import { faultsOf, wellFormed, type MostMinPayout } from './terms-faults.js';
import { ms, type Decided, type Fact } from './fact.js';
import {
  conflict,
  requireAmount,
  requireText,
  rule,
  RuleBroken,
  type Fault,
} from './rule-broken.js';

export type { CampaignStatus };

/**
 * A brand's promise to creators, and what has become of its money. Amounts are minor units of
 * `terms.currency`.
 */
export interface Campaign {
  campaignId: string;
  brandId: string;
  name: string;
  terms: CampaignTerms;
  status: CampaignStatus;
  toppedUp: number;
  accrued: number;
  reversed: number;
  /** Platform fees that the budget bears, and those that creators bear; less what went back. */
  feesOnTop: number;
  feesWithheld: number;
  endedAt: string | null;
  /**
   * When money last became available: launch, top-up, resume or reversal. The patience of a
   * settlement starts no earlier.
   */
  openedAt: string;
  /** Clips that settlements pass over, until they are paid or held. */
  failures: SettlementFailures;
}

export type CampaignFact = Fact<
  | 'CampaignLaunched'
  | 'CampaignToppedUp'
  | 'CampaignPaused'
  | 'CampaignResumed'
  | 'CampaignEnded'
  | 'CampaignVisibilityChanged'
  | 'EarningsAccrued'
  | 'EarningsReversed'
  | 'CampaignBudgetExhausted'
  | 'CampaignClipHeld'
  | 'CampaignClipReleased'
  | 'CampaignClipMoved'
  | 'ClipSettlementFailed'
>;

export const budgetOf = (campaign: Campaign): number => campaign.terms.budget + campaign.toppedUp;
export const sumsOf = (campaign: Campaign) => ({
  budget: budgetOf(campaign),
  accrued: campaign.accrued,
  reversed: campaign.reversed,
  feesOnTop: campaign.feesOnTop,
  feesWithheld: campaign.feesWithheld,
});
/** Earnings, and the fee if the budget bears it. */
export const spentOf = (campaign: Campaign): number => spentBy(sumsOf(campaign));
/** Platform fees, of brand and creator alike. */
export const feesIn = (campaign: Campaign): number => campaign.feesOnTop + campaign.feesWithheld;
export const remainingOf = (campaign: Campaign): number => budgetRemaining(sumsOf(campaign));
export const isExhausted = (campaign: Campaign): boolean => isBudgetExhausted(sumsOf(campaign));
export const endOf = ({ terms, endedAt }: Pick<Campaign, 'terms' | 'endedAt'>): string | null =>
  campaignEnd(terms.endsAt, endedAt);

/**
 * Throws a conflict that names the state, unless the campaign takes new clips and approvals. `todo`
 * completes "no clip can be ...".
 */
export function requireOpen(
  campaign: Campaign,
  todo: string,
  now: Date,
  states: readonly CampaignStatus[],
): void {
  requireStatus(campaign, `no clip can be ${todo}`, states);
  const end = endOf(campaign);
  if (end !== null && now.getTime() >= ms(end)) {
    throw conflict(
      'campaign_over',
      `The campaign "${campaign.campaignId}" was over on ${end}: no clip can be ${todo} any more.`,
    );
  }
}

/**
 * State after one more event of `campaign-<id>`. Throws when the history does not begin with the
 * launch.
 */
export function evolveCampaign(campaign: Campaign | null, fact: CampaignFact): Campaign {
  if (fact.type === 'CampaignLaunched') {
    return {
      ...fact.data,
      status: campaignStatusAfter(fact.type),
      toppedUp: 0,
      accrued: 0,
      reversed: 0,
      feesOnTop: 0,
      feesWithheld: 0,
      endedAt: null,
      openedAt: fact.time,
      failures: {},
    };
  }
  if (!campaign)
    throw new Error(
      `${fact.type} of the campaign "${fact.data.campaignId}" came before its launch.`,
    );
  switch (fact.type) {
    case 'CampaignPaused':
      return { ...campaign, status: campaignStatusAfter(fact.type) };
    case 'CampaignResumed':
      return { ...campaign, status: campaignStatusAfter(fact.type), openedAt: fact.time };
    case 'CampaignEnded':
      return { ...campaign, status: campaignStatusAfter(fact.type), endedAt: fact.time };
    case 'CampaignVisibilityChanged': {
      const { publicCatalogue, leaderboardNames } = fact.data;
      return { ...campaign, terms: { ...campaign.terms, publicCatalogue, leaderboardNames } };
    }
    case 'CampaignToppedUp':
      return { ...withSums(campaign, fact), openedAt: fact.time };
    case 'EarningsReversed':
      return {
        ...withSums(campaign, fact),
        openedAt: fact.time,
        failures: failuresAfter(campaign.failures, fact),
      };
    case 'EarningsAccrued':
      return { ...withSums(campaign, fact), failures: failuresAfter(campaign.failures, fact) };
    case 'CampaignClipHeld':
    case 'CampaignClipMoved':
    case 'ClipSettlementFailed':
      return { ...campaign, failures: failuresAfter(campaign.failures, fact) };
    // CampaignBudgetExhausted follows from the sums, CampaignClipReleased only moves the stream on
    default:
      return campaign;
  }
}

function withSums(campaign: Campaign, fact: Parameters<typeof sumsAfter>[1]): Campaign {
  const { budget, ...sums } = sumsAfter(sumsOf(campaign), fact);
  return { ...campaign, ...sums, toppedUp: budget - campaign.terms.budget };
}

export interface Launch {
  campaignId: string;
  brandId: string;
  name: string;
  /** As the brand wrote them: {@link CampaignTerms} with or without its defaults. */
  terms: unknown;
}

/** Of campaigns that are launched now; terms of earlier ones that say nothing mean nothing. */
const DEFAULTS = { oldPosts: 'first_observation', reviewHours: 48 };

/**
 * Throws a conflict for an id that is taken, else one {@link RuleBroken} that names every fault of
 * the terms.
 */
export function decideLaunch(
  campaign: Campaign | null,
  launch: Launch,
  now: Date,
  mostMinPayout: MostMinPayout = {},
): Decided<'CampaignLaunched'>[] {
  const terms = { ...DEFAULTS, ...(launch.terms as object) };
  const parsed = CampaignLaunched.safeParse({ ...launch, terms });
  const shape =
    parsed.error?.issues.map(({ path, message }) => ({
      field: path.join('.').replace(/^terms\./, ''),
      message,
    })) ?? [];
  if (campaign)
    throw new RuleBroken(
      'conflict',
      'campaign_exists',
      `A campaign "${launch.campaignId}" exists already: choose another id.`,
      parsed.data ? differencesOf(campaign, parsed.data, launch.terms) : shape,
    );
  const faults = [...shape, ...faultsOf(wellFormed(launch.terms), now, mostMinPayout)];
  if (!parsed.success || faults.length > 0) {
    const text = faults
      .map(({ field, message }) => `${field}: ${message.replace(/\.$/, '')}`)
      .join('; ');
    throw new RuleBroken(
      shape.length > 0 ? 'malformed' : 'rule',
      'terms_faulty',
      `The campaign cannot be launched. ${text}.`,
      faults,
    );
  }
  return [{ type: 'CampaignLaunched', data: parsed.data }];
}

/**
 * What a campaign was launched with and `asked` says otherwise: who asks again for the same
 * learns that it is there. Of another brand's campaign nothing more is said.
 */
function differencesOf(
  campaign: Campaign,
  asked: EventData<'CampaignLaunched'>,
  given: unknown,
): Fault[] {
  if (campaign.brandId !== asked.brandId)
    return [{ field: 'brandId', message: 'it is of another brand' }];
  const there: object = { name: campaign.name, ...CampaignTerms.parse(campaign.terms) };
  const here: object = { name: asked.name, ...asked.terms };
  const written = (terms: object, field: string) => {
    const value = new Map(Object.entries(terms)).get(field) as unknown;
    if (field.endsWith('At') && typeof value === 'string') return new Date(value).toISOString();
    return typeof value === 'object' && value && !Array.isArray(value)
      ? JSON.stringify(value, Object.keys(value).toSorted())
      : JSON.stringify(value);
  };
  return (
    [...new Set([...Object.keys(there), ...Object.keys(here)])]
      .map((field) => ({ field, is: written(there, field), asked: written(here, field) }))
      .filter((one) => one.is !== one.asked)
      // Nobody asked for the default of a term that campaigns did not have when this one began.
      .filter((one) => one.is !== undefined || one.field in (given as object))
      .map(({ field, is, asked }) => ({
        field,
        message: `it is ${is ?? 'not set'}, not ${asked ?? 'left out'}`,
      }))
  );
}

export function decideTopUp(
  campaign: Campaign,
  { amount, by }: { amount: number; by: string },
): Decided<'CampaignToppedUp'>[] {
  requireAmount(amount, 'amount');
  requireStatus(campaign, 'it cannot be topped up', ['ACTIVE', 'PAUSED']);
  const { currency } = campaign.terms;
  if (budgetOf(campaign) + amount > MOST_MINOR)
    throw rule(
      'budget_too_large',
      'amount',
      `The budget would be more than ${formatMoney(MOST_MINOR, currency)}, the most that a campaign may have.`,
    );
  return [{ type: 'CampaignToppedUp', data: { campaignId: campaign.campaignId, amount, by } }];
}

export function decidePause(
  campaign: Campaign,
  { reason, by }: { reason: string; by: string },
): Decided<'CampaignPaused'>[] {
  requireText(reason, 'reason', { empty: true });
  requireStatus(campaign, 'it cannot be paused', ['ACTIVE']);
  return [{ type: 'CampaignPaused', data: { campaignId: campaign.campaignId, reason, by } }];
}

export function decideResume(
  campaign: Campaign,
  { by }: { by: string },
): Decided<'CampaignResumed'>[] {
  requireStatus(campaign, 'it cannot be resumed', ['PAUSED']);
  return [{ type: 'CampaignResumed', data: { campaignId: campaign.campaignId, by } }];
}

/** For good: views seen from now on count no more, and what was seen before is still settled. */
export function decideEnd(
  campaign: Campaign,
  { reason, by }: { reason: string; by: string },
): Decided<'CampaignEnded'>[] {
  requireText(reason, 'reason', { empty: true });
  requireStatus(campaign, 'it cannot be ended again', ['ACTIVE', 'PAUSED']);
  return [{ type: 'CampaignEnded', data: { campaignId: campaign.campaignId, reason, by } }];
}

function requireStatus(
  { campaignId, status }: Campaign,
  consequence: string,
  allowed: readonly CampaignStatus[],
): void {
  if (!allowed.includes(status)) {
    throw conflict(
      'campaign_state',
      `The campaign "${campaignId}" is ${status}: ${consequence} (only while it is ${allowed.join(' or ')}).`,
    );
  }
}
