import { CampaignTerms, MOST_MINOR } from '@cliptally/contracts';
import { ms } from './fact.js';
import type { Fault } from './rule-broken.js';

/**
 * The terms that can be read, so that one ill-formed field does not hide what is wrong with the
 * others.
 */
export function wellFormed(terms: unknown): Partial<CampaignTerms> {
  const given = (terms ?? {}) as Record<string, unknown>;
  const read = Object.entries(CampaignTerms.shape).map(
    ([field, schema]) => [field, schema.safeParse(given[field])] as const,
  );
  return Object.fromEntries(
    read.filter(([, result]) => result.success).map(([field, result]) => [field, result.data]),
  );
}

/** The greatest that an operator allows by currency, in minor units; none is named: the budget. */
export type MostMinPayout = Readonly<Record<string, number>>;

/**
 * A minimum that nobody can reach keeps what creators have earned for as long as the campaign goes
 * on.
 */
function minPayoutFault(terms: Partial<CampaignTerms>, most: MostMinPayout): string | null {
  const { minPayout = 0, budget, maxPayoutPerCreator, currency = '' } = terms;
  const [bound, whose] = [
    [budget ?? Infinity, 'the budget'] as const,
    [maxPayoutPerCreator ?? Infinity, 'what a creator can earn (maxPayoutPerCreator)'] as const,
    [most[currency] ?? Infinity, 'what the operator allows'] as const,
  ].reduce((least, one) => (one[0] < least[0] ? one : least));
  if (minPayout <= bound) return null;
  return `must be at most ${bound} (minor units), ${whose}: what is earned could not be paid out`;
}

export function faultsOf(
  terms: Partial<CampaignTerms>,
  now: Date,
  mostMinPayout: MostMinPayout,
): Fault[] {
  const { budget, ratePerThousand: rates, startsAt, endsAt, maxPayoutPerClip: cap } = terms;
  const faults: Fault[] = [];
  const fault = (field: string, message: string) => faults.push({ field, message });
  if (budget !== undefined && budget > MOST_MINOR)
    fault('budget', `must be at most ${MOST_MINOR} (minor units)`);
  if (budget === 0) fault('budget', 'must be more than nothing, or no clip can earn');
  const { flatFee = 0, milestones = [], maxPayoutPerCreator } = terms;
  const pays = flatFee > 0 || milestones.length > 0;
  if (rates && !pays && Object.values(rates).every((rate) => rate === 0))
    fault('ratePerThousand', 'at least one rate must be more than 0');
  const extras = milestones.reduce((sum, { bonus }) => sum + bonus, flatFee);
  if (extras > MOST_MINOR)
    fault('milestones', `must be at most ${MOST_MINOR} (minor units) with the flat fee`);
  if (milestones.some(({ views }, i) => i > 0 && views <= milestones[i - 1]!.views))
    fault('milestones', 'must be in the order of their views, each once');
  if (maxPayoutPerCreator === 0)
    fault('maxPayoutPerCreator', 'must be more than 0; leave it out for no limit');
  if (cap === 0) fault('maxPayoutPerClip', 'must be more than 0; leave it out for no limit');
  const keeps = minPayoutFault(terms, mostMinPayout);
  if (keeps) fault('minPayout', keeps);
  if (endsAt && startsAt && ms(endsAt) <= ms(startsAt))
    fault('endsAt', `must be after startsAt (${startsAt})`);
  if (endsAt && ms(endsAt) <= now.getTime())
    fault('endsAt', `must be in the future; it is ${now.toISOString()} now`);
  return faults;
}
