/** The rules of money without the service, for a program that must give what the service gives. */
export {
  budgetOf,
  evolveCampaign,
  spentOf,
  type Campaign,
  type CampaignFact,
} from './domain/campaign.js';
export { concerns, dueOf, evolveEntry, type ClipEntry, type ClipFact } from './domain/clip.js';
export { settle } from './domain/settlement.js';
export { resolveShortLink } from './short-links/resolve-short-link.js';
