import { shortened } from '../shortened.js';

/**
 * Why a submitted link names no clip. Stable codes for programs; the message beside them is for the
 * creator.
 */
export const REFUSAL_CODES = [
  'empty', 'too_long', 'white_space', 'hidden_characters', 'several_links', 'malformed', 'scheme', 'user_info', 'port', 'ip_host',
  'lookalike_host', 'unknown_host', 'not_a_clip', 'bad_id',
] as const; // prettier-ignore
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface RefusedLink {
  kind: 'refused';
  reason: RefusalCode;
  /** What is wrong and what to paste instead, with an example, in a few sentences. */
  message: string;
}

export const refuse = (reason: RefusalCode, message: string): RefusedLink => ({
  kind: 'refused',
  reason,
  message,
});

/**
 * What was submitted, or the beginning of it, so that it can stand in a message: escaped if it
 * is not plain text.
 */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${shortened(text, 60)}…` : text);

/** What to paste if the link does not say which platform is meant. */
export const PASTE_A_CLIP =
  'Open one clip on TikTok, YouTube, Instagram, X or Facebook and paste its address alone, such as https://www.youtube.com/watch?v=dQw4w9WgXcQ.';
