import type { KeyRing } from '@cliptally/contracts';
import { keyRing } from '@cliptally/telemetry';

export { keysIn } from '@cliptally/telemetry';

/** Keys that tax profiles are sealed with. New profiles take `current`. */
export type TaxKeys = KeyRing;

const ring = keyRing('TAX_PROFILE_KEYS', 'tax profiles');

/** What each key looks like; spread into the schema of the environment. */
export const taxKeyVariables = () => ring.variables;
export const taxKeysOf = ring.read;
