import { z } from 'zod';
import { EVENT_TYPES } from '../events/catalog.js';
import { CampaignTerms } from '../events/campaign.js';
import { ClipId, Count, EntityId, Instant } from '../events/common.js';
import { Currency } from '../money.js';
import { CampaignAnswer, LedgerLine } from './answers.js';
import { ClipInCampaign } from './clip-answers.js';

const envelope = {
  position: Count.describe('Its place in the log.'),
  id: z.string().describe('Id of the event.'),
  type: z.enum(EVENT_TYPES).describe('Its type.'),
  stream: z.string().describe('The stream that it is in.'),
  revision: Count.describe('Its place in the stream.'),
  time: Instant.describe('When it was decided.'),
  correlationId: z.string().describe('What it belongs to: the same of all that followed from one cause.'),
  causationId: z.string().describe('Id of the event or the command that it followed from.'),
}; // prettier-ignore

export const EventAnswer = z
  .object({
    ...envelope,
    version: Count.describe('Version of its type that it is read as.'),
    data: z.record(z.string(), z.unknown()).describe('What it says.'),
  })
  .meta({ id: 'Event' });
const EventNode = z.object(envelope).meta({ id: 'EventNode' });
const Searched = z
  .object({ from: Count, to: Count })
  .describe(
    'Positions that were searched; a search that finds little does not read the whole log.',
  );

export const EventsAnswer = z
  .object({
    items: z.array(EventAnswer).describe('Newest first.'),
    next: z.string().nullable().describe('Cursor of the older ones; null if there are none.'),
    previous: z.string().nullable().describe('Cursor of the newer ones; null if there are none.'),
    searched: Searched,
  })
  .meta({ id: 'Events' });

export const EventTraceAnswer = z
  .object({
    event: EventAnswer,
    causes: z.array(EventAnswer).describe('What led to it, nearest first, 20 at most.'),
    related: z
      .array(EventNode)
      .describe('Events of its correlation and those that name it as their cause, in order.'),
    consequences: z
      .array(z.string())
      .describe('Ids of the related events that followed from it, directly or not.'),
    searched: Searched,
    more: z.boolean().describe('Whether there are more than are named.'),
  })
  .meta({ id: 'EventTrace' });

const ofHistory = {
  position: Count.describe('The position that was asked for.'),
  at: Instant.describe('Time of the last event up to there.'),
  event: EventNode.describe('The last event up to there.'),
  first: Count.describe('Position of the first event.'),
  previous: Count.nullable().describe('Where it was another before; null at the first.'),
  next: Count.nullable().describe('Where it changes next; null at the last.'),
  last: Count.describe('Position of the last event there is.'),
};
export const CampaignAtAnswer = z
  .object({ ...ofHistory, campaign: CampaignAnswer.omit({ pace: true }).meta({ id: 'CampaignState' }) })
  .meta({ id: 'CampaignAt' }); // prettier-ignore
export const ClipAtAnswer = z
  .object({
    ...ofHistory,
    clipId: ClipId,
    views: Count.nullable(),
    observedAt: Instant.nullable(),
    campaigns: z.array(ClipInCampaign),
  })
  .meta({ id: 'ClipAt' });

const Step = z.object({
  code: z.string().describe('A fixed word for programs.'),
  sentence: z.string().describe('The step for people.'),
  amount: z.int().nullable().describe('Minor units after this step; null if it has none.'),
});
export const WhyAnswer = z
  .object({
    line: LedgerLine,
    sentence: z.string().describe('The line for people.'),
    currency: Currency,
    campaignId: EntityId.nullable(),
    terms: CampaignTerms.nullable().describe('Those that the amount follows from.'),
    steps: z.array(Step).describe('From the observation to the amount, one after the other.'),
    events: z
      .array(
        EventNode.extend({ role: z.string().describe('What it is for the line.') }).meta({
          id: 'EventOfLine',
        }),
      )
      .describe('What the line rests on, in the order of the log.'),
    observation: z
      .object({ eventId: z.string(), views: Count, observedAt: Instant, source: z.string() })
      .nullable()
      .describe('What was paid for; null if the line pays for no views.'),
    share: z
      .object({ due: Count, amount: Count, dueOfAll: Count, paidToAll: Count })
      .nullable()
      .describe('At the end of the budget: what was due in all, and what there was for it.'),
    chain: z
      .object({ events: Count, head: z.string() })
      .describe('Of the exported events of the line: how many, and the hash over all of them.'),
    export: z.string().describe('Where the events are exported.'),
  })
  .meta({ id: 'Why' });

export type EventAnswer = z.infer<typeof EventAnswer>;
export type EventsAnswer = z.infer<typeof EventsAnswer>;
export type EventTraceAnswer = z.infer<typeof EventTraceAnswer>;
export type CampaignAtAnswer = z.infer<typeof CampaignAtAnswer>;
export type ClipAtAnswer = z.infer<typeof ClipAtAnswer>;
export type WhyAnswer = z.infer<typeof WhyAnswer>;
