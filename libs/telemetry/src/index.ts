export * from './configuration.js';
export * from './explain.js';
export * from './http.js';
export * from './logger.js';
export * from './metrics.js';
export * from './operations.js';
export * from './run-service.js';
export * from './tracing.js';
