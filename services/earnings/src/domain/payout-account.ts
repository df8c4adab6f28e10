import { PayoutDestination } from '@cliptally/contracts';
import type { Decided } from './fact.js';
import { malformed } from './rule-broken.js';

/**
 * Where a creator's money goes from now on; payouts that were asked for keep their destination, and
 * wait for a while. No event when nothing changes. The log never forgets: who does not want bank
 * details in it gives what the bank's own address book knows the creator by.
 */
export function decidePayoutAccount(
  current: PayoutDestination | null,
  { creatorId, provider, account, by }: PayoutDestination & { creatorId: string; by: string },
): Decided<'PayoutAccountSet'>[] {
  if (provider === 'stripe' && !/^acct_[A-Za-z0-9]{1,64}$/.test(account))
    throw malformed(
      'account',
      'account must be the id of a connected account at Stripe, for example acct_1Q9uXr2eZvKYlo2C.',
    );
  if (!/^[^\p{Cc}]{1,200}$/u.test(account) || account.trim() !== account)
    throw malformed(
      'account',
      'account must have 1 to 200 characters, without line breaks and without spaces around it.',
    );
  if (current?.provider === provider && current.account === account) return [];
  return [{ type: 'PayoutAccountSet', data: { creatorId, provider, account, by } }];
}
