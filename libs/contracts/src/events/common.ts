import { z } from 'zod';
import { UNKEEPABLE, isText } from '../text.js';

export { clipIdOf } from '../platforms.js';

/**
 * Ids that people and programs choose: campaigns, brands, creators. They become part of stream
 * names and URLs.
 */
export const EntityId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "-" or "_"');

/** Identity of a clip: `<platform>-<videoId>`; video ids are case-sensitive strings. */
export const ClipId = z
  .string()
  .regex(
    /^(tiktok|youtube|instagram|x|facebook)-[A-Za-z0-9_-]{1,64}$/,
    'must look like "<platform>-<video id>", for example youtube-dQw4w9WgXcQ',
  );

/**
 * An instant in UTC from 1970 to 9999, written with Z. Compare instants as dates, not as text:
 * precision may differ.
 */
export const Instant = z.iso
  .datetime()
  .refine((instant) => instant >= '1970', 'must not be before 1970');
export const Url = z.url().refine(isText, UNKEEPABLE);
export const Count = z.int().nonnegative();

/**
 * Position in the log of the newest event that a decision knew: the events up to it are all that
 * the decision rests on. Null in events that were written before positions were recorded, and in
 * imported ones.
 */
export const DecidedAt = z.int().nonnegative().nullable().default(null);
