import { EntityId, Text, type Clock } from '@cliptally/contracts';
import {
  DEVELOPMENT_CALLERS,
  developmentToken,
  type Caller,
  type Role,
} from '@cliptally/contracts/api';
import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import { claimAt, rolesIn, sentenceOf } from './claims.js';
import { opaqueIdOf } from './opaque.js';
import { isReserved } from './reserved.js';
import { OWN_CLAIMS, type Claims, type Keys } from './token-keys.js';

export type { Caller, Role } from '@cliptally/contracts/api';

const PUBLIC_KEY_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

/**
 * A brand's or creator's subject becomes part of names of streams, an admin's is text in events.
 */
const SUBJECTS = { admin: Text.min(1).max(200), brand: EntityId, creator: EntityId };

/** A caller who is not known, or whose token cannot be checked just now. */
export class NotKnown extends Error {
  override readonly name = 'NotKnown';
  constructor(
    readonly code: 'unauthorized' | 'forbidden' | 'keys_unavailable',
    message: string,
  ) {
    super(message);
  }
}

const unauthorized = (message: string) => new NotKnown('unauthorized', message);

/**
 * Reads a bearer token. Throws {@link NotKnown}, which says what is wrong with it and never repeats
 * it.
 */
export class Access {
  readonly #key: Uint8Array | JWTVerifyGetKey;
  readonly #clock: Clock;
  readonly #options: JWTVerifyOptions;
  readonly #claims: Claims;

  constructor(keys: Keys, clock: Clock) {
    this.#key =
      'secret' in keys
        ? new TextEncoder().encode(keys.secret)
        : createRemoteJWKSet(new URL(keys.jwksUrl));
    // The algorithms are ours to say, not the token's: a public key must never be taken for a
    // shared secret.
    this.#options = {
      algorithms: 'secret' in keys ? ['HS256'] : [...(keys.algorithms ?? PUBLIC_KEY_ALGORITHMS)],
      clockTolerance: keys.toleranceS ?? 0,
      requiredClaims: ['exp'],
    };
    if ('jwksUrl' in keys && keys.issuer) this.#options.issuer = spellingsOf(keys.issuer);
    if ('jwksUrl' in keys && keys.audience) this.#options.audience = keys.audience;
    this.#claims = keys.claims ?? OWN_CLAIMS;
    this.#clock = clock;
  }

  async callerOf(authorization: string | undefined): Promise<Caller> {
    // What a header may carry as a token (RFC 6750): that of a provider may be no JWT.
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw unauthorized('Send a token in the header "Authorization: Bearer <token>".');
    const options = { ...this.#options, currentDate: this.#clock.now() };
    try {
      const { payload } =
        this.#key instanceof Uint8Array
          ? await jwtVerify(token, this.#key, options)
          : await jwtVerify(token, this.#key, options);
      return this.#callerIn(payload);
    } catch (error) {
      if (error instanceof NotKnown) throw error;
      if (error instanceof errors.JWTExpired)
        throw unauthorized('The token has expired; get a new one.');
      if (isTokensFault(error)) throw unauthorized(sentenceOf(error, token));
      // The provider's keys cannot be had: that passes, and says nothing about the token.
      throw new NotKnown(
        'keys_unavailable',
        'Tokens cannot be checked at this moment; send the request again.',
      );
    }
  }

  #callerIn(payload: JWTPayload): Caller {
    const { role: ofRole, subject: ofSubject } = this.#claims;
    const subject = claimAt(payload, ofSubject);
    const roles = rolesIn(claimAt(payload, ofRole));
    const [role] = roles;
    if (typeof subject !== 'string' || subject === '' || !role)
      throw unauthorized(
        `The token names no subject ("${ofSubject}") or no role ("${ofRole}": admin, brand or creator).`,
      );
    if (roles.length > 1)
      throw unauthorized(
        `The token names several roles ("${ofRole}": ${roles.join(', ')}): give its owner one of them alone.`,
      );
    if (!SUBJECTS[role].safeParse(subject).success)
      throw unauthorized(
        `The subject ("${ofSubject}") of the token of a ${role} must be ${role === 'admin' ? 'text of at most 200 characters' : 'its id: 1 to 64 letters, digits, "-" or "_"'}.`,
      );
    if (role === 'admin' && isReserved(subject))
      throw unauthorized(
        `The subject ("${ofSubject}") of the token is the name of a part of Cliptally, which signs its own events with it: give the admin another id.`,
      );
    return { subject: role === 'admin' ? opaqueIdOf(subject) : subject, role };
  }
}

/** Knows admins, for a gate of operators. */
export const adminOf =
  (access: Access) =>
  async (authorization: string | undefined): Promise<string> => {
    const { role, subject } = await access.callerOf(authorization);
    if (role === 'admin') return subject;
    throw new NotKnown('forbidden', `This is for admins; the token is that of a ${role}.`);
  };

/** Providers write their issuer with a slash at its end in one place, and without in another. */
const spellingsOf = (issuer: string): string[] => {
  const plain = issuer.replace(/\/$/, '');
  return [plain, `${plain}/`];
};

const isTokensFault = (error: unknown): error is errors.JOSEError =>
  error instanceof errors.JOSEError &&
  // What jose throws while it fetches keys: a timeout, an answer that is no key set, or its plain
  // base class.
  !(
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === errors.JOSEError.code
  );

/** Asked for if tokens may not be made up. */
class NoDevelopmentTokens extends Error {
  override readonly name = 'NoDevelopmentTokens';
  readonly expected = true;
  constructor() {
    super(
      'Development tokens are not made if NODE_ENV is "production": there, the identity provider behind JWKS_URL makes tokens.',
    );
  }
}

export function refuseInProduction(env: Record<string, string | undefined> = process.env): void {
  if (env['NODE_ENV'] === 'production') throw new NoDevelopmentTokens();
}

/** A token for each role. Throws {@link NoDevelopmentTokens} in production. */
export async function developmentTokens(
  secret: string,
  clock: Clock,
): Promise<Record<Role, string>> {
  refuseInProduction();
  const [admin, brand, creator] = DEVELOPMENT_CALLERS.map((caller) =>
    developmentToken(secret, clock, caller),
  );
  return { admin: admin!, brand: brand!, creator: creator! };
}
