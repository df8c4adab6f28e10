import type { EventType } from '@cliptally/contracts';
import type { Projection } from '@cliptally/messaging';
import { readFileSync } from 'node:fs';
import { TrackedClips } from './tracked-clips.js';

const TYPES: readonly EventType[] = [
  'CampaignLaunched', 'CampaignToppedUp', 'CampaignPaused', 'CampaignResumed', 'CampaignEnded', 'EarningsAccrued', 'EarningsReversed',
  'ClipSubmitted', 'ClipApproved', 'ClipRejected', 'ClipHeld', 'ClipReleased', 'ClipRetired', 'ViewsRecorded', 'ScrapeFailed',
  'TrackingRunStarted', 'PayoutRequested', 'PayoutApproved', 'PayoutRejected', 'ClipTrackingRequested', 'ScrapeBatchCompleted',
  'SourceUsageMeasured',
]; // prettier-ignore

/** All that choosing the next looks needs to know, and nothing else. */
export const schedulerProjection: Projection = {
  name: 'scheduler',
  version: 2,
  types: TYPES,
  tables: readFileSync(new URL('../../src/projection/tables.sql', import.meta.url), 'utf8'),
  fold: () => new TrackedClips(),
};
