export * from './follower.js';
export * from './resolve-short-link.js';
