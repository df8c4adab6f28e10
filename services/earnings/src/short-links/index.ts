export * from './resolve-short-link.js';
