import {
  Budget, CampaignTerms, ClipId, Currency, EVENT_TYPES, EntityId, Instant, MOST_APPEAL, Minor, PLATFORMS, PayoutDestination, Platform, RatePerThousand, ScrapeFailure, Text,
} from '@cliptally/contracts'; // prettier-ignore
import { z } from 'zod';
import { CLIP_ORDERS, CLIP_STATES } from '../queries/clip-lists.js';

/** What a person writes. */
const Written = Text.trim();
const Reason = Written.min(1).max(500);
const OptionalReason = Written.max(500).default('');
export const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: Text.max(500).optional(),
};

/** Of rates and of what a campaign pays, the same limit holds as of budgets. */
const Rates = RatePerThousand.extend({
  default: Budget,
  ...(Object.fromEntries(PLATFORMS.map((platform) => [platform, Budget.optional()])) as Record<
    Platform,
    z.ZodOptional<typeof Budget>
  >),
});

/**
 * A campaign as a brand writes it: its terms, flat, and a name. The deciders check what the terms
 * mean together.
 */
export const NewCampaign = z.strictObject({
  campaignId: EntityId.optional().describe('Its id; one is made if it is left out.'),
  brandId: EntityId.optional(),
  name: Written.min(1).max(200),
  ...CampaignTerms.shape,
  budget: Budget,
  ratePerThousand: Rates,
  maxPayoutPerClip: Budget.nullable().default(null),
  minPayout: Budget.default(0),
  maxPayoutPerCreator: Budget.nullable().optional(),
  flatFee: Budget.optional(),
});
export const TopUp = z.strictObject({ amount: Budget.min(1) });
export const CampaignVisibility = z
  .strictObject({
    publicCatalogue: z.boolean().optional(),
    leaderboardNames: z.boolean().optional(),
  })
  .describe('What is left out stays as it is.');
export const WithReason = z.strictObject({ reason: OptionalReason });
export const Nothing = z.strictObject({});

export const NewClip = z.strictObject({
  url: Text.max(4096),
  campaignId: EntityId,
  creatorId: EntityId.optional(),
  onlyNew: z
    .boolean()
    .default(false)
    .describe('Whether a clip that was rejected stays so; for imports, which are run again.'),
});
/** A link as somebody types it, and the campaign that it is meant for, if one is chosen. */
export const ClipDraft = z.strictObject({
  url: Text.max(4096),
  campaignId: EntityId.optional(),
  creatorId: EntityId.optional(),
});
/** A campaign as far as it is written: what is wrong with a field is said in the answer. */
export const CampaignDraft = z.looseObject({
  brandId: EntityId.optional(),
  name: z.unknown().optional(),
  currency: z.unknown().optional().describe('ISO 4217; amounts are its minor units.'),
  budget: z.unknown().optional(),
  ratePerThousand: z.unknown().optional(),
  startsAt: z.unknown().optional(),
  viewsPerDay: z
    .number()
    .positive()
    .max(1e15)
    .optional()
    .describe('Views that all its clips together may get a day, for the expected end.'),
});
export const BatchedClip = NewClip.omit({ onlyNew: true }).required();
export const ClipBatch = z.strictObject({
  clips: z.array(BatchedClip).min(1).max(200),
  approve: z.boolean().default(false),
});
/** Decides as always, and writes nothing. */
export const DryRun = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Says what would come of it, and changes nothing.'),
});
const inCampaign = { campaignId: EntityId.optional() };
export const ClipDecision = z.strictObject(inCampaign);
export const ClipMove = z.strictObject({ ...inCampaign, to: EntityId, reason: Reason });
export const ClipRejection = z.strictObject({ ...inCampaign, reason: Reason });
export const ClipAppeal = z.strictObject({ ...inCampaign, text: Written.min(1).max(MOST_APPEAL) });
export const ClipAppealAnswer = z.strictObject({
  ...inCampaign,
  granted: z.boolean(),
  reason: Reason,
});
/** Decisions on up to 200 clips, a rejection with its reason. */
export const ClipReviews = z.strictObject({
  reviews: z
    .array(
      z.strictObject({
        clipId: ClipId,
        campaignId: EntityId,
        decision: z.enum(['approve', 'reject', 'release']),
        reason: Reason.optional().describe('Of a rejection; its creator reads it.'),
      }),
    )
    .min(1)
    .max(200),
});
export const ClipHold = z.strictObject({
  ...inCampaign,
  reason: Reason,
  reviewAt: Instant.optional(),
});

