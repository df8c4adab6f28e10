export * from './answers.js';
export * from './callers.js';
