import { z } from 'zod';

export { shortened } from './shortened.js';

/**
 * Whether every store, table and message keeps the text as it is: whole Unicode characters, and no
 * U+0000, which PostgreSQL does not take. Half of a surrogate pair is JSON that PostgreSQL refuses
 * and other programs replace.
 */
export const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

export const UNKEEPABLE =
  'must be whole Unicode characters, without halves of surrogate pairs and without U+0000';

/** How a text begins that is sealed for the person it is about. */
export const SEALED = 'sealed:v1:';
const SEALED_FORM = /^sealed:v1:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[A-Za-z0-9_-]{38,}$/;
export const isSealed = (text: string): boolean =>
  text.startsWith(SEALED) && SEALED_FORM.test(text);

/**
 * The one type of text at every border; what somebody gives never looks as if it were sealed.
 * Lengths, as in `Text.min(1).max(500)`, are in UTF-16 code units, as `String.length` is.
 */
export const Text = z
  .string()
  .refine(isText, UNKEEPABLE)
  .refine((text) => !text.startsWith(SEALED), `must not begin with "${SEALED}"`);

/** Text of a machine or of an event that has never had a length in its published schema. */
export const Label = Text.refine(
  (text) => text.length <= 1_000,
  'must have at most 1000 characters',
);
