import type { Clock } from '@cliptally/contracts';
import { SignJWT, createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { forbidden, unauthorized } from '../api/problem.js';

export const ROLES = ['admin', 'brand', 'creator'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks: an admin, or a brand or creator by its own id. */
export interface Caller {
  subject: string;
  role: Role;
}

export type Keys = { secret: string } | { jwksUrl: string };

/** Reads a bearer token. Throws a 401 problem that says what is wrong with it, and never repeats it. */
export class Access {
  readonly #key: Uint8Array | JWTVerifyGetKey;
  readonly #clock: Clock;

  constructor(keys: Keys, clock: Clock) {
    this.#key = 'secret' in keys ? new TextEncoder().encode(keys.secret) : createRemoteJWKSet(new URL(keys.jwksUrl));
    this.#clock = clock;
  }

  async callerOf(authorization: string | undefined): Promise<Caller> {
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw unauthorized('Send a token in the header "Authorization: Bearer <token>".');
    const options = {
      currentDate: this.#clock.now(),
      algorithms: this.#key instanceof Uint8Array ? ['HS256'] : ['RS256', 'ES256', 'EdDSA'],
    };
    try {
      const { payload } =
        this.#key instanceof Uint8Array ? await jwtVerify(token, this.#key, options) : await jwtVerify(token, this.#key, options);
      const role = ROLES.find((one) => one === payload['role']);
      if (!payload.sub || !role) throw unauthorized('The token names no subject ("sub") or no role ("role": admin, brand or creator).');
      return { subject: payload.sub, role };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthorized('The token has expired; get a new one.');
      if (error instanceof errors.JOSEError) throw unauthorized('The token is not one of ours.');
      throw error;
    }
  }
}

/** The one place that says who owns what: an admin everything, a brand its campaigns, a creator what it made and earned. */
export function requireOwner(caller: Caller, owner: { brandId?: string; creatorId?: string }, what: string): void {
  if (caller.role === 'admin') return;
  if (caller.role === 'brand' && owner.brandId === caller.subject) return;
  if (caller.role === 'creator' && owner.creatorId === caller.subject) return;
  throw forbidden(`${what} belongs to somebody else.`);
}

const DAY_S = 86_400;

/** A token for each role, for a machine of one's own. Throws in production. */
export async function developmentTokens(secret: string, clock: Clock): Promise<Record<Role, string>> {
  if (process.env['NODE_ENV'] === 'production') throw new Error('Development tokens are not made where NODE_ENV is "production".');
  const sign = (subject: string, role: Role) =>
    new SignJWT({ role })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(subject)
      .setIssuedAt(clock.now())
      // Sample worlds run fast: a year there may be a night here.
      .setExpirationTime(Math.floor(clock.now().getTime() / 1000) + 3650 * DAY_S)
      .sign(new TextEncoder().encode(secret));
  return { admin: await sign('admin', 'admin'), brand: await sign('acme', 'brand'), creator: await sign('creator-00', 'creator') };
}
