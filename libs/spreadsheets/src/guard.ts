/**
 * A spreadsheet runs a cell that begins like a formula, also in the letters of East Asia, and one
 * of another country splits a cell at its own separator. Behind an apostrophe it is text.
 */
const FIRST = /^((?:[^\S\t\r\n]|")*)(?='*[=+\-@＝＋－＠\t\r\n])/;
const LATER = /([;|\t\r\n](?:[^\S\t\r\n]|")*)(?='*[=+\-@＝＋－＠])/g;
const FIRST_GUARDED = /^((?:[^\S\t\r\n]|")*)'(?='*[=+\-@＝＋－＠\t\r\n])/;
const LATER_GUARDED = /([;|\t\r\n](?:[^\S\t\r\n]|")*)'(?='*[=+\-@＝＋－＠])/g;

/** One apostrophe more, whatever is there: each text has its own guarded form. */
export const guarded = (text: string): string => text.replace(FIRST, "$1'").replace(LATER, "$1'");

/** What was {@link guarded}, as it was. */
export const unguarded = (text: string): string =>
  text.replace(LATER_GUARDED, '$1').replace(FIRST_GUARDED, '$1');
