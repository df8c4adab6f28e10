export * from './abort-listeners.js';
export * from './clip-links/index.js';
export * from './clock.js';
export * from './events/campaign.js';
export * from './events/catalog.js';
export * from './events/clip.js';
export * from './events/common.js';
export * from './events/creator.js';
export * from './events/envelope.js';
export * from './events/payout.js';
export {
  changePersonalTexts,
  PERSONAL_FIELDS,
  TEXTS,
  WHY_NOT_PERSONAL,
  type PersonalField,
  type PersonalText,
} from './events/personal.js';
export * from './events/short-link.js';
export * from './events/scrape-failure.js';
export {
  ClipTrackingRequested,
  PostChecks,
  ScrapeBatchCompleted,
  ScrapeBatchStarted,
  ViewsRecorded,
} from './events/scrape.js';
export * from './events/tracking.js';
export * from './events/upcast.js';
export * from './ids.js';
export * from './instant.js';
export type { KeyRing } from './key-ring.js';
export * from './money.js';
export * from './platform.js';
export * from './postgres-faults.js';
export * from './rules/billing-cycle.js';
export * from './rules/account-names.js';
export * from './rules/campaign-sums.js';
export * from './rules/entry-status.js';
export * from './rules/pace.js';
export * from './rules/payout-step.js';
export * from './rules/required-text.js';
export * from './rules/scrape-interval.js';
export * from './rules/settlement-failures.js';
export * from './subjects.js';
export * from './text.js';
export * from './timers.js';
export { printable, printableInLine } from './printable.js';
