export { developmentTokens, refuseInProduction, type Caller, type Role } from './auth/access.js';
export { startCore, type CoreOptions, type EarningsCore } from './core.js';
export { earningsProjection } from './projection/earnings-projection.js';
export { startEarnings, type EarningsOptions, type EarningsService } from './service.js';
/**
 * The parts of the service, for those who run it in their own process: the simulation drives the
 * API's own routes without HTTP.
 */
export { CampaignsController } from './api/campaigns.controller.js';
export { ClipsController } from './api/clips.controller.js';
export type { Asked } from './api/operation.js';
export { PayoutsController } from './api/payouts.controller.js';
export { problemOf } from './api/problem.js';
export { Commands, mayBeDone } from './commands.js';
export { manualProvider } from './payouts/provider.js';
export { Tables } from './queries.js';
export { Settler } from './settler.js';
