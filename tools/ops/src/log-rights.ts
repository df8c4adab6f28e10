import { EVENTS, EVENT_TYPES, type Category, type EventType } from '@cliptally/contracts';
import { schedulerProjection } from '@cliptally/scheduler';
import type { Role } from './roles.js';

const BY_SCRAPER: readonly EventType[] = [
  'ViewsRecorded',
  'ScrapeFailed',
  'ClipRetired',
  'ClipRestored',
  'ClipPostSeen',
  'ViewFieldChanged',
  'ScrapeBatchStarted',
  'ScrapeBatchCompleted',
  'SourceUsageMeasured',
];
const BY_SCHEDULER: readonly EventType[] = ['TrackingRunStarted', 'ClipTrackingRequested'];
/** Decided by people with the operators' commands: only the owner of the log appends them. */
const BY_OPERATORS: readonly EventType[] = ['EventSkipped', 'EventSkipReviewed'];
/** Also decided by people: a figure or a field that they confirm, a scrape that they ask for. */
const ALSO_BY_EARNINGS = new Set<EventType>([
  'ViewsRecorded',
  'ViewFieldChanged',
  'ClipRestored',
  'ClipTrackingRequested',
]);

/** What each role appends, each type to streams of its category; others append nothing. */
export const APPENDS: Readonly<Partial<Record<Role, readonly EventType[]>>> = {
  scraper: BY_SCRAPER,
  scheduler: BY_SCHEDULER,
  earnings: EVENT_TYPES.filter(
    (type) =>
      ALSO_BY_EARNINGS.has(type) ||
      ![...BY_SCRAPER, ...BY_SCHEDULER, ...BY_OPERATORS].includes(type),
  ),
};

/** What a role reads of the log: everything, or events of these types or categories. */
export const READS: Readonly<
  Partial<
    Record<
      Role,
      'everything' | { types: readonly EventType[] } | { categories: readonly Category[] }
    >
  >
> = {
  relay: 'everything',
  earnings: 'everything',
  monitor: 'everything',
  scheduler: { types: [...schedulerProjection.types, ...BY_OPERATORS] },
  scraper: { categories: ['clip', 'source-usage', 'scrape-batch', 'tracking-run'] },
};

export const mayRead = (role: Role, type: EventType): boolean => {
  const reads = READS[role];
  if (reads === undefined || reads === 'everything') return reads !== undefined;
  return 'types' in reads
    ? reads.types.includes(type)
    : reads.categories.includes(EVENTS[type].category);
};