export const ViewField = z.strictObject({
  field: z
    .string()
    .regex(/^[A-Za-z0-9_.]{1,100}$/, 'must be the name of a field, such as videoPlayCount')
    .describe('The field of the source, as its rows name it.'),
  reason: Reason,
});

export const NewPayout = z.strictObject({
  payoutId: EntityId.optional().describe('Its id; one is made if it is left out.'),
  creatorId: EntityId.optional(),
  currency: Currency,
  amount: Budget.min(1),
});
export const NewFunding = z.strictObject({
  currency: Currency,
  amount: Budget.min(1),
  reference: Written.min(1)
    .max(200)
    .describe('Name of the payment, at the bank for example; once a brand.'),
});
const RefundId = Written.min(1)
  .max(200)
  .describe('Name of the refund or the dispute, at Stripe for example; once a brand.');
export const NewRefund = z.strictObject({
  currency: Currency,
  amount: Budget.min(1),
  reference: Written.min(1).max(200).describe('Name of the payment.'),
  refundId: RefundId,
});
export const UndoneRefund = z.strictObject({ refundId: RefundId });
export const NewOutsidePayment = z.strictObject({
  ...NewPayout.omit({ creatorId: true }).shape,
  externalReference: Written.min(1).max(200),
});
export const PayoutReason = z.strictObject({ reason: Reason });
export const PayoutReference = z.strictObject({ externalReference: Written.min(1).max(200) });

export const NewPayoutAccount = z.strictObject(PayoutDestination.shape);
/** `amount` in minor units, at most what the clip has; or all of it. */
export const Reversal = z.strictObject({
  ...inCampaign,
  amount: z.union([Minor.min(1), z.literal('all')]),
  reason: Reason,
});

export const CampaignsQuery = z.strictObject({
  ...page,
  brandId: EntityId.optional(),
  status: z.enum(['ACTIVE', 'PAUSED', 'ENDED']).optional(),
});
const yesOrNo = z.enum(['true', 'false']).transform((word) => word === 'true');
const whose = { campaignId: EntityId.optional(), creatorId: EntityId.optional() };
const ofClips = {
  ...whose,
  platform: Platform.optional(),
  minAgeHours: z.coerce.number().min(0).max(1e6).optional(),
  minScore: z.coerce.number().int().min(0).max(100).optional(),
  overdue: yesOrNo.optional(),
  appealed: yesOrNo.optional(),
};
export const ClipCountsQuery = z.strictObject(ofClips);
export const ClipsQuery = z.strictObject({
  ...page,
  ...ofClips,
  status: z.enum(CLIP_STATES).optional(),
  sort: z.enum(CLIP_ORDERS).default('id'),
});
export const ShortLinksQuery = z.strictObject({
  ...page,
  ...whose,
  status: z.enum(['PENDING', 'WAITING', 'RESOLVED', 'REFUSED']).optional(),
});
/** What a person says of a short link: which clip it is, or why it is none. */
export const LinkedClip = z.strictObject({ url: Written.min(1).max(2048) });
export const LinkRefusal = z.strictObject({ reason: Reason });
export const PayoutsQuery = z.strictObject({
  ...page,
  creatorId: EntityId.optional(),
  status: z.enum(['REQUESTED', 'APPROVED', 'REJECTED', 'PAID', 'FAILED']).optional(),
});
export const FailedScrapesQuery = z.strictObject({
  ...page,
  platform: Platform.optional(),
  reason: ScrapeFailure.optional(),
});
/** Failed scrapes by their ids, or a page of those that the list gives. */
export const RetryScrapes = z.strictObject({
  ids: z.array(z.uuid()).min(1).max(200).optional(),
  ...FailedScrapesQuery.shape,
});
const EventTypes = Text.max(2_000)
  .transform((text) => text.split(',').filter(Boolean))
  .pipe(z.array(z.enum(EVENT_TYPES, 'is no type of an event')));
