/**
 * What needs Nest, apart from the rest: a service without a work queue does not load it (some
 * 50 MB).
 */
export * from './work-queue/delivery.js';
export * from './work-queue/consumer-settings.js';
export * from './work-queue/transport.js';
