export { developmentTokens, refuseInProduction, type Caller, type Role } from '@cliptally/access';
export {
  startProjectorAndSettler,
  type ProjectorAndSettler,
  type ProjectorAndSettlerOptions,
} from './projector-and-settler.js';
export { earningsProjection } from './projection/earnings-projection.js';
export { keysIn } from './years/index.js';
export { startEarnings, type EarningsOptions, type EarningsService } from './service.js';
/**
 * The parts of the service, for those who run it in their own process: the simulation drives the
 * API's own routes without HTTP.
 */
export { CampaignsController } from './http/campaigns.controller.js';
export { ClipReviewsController } from './http/clip-reviews.controller.js';
export { ClipsController } from './http/clips.controller.js';
export type { Asked } from './http/operation.js';
export { PayoutsController } from './http/payouts.controller.js';
export { problemOf } from './http/problem.js';
export { Commands } from './commands/commands.js';
export { mayBeDone } from './commands/execution.js';
export { manualProvider } from './payouts/provider.js';
export { Tables } from './queries/tables.js';
export { Settler } from './settlement/settler.js';
/** Who may do what on each route, for docs/rights.md. */
export { REACH } from './http/docs/reach.js';
