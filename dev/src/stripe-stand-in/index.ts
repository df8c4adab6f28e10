export {
  startStripeStandIn,
  type StandInFault,
  type StripeStandIn,
  type StripeStandInOptions,
  type Transfer,
} from './server.js';
