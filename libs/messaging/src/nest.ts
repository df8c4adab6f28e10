/**
 * What needs Nest, apart from the rest: a service that takes no work does not load it (some 50 MB).
 */
export * from './delivery.js';
export * from './jetstream-server.js';
export { GIVEN_UP_DURABLE, GIVEN_UP_STREAM } from './given-up.js';
