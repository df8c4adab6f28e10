import { Currency } from '@cliptally/contracts';
import { fields } from '@cliptally/telemetry';
import { z } from 'zod';

/** What an operator allows brands and creators, whatever they ask for. */
export interface Limits {
  /** Whether brands pay in before they launch. */
  prefunding: boolean;
  /** The greatest `minPayout` of a campaign by currency, in minor units. */
  mostMinPayout: Readonly<Record<string, number>>;
  /** How long approvals of payouts wait that were asked for before their account was changed. */
  payoutCoolingMs: number;
  /** Submissions of a creator that may wait for a decision in a campaign. */
  mostPending: number;
}

export const DEFAULT_LIMITS: Limits = {
  prefunding: false,
  mostPending: 200,
  mostMinPayout: {},
  payoutCoolingMs: 72 * 3_600_000,
};

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
export const limitVariables = (env: Record<string, string | undefined> = process.env) => ({
  MAX_MIN_PAYOUT: minorByCurrency
    .optional()
    .describe(
      'the greatest minPayout of a campaign, in minor units by currency; its budget by default',
    ),
  PREFUNDING: z
    .enum(['on', 'off'])
    .default(env['NODE_ENV'] === 'production' ? 'on' : 'off')
    .describe(
      'whether a brand launches campaigns only up to what it has paid in; in production on by default, else off: off is for operators who send invoices',
    ),
  MAX_PENDING_SUBMISSIONS: fields
    .whole(1, 1_000_000)
    .default(200)
    .describe(
      'submissions of a creator that may wait for a decision in a campaign; 200 by default',
    ),
  PAYOUT_COOLING: fields
    .duration('72h')
    .describe(
      'how long a payout cannot be approved after a change of the account since it was asked for; 72h by default',
    ),
});

type Variables = z.output<z.ZodObject<ReturnType<typeof limitVariables>>>;

export const limitsOf = (c: Variables): Limits => ({
  prefunding: c.PREFUNDING === 'on',
  mostMinPayout: c.MAX_MIN_PAYOUT ?? {},
  payoutCoolingMs: c.PAYOUT_COOLING,
  mostPending: c.MAX_PENDING_SUBMISSIONS,
});
