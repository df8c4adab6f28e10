import { minorDigits } from '@cliptally/contracts';

/** What a cell means, or why it means nothing, as the end of "startsAt: ...". */
export type Reading<T> = { value: T } | { fault: string };

const DAY = /^(\d{4})-(\d\d)-(\d\d)/;
const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(?: ?(Z|UTC|[+-]\d\d(?::?\d\d)?))?$/i;
const EXAMPLE = 'write it like 2026-12-01T00:00Z';

/** An instant of ISO 8601. It is UTC unless it says another offset, on every machine. */
export function instantOf(text: string): Reading<string> {
  const parts = INSTANT.exec(text);
  if (!parts) return { fault: `${text} ${noInstant(text)}; ${EXAMPLE}` };
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [number, number, number, number, number, number]; // prettier-ignore
  const at = new Date(
    Date.UTC(year, month - 1, day, hour, minute, second, Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3))),
  ); // prettier-ignore
  const offset = offsetMinutes(parts[8]);
  const midnight = new Date(Date.UTC(year, month - 1, day));
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day || year < 1000)
    return { fault: `${text} is no day of the calendar` };
  if (hour > 23 || minute > 59 || second > 59 || offset === null)
    return { fault: `${text} is no time of day; ${EXAMPLE}` };
  return { value: new Date(at.getTime() - offset * 60_000).toISOString() };
}

/** Null if no place on Earth has it. */
function offsetMinutes(zone: string | undefined): number | null {
  const parts = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '');
  if (!parts) return 0;
  const [hours, minutes] = [Number(parts[2]), Number(parts[3] ?? 0)];
  if (hours > 14 || minutes > 59) return null;
  return (parts[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

function noInstant(text: string): string {
  if (/^\d{4,5}([.,]\d+)?$/.test(text)) return 'is the number that a spreadsheet has for a day';
  if (/^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}/.test(text)) return 'can be read as two days';
  return DAY.test(text) ? 'has something behind or within it that is no time' : 'is not an instant';
}

/** A whole number without signs, points and letters; `of` says of what, as " of days". */
export function wholeOf(text: string, of = ''): Reading<number> {
  if (/^\d{1,15}$/.test(text)) return { value: Number(text) };
  return {
    fault: `${text} is not a whole number${of}${/^\d{1,3}([.,' \u00A0\u202F’]\d{3})+$/.test(text) ? ': write it without a sign for thousands' : ''}`,
  };
}

/** More is no amount, and takes long to read. */
const LONGEST = 60;
const FIGURE = /^(\d[\d.,\s'’]*?)(?:([.,])(\d+))?$/;

/**
 * An amount in minor units, from decimals as any country writes them: `1234.50`, `1,234.50`,
 * `1.234,50`, `1234,5`, `1 234`. If one sign could be for thousands or for decimals it is
 * refused, unless it is the form that Cliptally itself writes.
 */
export function amountOf(text: string, currency: string): Reading<number> {
  const digits = minorDigits(currency);
  const bare = text
    .slice(0, LONGEST)
    .replace(/^[\p{Sc}\s]+|[\p{Sc}\s]+$/gu, '')
    .replace(new RegExp(`^${currency}\\s*|\\s*${currency}$`, 'i'), '');
  const refused = (why: string) => ({ fault: `${text} ${why}; write it like ${example(digits)}` });
  const minor = (whole: string, part = '') => {
    const value = Number(whole.replace(/\D/g, '') + part.padEnd(digits, '0'));
    return value <= Number.MAX_SAFE_INTEGER ? { value } : refused('is too large');
  };
  if (text.length > LONGEST) return refused('is not an amount');
  const own = new RegExp(`^(\\d+)${digits > 0 ? `\\.(\\d{${digits}})` : ''}$`).exec(bare);
  if (own) return minor(own[1]!, own[2]);
  const parts = FIGURE.exec(bare);
  if (!parts || !isGrouped(parts[1]!)) return refused('is not an amount');
  const [, whole, sign, part = ''] = parts as unknown as [string, string, string?, string?];
  if (sign === undefined) return minor(whole);
  const grouped = /\D/.test(whole);
  // "1.234.567": the last sign is one of several for thousands.
  if (grouped && whole.includes(sign))
    return part.length === 3 ? minor(whole + part) : refused('is not an amount');
  const thousands = part.length === 3 && !grouped && whole.length <= 3;
  if (thousands && digits > 0) return refused('can be read as two amounts');
  if (thousands) return minor(whole + part);
  return part.length <= digits ? minor(whole, part) : refused(`has more than ${digits} decimals`);
}

/** Whether signs for thousands, all of one kind, stand before groups of three. */
function isGrouped(whole: string): boolean {
  const [sign, another] = new Set(whole.match(/\D/g));
  if (sign === undefined) return true;
  const [first, ...groups] = whole.split(sign);
  return another === undefined && first!.length <= 3 && groups.every(({ length }) => length === 3);
}

const example = (digits: number): string => (digits === 0 ? '1234' : `1234.${'50'.padEnd(digits, '0').slice(0, digits)}`); // prettier-ignore
