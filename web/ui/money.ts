import { minorDigits } from '@cliptally/contracts/currencies';

/** The viewer's English, so that figures and words are of one language. */
export const LOCALE = navigator.languages.find((tag) => /^en\b/.test(tag)) ?? 'en-GB';

const formats = new Map<string, Intl.NumberFormat>();
function formatOf(currency: string): Intl.NumberFormat {
  const known = formats.get(currency);
  if (known) return known;
  const digits = minorDigits(currency);
  const made = new Intl.NumberFormat(LOCALE, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  formats.set(currency, made);
  return made;
}

/** An amount in minor units as people write it: 1500 USD is "$15.00". */
export const money = (minor: number, currency: string): string =>
  // The text of a decimal is exact where a division of large amounts would not be.
  formatOf(currency).format(`${minor}E-${minorDigits(currency)}` as `${number}`);

/**
 * What somebody typed, in minor units; null if it is no amount of the currency. Takes a point or a
 * comma before the digits, and neither between thousands.
 */
export function minorOf(text: string, currency: string): number | null {
  const digits = minorDigits(currency);
  const [, whole = '', fraction = ''] = /^\s*(\d{1,13})(?:[.,](\d*))?\s*$/.exec(text) ?? [];
  if (whole === '' || fraction.length > digits) return null;
  return Number(whole + fraction.padEnd(digits, '0'));
}

/** As one types it into a field. */
export function decimalOf(minor: number, currency: string): string {
  const digits = minorDigits(currency);
  const text = String(minor).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
