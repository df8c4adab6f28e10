const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

export const number = (n: number): string => whole.format(n);
export const short = (n: number): string => (n < 10_000 ? whole.format(n) : compact.format(n));
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${number(n)} ${n === 1 ? one : many}`;

export function usd(n: number): string {
  const digits = n === 0 || n >= 0.1 ? 2 : 4;
  return n >= 10_000
    ? `$${whole.format(n)}`
    : `$${n.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** A length of time in the largest unit that says enough. */
export function span(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function ago(now: number, then: number): string {
  const seconds = (now - then) / 1000;
  return seconds < 5 ? 'just now' : `${span(seconds)} ago`;
}

export const until = (now: number, then: number): string =>
  then - now < 60_000 ? 'any moment' : `in ${span((then - now) / 1000)}`;

const utc = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options });
const dayFormat = utc({ day: 'numeric', month: 'short' });
const timeFormat = utc({ hour: '2-digit', minute: '2-digit' });
const fullFormat = utc({
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** Without a line break inside. */
export const day = (ms: number): string => dayFormat.format(ms).replace(' ', '\u00a0');
export const time = (ms: number): string => timeFormat.format(ms);
export const instant = (ms: number): string => `${fullFormat.format(ms)} UTC`;

/** "4 to 9 days", or what can be said when an end is open. */
export function daysLeft({ low, high }: { low: number; high: number | null }): string {
  const inHours = (high ?? low) < 2;
  const amount = (days: number) => number(inHours ? days * 24 : days);
  const unit = inHours ? 'h' : 'days';
  if (high === null || high > 730)
    return low > 365 ? 'over a year' : `${amount(low)} ${unit} or more`;
  return amount(low) === amount(high)
    ? `${amount(low)} ${unit}`
    : `${amount(low)} to ${amount(high)} ${unit}`;
}

export const PLATFORMS: Record<string, { name: string; mark: string }> = {
  tiktok: { name: 'TikTok', mark: 'TT' },
  youtube: { name: 'YouTube', mark: 'YT' },
  instagram: { name: 'Instagram', mark: 'IG' },
  x: { name: 'X', mark: 'X' },
  facebook: { name: 'Facebook', mark: 'FB' },
};

export const platformName = (platform: string): string => PLATFORMS[platform]?.name ?? platform;
