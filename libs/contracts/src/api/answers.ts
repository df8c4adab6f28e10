import { z } from 'zod';
import { CampaignTerms, SettlementBasis } from '../events/campaign.js';
import { ImplausibleFigure, ScrapeFailure } from '../events/scrape-failure.js';
import { ClipId, Count, EntityId, Instant } from '../events/common.js';
import { PayoutDestination, PayoutProvider } from '../events/payout.js';
import { Currency, Minor } from '../money.js';
import { Platform } from '../platform.js';
import { ROLES } from './callers.js';
import { ClipAnswer } from './clip-answers.js';

/**
 * What the API answers: its document, its views and its clients take the types from here. Amounts
 * are minor units, instants UTC.
 */
const money = z.int();

export const CallerAnswer = z
  .object({
    role: z.enum(ROLES).describe('What the caller may do.'),
    subject: z.string().describe('Id of the brand or creator; of an admin, its name in events.'),
  })
  .meta({ id: 'Caller' });

const Pace = z.object({
  budget: Minor,
  spent: Minor,
  remaining: Minor,
  perDay: money,
  daysLeft: z.object({
    expected: z.number().nullable(),
    soonest: z.number().nullable(),
    latest: z.number().nullable(),
  }),
  expectedEnd: z.string().nullable(),
});

export const CampaignAnswer = z
  .object({
    campaignId: EntityId,
    brandId: EntityId,
    name: z.string(),
    status: z.enum(['ACTIVE', 'PAUSED', 'ENDED']),
    ...CampaignTerms.shape,
    accrued: Minor,
    reversed: Minor,
    fees: Minor.describe('Platform fees: in `spent` if the brand bears them.'),
    spent: Minor,
    remaining: Minor,
    exhausted: z.boolean(),
    launchedAt: Instant,
    endedAt: Instant.nullable(),
    pace: Pace.optional(),
    views: Count.optional().describe(
      'Of its approved clips, each by its largest count within the window; where one campaign is shown to its brand.',
    ),
  })
  .meta({ id: 'Campaign' });

export const CloseOutAnswer = z
  .object({
    campaignId: EntityId,
    currency: Currency,
    endedAt: Instant.nullable(),
    closed: z.boolean().describe('Nothing waits: what remains goes back to the brand.'),
    waiting: z.object({
      end: z.boolean().describe('The campaign is not over yet.'),
      pending: Count,
      held: Count,
      appeals: Count,
      unsettled: Count.describe('Clips that are due something.'),
      scrapes: Count.describe('Scrapes without an outcome.'),
    }),
    budget: Minor,
    spent: money,
    fees: Minor.describe('Platform fees: in `spent` if the brand bears them.'),
    remaining: money,
  })
  .meta({ id: 'CloseOut' });

export const ScrapeRequestAnswer = z.object({ requestId: z.uuid() }).meta({ id: 'Look' });

export const FailedScrapeAnswer = z
  .object({
    id: z.uuid(),
    clipId: ClipId,
    platform: Platform,
    reason: ScrapeFailure,
    detail: z.string().nullable(),
    retryable: z.boolean(),
    attempts: Count,
    failures: Count,
    failedAt: Instant,
    /** What was seen of the clip before. */
    views: Count.nullable(),
    observedAt: Instant.nullable(),
    figure: ImplausibleFigure.nullable(),
    goneSince: Instant.nullable(),
    retired: z.enum(['not_found', 'private']).nullable(),
    retiredAt: Instant.nullable(),
  })
  .meta({ id: 'FailedLook' });

const RetriedScrape = z.object({
  id: z.uuid(),
  /** Of the new scrape; null if there is none. */
  requestId: z.uuid().nullable(),
  /**
   * Of a refusal: the fixed word, and the sentence for people, that POST /failed-scrapes/:id/retry
   * would have answered.
   */
  code: z.string().nullable(),
  detail: z.string().nullable(),
});
export const RetriedScrapesAnswer = z
  .object({ items: z.array(RetriedScrape), next: z.string().nullable() })
  .meta({ id: 'LooksAgain' });

const PayoutStatus = z.enum(['REQUESTED', 'APPROVED', 'REJECTED', 'PAID', 'FAILED']);

export const PayoutAnswer = z
  .object({
    payoutId: EntityId,
    creatorId: EntityId,
    currency: Currency,
    amount: Minor,
    status: PayoutStatus,
    destination: PayoutDestination.nullable(),
    waitsUntil: Instant.nullable().describe(
      'Until when it cannot be approved, since the account was changed after it was asked for; else null.',
    ),
    requestedAt: Instant,
    approvedAt: Instant.nullable(),
    externalReference: z.string().nullable(),
    reason: z.string().nullable().describe('Why it was rejected or has failed; else null.'),
  })
  .meta({ id: 'Payout' });

export const PayoutAccountAnswer = z
  .object({
    creatorId: EntityId,
    provider: PayoutProvider,
    account: z.string().nullable(),
    setAt: Instant.nullable().describe(
      'Since when; null if nobody has said it, or in the answer to who has just said it.',
    ),
  })
  .meta({ id: 'PayoutAccount' });

