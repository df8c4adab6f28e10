import { z } from 'zod';
import { CURRENCIES, minorDigits } from './currencies.js';
import { shortened } from './text.js';

export { CURRENCIES, minorDigits } from './currencies.js';

/** An ISO 4217 code that Cliptally knows the decimals of. */
export const Currency = z.string().refine((code) => CURRENCIES.includes(code), {
  error: (issue) =>
    `"${shortened(String(issue.input), 20)}" is not a currency we pay in; use one of ${CURRENCIES.join(', ')}.`,
});
export type Currency = string;

/** An amount of money in minor units: a whole number from 0 up, small enough to be exact. */
export const Minor = z.int().nonnegative();

/**
 * The largest amount that one campaign, payout or rate may be of: the sums of 900 such campaigns
 * are still exact.
 */
export const MOST_MINOR = 10 ** 13;

/**
 * An amount that somebody asks for. Events are read with {@link Minor}, as older ones may hold
 * more.
 */
export const Budget = Minor.max(MOST_MINOR, `must be at most ${MOST_MINOR} (minor units)`);

/**
 * What `views` earn at `rate` minor units per thousand views: floor(views x rate / 1000), exact for
 * any size. Throws a RangeError when the result is no longer a safe integer.
 */
export function earnedFor(views: number, rate: number): number {
  const product = views * rate;
  if (Number.isSafeInteger(product)) return (product - (product % 1000)) / 1000;
  return safe((BigInt(views) * BigInt(rate)) / 1000n);
}

/** floor(amount x part / whole), exact for any size; used for shares of a remaining budget. */
export function shareOf(
  amount: number,
  part: number,
  whole: number,
): { share: number; remainder: bigint } {
  const product = BigInt(amount) * BigInt(part);
  return { share: safe(product / BigInt(whole)), remainder: product % BigInt(whole) };
}

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new RangeError(`The amount ${value} is too large to be exact.`);
  return Number(value);
}

/** "12.34 USD", "1234 JPY", "1.234 KWD": for people, never for arithmetic. */
export function formatMoney(amount: number, currency: Currency): string {
  const digits = minorDigits(currency);
  const sign = amount < 0 ? '-' : '';
  const text = Math.abs(amount)
    .toString()
    .padStart(digits + 1, '0');
  const whole = digits === 0 ? text : text.slice(0, -digits);
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${sign}${grouped}${digits === 0 ? '' : `.${text.slice(-digits)}`} ${currency}`;
}
