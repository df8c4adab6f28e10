import { LOCALE } from './money.js';
import { dayOf } from './when.js';

const TIME = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' });

/** Of an axis: the day at midnight, else the time of the day, in the viewer's zone. */
export function tick(ms: number): string {
  const at = new Date(ms);
  return at.getHours() === 0 && at.getMinutes() === 0 ? dayOf(ms) : TIME.format(ms);
}
