/**
 * Decimals of each currency that a campaign may be in (ISO 4217). Amounts are integers in the
 * smallest unit. `Intl` is no source of them: it has none for HUF and IDR.
 */
const MINOR_DIGITS: Record<string, number> = {
  AED: 2, AUD: 2, BHD: 3, BRL: 2, CAD: 2, CHF: 2, CLP: 0, CZK: 2, DKK: 2, EUR: 2, GBP: 2, HKD: 2, HUF: 2, IDR: 2, ILS: 2, INR: 2,
  ISK: 0, JOD: 3, JPY: 0, KRW: 0, KWD: 3, MXN: 2, MYR: 2, NOK: 2, NZD: 2, OMR: 3, PHP: 2, PLN: 2, RON: 2, SAR: 2, SEK: 2, SGD: 2,
  THB: 2, TND: 3, TRY: 2, TWD: 2, UAH: 2, UGX: 0, USD: 2, VND: 0, ZAR: 2,
}; // prettier-ignore

export const CURRENCIES: readonly string[] = Object.keys(MINOR_DIGITS);

export function minorDigits(currency: string): number {
  const digits = MINOR_DIGITS[currency];
  if (digits === undefined) throw new RangeError(`Unknown currency "${currency}".`);
  return digits;
}
