import type { FaultKind } from '@cliptally/contracts/api';
import { LOCALE } from '../../../ui/money.js';

/** Real instants: the simulated clock passes an hour in seconds. */
const TIME = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium' });
export const clockTime = (ms: number): string => TIME.format(ms);

export const KINDS: Record<FaultKind, { button: string; name: string; words: string }> = {
  scraper: {
    button: 'Kill the scraper',
    name: 'Scraper killed',
    words: 'SIGKILL, in the middle of what it does. Another one starts when the time is over.',
  },
  nats: {
    button: 'Cut NATS',
    name: 'NATS cut',
    words: 'Its server is killed. The log goes on without it; work waits.',
  },
  source: {
    button: 'Make the source fail',
    name: 'Source failing',
    words: 'Its API answers 503; half of the runs start all the same, and must not be paid twice.',
  },
};
