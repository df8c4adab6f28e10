export * from './clip-identity.js';
export { REFUSAL_CODES, type RefusedLink, type RefusalCode } from './refusal.js';
