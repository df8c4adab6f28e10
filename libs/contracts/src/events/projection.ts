import { z } from 'zod';
import { Label, Text } from '../text.js';
import { Count, EntityId } from './common.js';

const ofSkip = {
  projection: EntityId,
  /** Of the event that is skipped, in the log that the skip is in. */
  position: Count,
  /** Id of that event: positions change when a log is copied to another store. */
  eventId: z.uuid(),
  reason: Text.min(1).max(500),
  by: Label,
};

/**
 * A person has had a projection leave out an event that it cannot apply. It holds for every
 * projector and every rebuild of that projection, until it is taken back.
 */
export const EventSkipped = z.object({ ...ofSkip, type: Label });

/** Another look at a skip: it stays for good, or is taken back, and a rebuild applies the event. */
export const EventSkipReviewed = z.object({
  ...ofSkip,
  outcome: z.enum(['stays', 'taken_back']),
});
