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
export { OfficialApi, SourceFault, type Collected, type Source } from './sources/source.js';