/** Which events; all that is given has to be so. */
export const EventsQuery = z.strictObject({
  ...page,
  types: EventTypes.optional().describe('Types of events, with commas between them.'),
  stream: Text.min(1).max(200).optional(),
  campaignId: EntityId.optional(),
  clipId: ClipId.optional(),
  creatorId: EntityId.optional(),
  from: Instant.optional().describe('Decided at or after this instant.'),
  to: Instant.optional().describe('Decided before this instant.'),
  text: Text.min(1).max(200).optional().describe('Anywhere in what they say, whatever the case.'),
  position: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 52)
    .optional()
    .describe('Begins at this position of the log.'),
});
export const DataQuery = z.strictObject(page);
export const StatementQuery = z.strictObject({ ...page, currency: Currency.optional() });

export const CreatorYearsFileQuery = z.strictObject({
  currency: Currency.optional(),
  atLeast: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Only creators whose gross of the year is at least this, in minor units.'),
});
export const CreatorYearsQuery = CreatorYearsFileQuery.extend(page);

/** What a handler gets: defaults are filled in. */
export type NewCampaign = z.output<typeof NewCampaign>;
export type TopUp = z.output<typeof TopUp>;
export type CampaignVisibility = z.output<typeof CampaignVisibility>;
export type WithReason = z.output<typeof WithReason>;
export type Nothing = z.output<typeof Nothing>;
export type NewClip = z.output<typeof NewClip>;
export type ClipDraft = z.output<typeof ClipDraft>;
export type CampaignDraft = z.output<typeof CampaignDraft>;
export type BatchedClip = z.output<typeof BatchedClip>;
export type ClipBatch = z.output<typeof ClipBatch>;
export type DryRun = Partial<z.output<typeof DryRun>>;
export type ClipDecision = z.output<typeof ClipDecision>;
export type ClipMove = z.output<typeof ClipMove>;
export type ClipRejection = z.output<typeof ClipRejection>;
export type ClipAppeal = z.output<typeof ClipAppeal>;
export type ClipAppealAnswer = z.output<typeof ClipAppealAnswer>;
export type ClipReviews = z.output<typeof ClipReviews>;
export type ClipCountsQuery = z.output<typeof ClipCountsQuery>;
export type ClipHold = z.output<typeof ClipHold>;
export type ViewField = z.output<typeof ViewField>;
export type NewFunding = z.output<typeof NewFunding>;
export type NewRefund = z.output<typeof NewRefund>;
export type UndoneRefund = z.output<typeof UndoneRefund>;
export type NewPayout = z.output<typeof NewPayout>;
export type NewOutsidePayment = z.output<typeof NewOutsidePayment>;
export type PayoutReason = z.output<typeof PayoutReason>;
export type PayoutReference = z.output<typeof PayoutReference>;
export type NewPayoutAccount = z.output<typeof NewPayoutAccount>;
export type Reversal = z.output<typeof Reversal>;
export type CampaignsQuery = z.output<typeof CampaignsQuery>;
export type ClipsQuery = z.output<typeof ClipsQuery>;
export type LinkedClip = z.output<typeof LinkedClip>;
export type LinkRefusal = z.output<typeof LinkRefusal>;
export type ShortLinksQuery = z.output<typeof ShortLinksQuery>;
export type PayoutsQuery = z.output<typeof PayoutsQuery>;
export type FailedScrapesQuery = z.output<typeof FailedScrapesQuery>;
export type RetryScrapes = z.output<typeof RetryScrapes>;
export type EventsQuery = z.output<typeof EventsQuery>;
export type DataQuery = z.output<typeof DataQuery>;
export type StatementQuery = z.output<typeof StatementQuery>;
export type CreatorYearsQuery = z.output<typeof CreatorYearsQuery>;
export type CreatorYearsFileQuery = z.output<typeof CreatorYearsFileQuery>;
