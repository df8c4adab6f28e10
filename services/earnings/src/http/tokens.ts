/** Names under which Nest hands out what is no class. */
export const CLOCK = Symbol('clock');
export const DOCUMENT = Symbol('OpenAPI document');
export const READINESS = Symbol('readiness checks');
export const REGISTRY = Symbol('metrics registry');
export const FOLLOW = Symbol('follows short links');
export const LOG_SEARCH = Symbol('searches the log');
export const ERASER = Symbol('ends erasures');
export const STORE = Symbol('the log');
export const PROVIDERS = Symbol('payout providers');
