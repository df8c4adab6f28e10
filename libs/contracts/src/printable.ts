/**
 * What moves a terminal's cursor, changes its colours or title, or turns the order of letters, but
 * for tabs and ends of lines.
 */
const CONTROLS = /(?!\r?\n|\t)\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text as a terminal or a log may have it: what would command a terminal is written out. */
export const printable = (text: string): string =>
  text.replaceAll(
    CONTROLS,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
