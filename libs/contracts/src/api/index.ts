export * from './accounts.js';
export * from './answers.js';
export * from './callers.js';
export * from './observations.js';
export * from './short-links.js';
export * from './webhooks.js';
export * from './years.js';
export * from './previews.js';
