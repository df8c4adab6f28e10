import type { EventType } from '@cliptally/contracts';
import type { Projection } from '@cliptally/messaging';
import { EarningsFold } from './earnings-fold.js';
import { TABLES } from './tables.sql.js';

const TYPES: readonly EventType[] = [
  'CampaignLaunched', 'CampaignToppedUp', 'CampaignPaused', 'CampaignResumed', 'CampaignEnded', 'CampaignVisibilityChanged', 'EarningsAccrued', 'EarningsReversed',
  'CampaignBudgetExhausted', 'ClipSubmitted', 'ClipApproved', 'ClipRejected', 'ClipHeld', 'ClipReleased', 'ClipAppealed', 'ClipAppealAnswered', 'ClipRetired', 'ClipRestored',
  'ViewsRecorded', 'ViewFieldChanged', 'FigureConfirmed', 'ScrapeFailed', 'ClipTrackingRequested', 'PayoutAccountSet', 'CreatorErased', 'PayoutRequested', 'PayoutApproved', 'PayoutRejected', 'PayoutPaid',
  'PayoutFailed', 'ShortLinkSubmitted', 'ShortLinkTried', 'ShortLinkResolved', 'ShortLinkRefused',
  'CampaignClipHeld', 'CampaignClipReleased', 'CampaignClipMoved', 'ClipSettlementFailed', 'CreatorEarningsReversed', 'SubmissionCounted',
  'ClipPostSeen', 'AccountClaimed', 'AccountVerified', 'AccountReleased', 'AccountOwnerChanged',
  'BudgetFunded', 'BudgetRefunded', 'BudgetRefundUndone', 'BudgetCommitted', 'TrackingRunStarted', 'ScrapeBatchCompleted', 'SourceUsageMeasured',
]; // prettier-ignore

/**
 * Campaigns, clips, what they are owed and what they were given, as the rules in `domain/` fold
 * them from the log. The whole state of a campaign and of a clip's entry is in one row each; the
 * other columns are for finding them.
 */
export const earningsProjection: Projection = {
  name: 'earnings',
  version: 17,
  types: TYPES,
  tables: TABLES,
  fold: () => new EarningsFold(),
};
