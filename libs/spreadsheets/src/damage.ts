/** What a spreadsheet shows if it has no value: `#REF!`, `#BEZUG!`, `#N/A`, `###`, `Err:502`. */
const ERROR = /^(#[\p{Lu}\d/_]+[!?]|#N\/A|#NV|#{2,}|Err:\d{3})$/u;
/** `MARCH1` and `3-4` become days; months in the languages that most spreadsheets are in. */
const DAY_MONTH = /^(\d{1,2}[-. ]{1,2}\p{L}{3,4}\.?|\p{L}{3}-\d{2})$/u;
const MONTHS = [
  'jan', 'feb', 'mar', 'mär', 'apr', 'avr', 'may', 'mai', 'jun', 'jul', 'aug', 'sep', 'sept', 'oct', 'okt', 'nov', 'dec', 'dez', 'déc',
]; // prettier-ignore

const isDay = (text: string): boolean =>
  DAY_MONTH.test(text) && MONTHS.includes(/\p{L}+/u.exec(text)![0].toLowerCase());

export const shownInstead = (text: string): string | null =>
  ERROR.test(text) ? `${text} is what a spreadsheet shows instead of a value` : null;

/**
 * Why an id or a reference is not as it was: a spreadsheet keeps 15 digits of a number, and takes
 * what looks like a day for a day. Null if it may be as it was.
 */
export function damageOf(id: string): string | null {
  if (/^-?\d([.,]\d+)?E[+-]?\d+$/i.test(id))
    return `${id} is an id that a spreadsheet has turned into a number`;
  if (/^\d{16,}$/.test(id) && /^0+$/.test(id.slice(15)))
    return `${id} ends in zeros like an id that a spreadsheet has rounded to 15 digits`;
  if (isDay(id)) return `${id} is an id that a spreadsheet has turned into a day`;
  return shownInstead(id);
}
