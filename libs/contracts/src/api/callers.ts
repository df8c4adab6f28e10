import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.js';

export const ROLES = ['admin', 'brand', 'creator'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks: an admin, or a brand or creator by its own id. */
export interface Caller {
  subject: string;
  role: Role;
}

/** Who the development tokens are for: the sample world's admin, one brand and one creator. */
export const DEVELOPMENT_CALLERS: readonly Caller[] = [
  { role: 'admin', subject: 'admin' },
  { role: 'brand', subject: 'acme' },
  { role: 'creator', subject: 'creator-00' },
];

const DAY_S = 86_400;
const base64 = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/**
 * A token (JWT, HS256) for one machine, signed with its secret. Not for production, where the
 * identity provider makes tokens: callers of this function refuse it there.
 */
export function developmentToken(
  secret: string,
  clock: Clock,
  { role, subject }: Caller,
  days = 3650,
): string {
  const iat = Math.floor(clock.now().getTime() / 1000);
  // The simulated clock is fast: a year of it may be a night here.
  const claims = { role, sub: subject, iat, exp: iat + days * DAY_S };
  const signed = `${base64({ alg: 'HS256' })}.${base64(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
