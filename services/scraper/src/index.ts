export {
  startScraper,
  DEFAULT_FLOW,
  type FlowSettings,
  type ScraperOptions,
  type ScraperService,
} from './service.js';
/** For a source of one's own: see `ownSources` of the options. */
export { failed, type Scrape, type ScrapeResult } from './domain/scrape.js';
export { getJson, type Verdict } from './sources/get-json.js';
export {
  CLOCK_TOLERANCE_MS,
  OfficialApi,
  SourceFault,
  type Collected,
  type Source,
} from './sources/source.js';
/** What a process of the service is made of: for the simulation. */
export { ScrapeController, consumerOf } from './service.js';
export { ScrapeRequestHandler } from './request-handler.js';
export { LoggedRequests } from './logged-requests.js';
export { giveUp } from './dead-requests.js';
export { StreamTails } from './stream-tails.js';
export { SourceRouter } from './source-router.js';
export { MapScrapeState } from './scrape-state/map-scrape-state.js';
export type { RateLimits } from './rate-limits/rate-limits.js';
export type { ScrapeState } from './scrape-state/scrape-state.js';
export { acquireSlot, type Slots } from './domain/rate-limits.js';
export { TOO_LATE } from './sources/deadline-transport.js';
