import { openBytes, sealBytes } from '@cliptally/event-store';
import type { TaxKeys } from './tax-keys.js';

/** The first byte of what is sealed. */
const FORM = 1;

/** A text that is sealed, and the id of the key. */
export interface Sealed {
  keyId: string;
  sealed: Buffer;
}

/** Whose profile it is, and when it was given: what is sealed opens for these alone. */
export interface SealedFor {
  creatorId: string;
  changedAt: Date;
}

export class NotOpened extends Error {
  override readonly name = 'NotOpened';
}

/**
 * Bound to the creator and to the instant at which the profile was given, and by it to the tax
 * year: a row that is put in another's place, or that is passed off as newer, does not open.
 */
const boundTo = ({ creatorId, changedAt }: SealedFor, keyId: string): Buffer =>
  Buffer.from(
    JSON.stringify(['cliptally tax profile', FORM, keyId, creatorId, changedAt.toISOString()]),
  );

export function seal(text: string, of: SealedFor, { current, keys }: TaxKeys): Sealed {
  const content = sealBytes(keys.get(current)!, text, boundTo(of, current));
  return { keyId: current, sealed: Buffer.concat([Buffer.from([FORM]), content]) };
}

/** Throws {@link NotOpened}, which says what to do and nothing of the content. */
export function open({ keyId, sealed }: Sealed, of: SealedFor, taxKeys: TaxKeys | null): string {
  const key = taxKeys?.keys.get(keyId);
  if (!key)
    throw new NotOpened(
      `it is sealed with the key "${keyId}", which TAX_PROFILE_KEYS does not have: the operator adds it behind the others`,
    );
  try {
    if (sealed[0] !== FORM) throw new Error('another form');
    return openBytes(key, sealed.subarray(1), boundTo(of, keyId)).toString('utf8');
  } catch {
    throw new NotOpened(
      `its row was changed or belongs to somebody else, or the key "${keyId}" is not the one it was sealed with`,
    );
  }
}
