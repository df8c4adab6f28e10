export * from './access.js';
export * from './token-keys.js';
