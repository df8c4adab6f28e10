export { developmentTokens, refuseInProduction, type Caller, type Role } from './auth/access.js';
export { startCore, type CoreOptions, type EarningsCore } from './core.js';
export { earningsProjection } from './projection/earnings-projection.js';
export { startEarnings, type EarningsOptions, type EarningsService } from './service.js';
