import { useNow } from './clock.js';
import { span } from './format.js';
import { LOCALE } from './money.js';

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(LOCALE, options);
const DAY = format({ day: 'numeric', month: 'short' });
const DAY_OF_YEAR = format({ day: 'numeric', month: 'short', year: 'numeric' });
const MINUTE = format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const FULL = format({ dateStyle: 'full', timeStyle: 'long' });
const UTC = format({ dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** Of an axis or a sentence, in the viewer's zone. */
export const dayOf = (ms: number): string => DAY.format(ms);
export const minuteOf = (ms: number): string => MINUTE.format(ms);

const title = (ms: number) => `${FULL.format(ms)} (${UTC.format(ms)} UTC)`;

function relative(now: number, at: number): string {
  const seconds = (at - now) / 1000;
  if (Math.abs(seconds) < 45) return seconds > 0 ? 'in a moment' : 'just now';
  const length = span(Math.abs(seconds));
  return seconds > 0 ? `in ${length}` : `${length} ago`;
}

interface WhenProps {
  /** An instant as the API gives it. */
  at: string;
  /** `relative`: "3 h ago"; `day`: "5 Mar"; `minute`: "5 Mar, 14:05". */
  as?: 'relative' | 'day' | 'minute';
}

/** An instant in the viewer's zone, with all of it, and UTC, as its title. */
export function When({ at, as = 'relative' }: WhenProps) {
  const now = useNow();
  const ms = Date.parse(at);
  const years = new Date(now).getFullYear() !== new Date(ms).getFullYear();
  const words = {
    relative: () => relative(now, ms),
    day: () => (years ? DAY_OF_YEAR : DAY).format(ms),
    minute: () => MINUTE.format(ms),
  }[as];
  return (
    <time dateTime={at} title={title(ms)}>
      {words()}
    </time>
  );
}
