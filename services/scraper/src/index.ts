export {
  startScraper,
  DEFAULT_FLOW,
  type FlowSettings,
  type ScraperOptions,
  type ScraperService,
} from './service.js';
