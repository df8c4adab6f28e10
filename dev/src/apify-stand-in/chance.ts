import { createHash } from 'node:crypto';

type Draws = [number, number, number, number, number, number, number, number];

const digest = (parts: (string | number)[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest();

/**
 * Eight numbers in [0, 1) that depend on `parts` alone: all chance here is drawn so, and the same
 * world can happen again.
 */
export function draws(...parts: (string | number)[]): Draws {
  const hash = digest(parts);
  return [0, 4, 8, 12, 16, 20, 24, 28].map((at) => hash.readUInt32LE(at) / 2 ** 32) as Draws;
}

export const draw = (...parts: (string | number)[]): number => draws(...parts)[0];

/** A standard normal number out of two uniform ones (Box and Muller). */
export const normal = (u: number, v: number): number =>
  Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 17 letters and digits, as Apify's ids are. */
export const apifyId = (...parts: (string | number)[]): string =>
  [...digest(parts).subarray(0, 17)].map((byte) => ALPHABET[byte % 62]).join('');

/** `digits` decimal digits that do not begin with 0, for the numeric ids of platforms. */
export const digitsId = (digits: number, ...parts: (string | number)[]): string =>
  [...digest(parts).subarray(0, digits)]
    .map((byte, i) => (i === 0 ? 1 + (byte % 9) : byte % 10))
    .join('');
