import { Currency } from '@cliptally/contracts';
import { z } from 'zod';

/** What an operator allows brands and creators, whatever they ask for. */
export interface Limits {
  /** The greatest `minPayout` of a campaign by currency, in minor units. */
  mostMinPayout: Readonly<Record<string, number>>;
}

export const DEFAULT_LIMITS: Limits = { mostMinPayout: {} };

/** "USD=10000,JPY=10000": minor units by currency. */
const minorByCurrency = z.string().transform((text, context) => {
  const pairs = text.split(',').map((pair) => pair.split('=').map((part) => part.trim()));
  if (pairs.every(([code, amount = '']) => Currency.safeParse(code).success && /^\d{1,13}$/.test(amount)))
    return Object.fromEntries(pairs.map(([code, amount]) => [code, Number(amount)])) as Record<string, number>;
  context.addIssue({
    code: 'custom',
    message: 'must be minor units by currency (ISO 4217), for example USD=10000,JPY=10000',
  });
  return z.NEVER;
}); // prettier-ignore

/** Spread into the schema of the environment. */
export const limitVariables = () => ({
  MAX_MIN_PAYOUT: minorByCurrency
    .optional()
    .describe(
      'the greatest minPayout of a campaign, in minor units by currency; its budget by default',
    ),
});

type Variables = z.output<z.ZodObject<ReturnType<typeof limitVariables>>>;

export const limitsOf = (c: Variables): Limits => ({
  mostMinPayout: c.MAX_MIN_PAYOUT ?? {},
});
