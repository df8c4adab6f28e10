export * from './identify-clip.js';
export { REFUSAL_CODES, type RefusedLink, type RefusalCode } from './refusal.js';
