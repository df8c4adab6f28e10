import * as z from 'zod/mini';
import { minorOf, money } from '../../ui/money.js';

/** An amount above nothing, of at most `most` minor units; `which` says what they are. */
export const amountUpTo = (most: number, currency: string, which: string) =>
  z.string().check(
    z.refine(
      (text) => {
        const minor = minorOf(text, currency) ?? 0;
        return minor > 0 && minor <= most;
      },
      { error: `At most ${money(most, currency)}, which is ${which}.` },
    ),
  );
