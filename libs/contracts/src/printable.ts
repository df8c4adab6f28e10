/**
 * What moves a terminal's cursor, changes its colours or title, or turns the order of letters; tabs
 * and ends of lines are apart.
 */
const COMMANDS = String.raw`\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]`;
const IN_TEXT = new RegExp(String.raw`(?!\r?\n|\t)(?:${COMMANDS})`, 'gu');
const IN_LINE = new RegExp(COMMANDS, 'gu');

const writtenOut = (control: string): string =>
  `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The text as a terminal or a log may have it: what would command a terminal is written out. */
export const printable = (text: string): string => text.replaceAll(IN_TEXT, writtenOut);

/** The same for text that has to stay in its line: a name with a line end would begin another. */
export const printableInLine = (text: string): string => text.replaceAll(IN_LINE, writtenOut);
