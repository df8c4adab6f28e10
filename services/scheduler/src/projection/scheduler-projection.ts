import type { EventType } from '@cliptally/contracts';
import type { Projection } from '@cliptally/messaging';
import { SchedulerFold } from './scheduler-fold.js';
import { TABLES } from './tables.sql.js';

const TYPES: readonly EventType[] = [
  'CampaignLaunched', 'CampaignToppedUp', 'CampaignPaused', 'CampaignResumed', 'CampaignEnded', 'EarningsAccrued', 'EarningsReversed',
  'ClipSubmitted', 'ClipApproved', 'ClipRejected', 'ClipHeld', 'ClipReleased', 'ClipRetired', 'ClipRestored', 'ViewsRecorded', 'ScrapeFailed',
  'TrackingRunStarted', 'PayoutRequested', 'PayoutApproved', 'PayoutRejected', 'CreatorErased', 'ClipTrackingRequested', 'ScrapeBatchCompleted',
  'SourceUsageMeasured',
]; // prettier-ignore

/** What a tracking run decides on. */
export const schedulerProjection: Projection = {
  name: 'scheduler',
  version: 10,
  types: TYPES,
  tables: TABLES,
  fold: () => new SchedulerFold(),
};