export const FundingAnswer = z
  .object({
    brandId: EntityId,
    prefunding: z.boolean().describe('Whether campaigns are launched only up to what is left.'),
    currencies: z.array(
      z.object({
        currency: Currency,
        funded: Minor.describe('Paid in, less what was refunded.'),
        refunded: Minor.describe('Gone back: of each payment no more than it was.'),
        committed: Minor.describe('Budgets of all campaigns, top-ups included.'),
        returned: Minor.describe('Left over by campaigns that are closed.'),
        left: z.int().describe('Funded less committed, and returned; may be below 0.'),
      }),
    ),
    payments: z
      .array(
        z.object({
          reference: z.string(),
          currency: Currency,
          amount: Minor,
          at: Instant,
          by: z.string(),
        }),
      )
      .describe('The newest 50, newest first.'),
    refunds: z
      .array(
        z.object({
          reference: z.string().describe('Of the payment.'),
          refundId: z.string(),
          currency: Currency,
          amount: Minor,
          at: Instant,
          undoneAt: Instant.nullable().describe(
            'Since when the brand has the money again: a refund failed, or a dispute was won.',
          ),
          by: z.string(),
        }),
      )
      .describe('What went back of payments: the newest 50, newest first.'),
  })
  .meta({ id: 'Funding' });

export const TransfersAnswer = z
  .object({ paid: Count, failed: Count, unchanged: Count })
  .meta({ id: 'Transfers' });

export const BalancesAnswer = z
  .object({
    creatorId: EntityId,
    balances: z.array(
      z.object({
        currency: Currency,
        accrued: Minor,
        reversed: Minor,
        fees: Minor.describe('Platform fees that the creator bears.'),
        reserved: Minor,
        paid: Minor,
        available: money,
        validating: money,
        payable: Minor.describe('The most that may be asked for now.'),
        minimumPayout: Minor,
        upcoming: z
          .array(z.object({ at: Instant, amount: Minor }))
          .describe('What is being validated, by when it becomes available.'),
        kept: z
          .array(z.object({ campaignId: EntityId, amount: Minor, minimum: Minor }))
          .describe('Available money of campaigns whose minimum is not reached yet.'),
      }),
    ),
  })
  .meta({ id: 'Balances' });

export const LedgerLine = z
  .object({
    lineId: z.string().optional().describe('Names the line: why it is what it is, is asked by it.'),
    at: Instant,
    kind: z.enum(['accrued', 'reversed', 'fee_withheld', 'fee_on_top', 'payout']),
    eventId: z.uuid(),
    campaignId: EntityId.optional().describe('Of earnings; a payout has none.'),
    clipId: ClipId.optional().describe('Of earnings; a payout has none.'),
    creatorId: EntityId,
    currency: Currency,
    amount: money,
    sum: money,
    observation: z.uuid().optional(),
    fromViews: Count.optional(),
    toViews: Count.optional(),
    rate: Minor.nullable().optional(),
    maxPayoutPerClip: Minor.nullable().optional(),
    due: Minor.optional(),
    basis: SettlementBasis.nullable()
      .optional()
      .describe('What the amount is computed from: due = max(0, earned - voided) - had.'),
    fee: z
      .object({ basisPoints: Count, had: Minor, of: Minor })
      .optional()
      .describe('Of a platform fee: `of` x basisPoints / 10,000, rounded down, less `had`.'),
    reason: z.string().optional(),
    by: z.string().optional(),
    payoutId: EntityId.optional(),
    status: PayoutStatus.optional(),
    reserved: money.optional(),
    paid: money.optional(),
    note: z
      .string()
      .nullable()
      .optional()
      .describe('Of a payout: the reason, or the reference of the transfer.'),
  })
  .meta({ id: 'StatementLine' });

const next = z.string().nullable().describe('Cursor of the next page; null on the last one.');
const pageOf = <S extends z.ZodType>(schema: S, id: string) =>
  z.object({ items: z.array(schema), next }).meta({ id });

export const CampaignsAnswer = pageOf(CampaignAnswer, 'Campaigns');
export const ClipsAnswer = pageOf(ClipAnswer, 'Clips');
export const PayoutsAnswer = pageOf(PayoutAnswer, 'Payouts');
export const FailedScrapesAnswer = pageOf(FailedScrapeAnswer, 'FailedLooks');
export const StatementAnswer = z
  .object({ lines: z.array(LedgerLine), next })
  .meta({ id: 'Statement' });

/** A write that is kept and not yet visible: read `location` in a moment. */
export const AcceptedAnswer = z.looseObject({ location: z.string() }).meta({ id: 'Accepted' });

export type CampaignAnswer = z.infer<typeof CampaignAnswer>;
export type FundingAnswer = z.infer<typeof FundingAnswer>;
export type TransfersAnswer = z.infer<typeof TransfersAnswer>;
export type PayoutAnswer = z.infer<typeof PayoutAnswer>;
export type RetriedScrapesAnswer = z.infer<typeof RetriedScrapesAnswer>;
export type FailedScrapeAnswer = z.infer<typeof FailedScrapeAnswer>;
export type BalancesAnswer = z.infer<typeof BalancesAnswer>;
export type StatementLineAnswer = z.infer<typeof LedgerLine>;
export type CloseOutAnswer = z.infer<typeof CloseOutAnswer>;
