export { guardedNats } from '../guarded-nats.js';
