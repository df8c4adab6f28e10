import { Refused } from '../../commands/refused.js';
import type { Caller } from '@cliptally/contracts/api';

export interface Owner {
  brandId?: string | undefined;
  creatorId?: string | undefined;
}

/**
 * The one place that says who owns what: an admin everything, a brand its campaigns, a creator what
 * it made and earned.
 */
export const owns = ({ role, subject }: Caller, { brandId, creatorId }: Owner): boolean =>
  role === 'admin' || (role === 'brand' ? brandId : creatorId) === subject;

/**
 * What belongs to somebody else is answered as what there is not, so that nobody learns which ids
 * there are. `what` is such as `campaign "spring"`; null for an owner: there is none.
 */
export function requireOwner(caller: Caller, owner: Owner | null, what: string): void {
  if (!owner || !owns(caller, owner)) throw new Refused('not_found', `There is no ${what}.`);
}

/** Of what every creator or brand has: that there is one says nothing. */
export function requireSelf(caller: Caller, owner: Owner, what: string): void {
  if (!owns(caller, owner)) throw new Refused('forbidden', `${what} belongs to somebody else.`);
}
