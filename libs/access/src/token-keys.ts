import { ConfigurationError, fields } from '@cliptally/telemetry';
import { z } from 'zod';

/**
 * A secret for one machine, or an identity provider's keys. The provider signs for others as well:
 * `issuer` and `audience` say which of its tokens are meant for us.
 */
export type Keys = { toleranceS?: number; claims?: Claims } & (
  | { secret: string }
  | {
      jwksUrl: string;
      issuer?: string | undefined;
      audience?: string | undefined;
      algorithms?: readonly string[];
    }
);

/**
 * Where a token says who its owner is and what its role is: the name of a claim, or a path of names
 * with dots between them. Providers differ in that.
 */
export interface Claims {
  role: string;
  subject: string;
}
export const OWN_CLAIMS: Claims = { role: 'role', subject: 'sub' };
const ofClaim = (what: string, standard: string) =>
  z
    .string()
    .min(1)
    .max(200)
    .default(standard)
    .describe(`claim of the token that ${what}, or a path to it; "${standard}" by default`);

/** Of an identity provider: its public key signs. The token never chooses among others. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']; // prettier-ignore
const MOST_TOLERANCE_MS = 300_000;
/** Stands in .env.example for a try on one machine, so everybody knows it. */
const EXAMPLE_SECRET = /^for-a-try-/;

/** How callers are known; spread into the schema of the environment. */
export const tokenVariables = () => ({
  JWT_SECRET: fields.secret(32, 'secret that tokens are signed with, for one machine').optional(),
  JWKS_URL: fields
    .webUrl('address of the keys that tokens are signed with, for production')
    .optional(),
  JWT_ISSUER: z.string().optional().describe('with JWKS_URL: the "iss" that tokens must have'),
  JWT_AUDIENCE: z.string().optional().describe('with JWKS_URL: the "aud" that tokens must have'),
  JWT_ALGORITHMS: z
    .string()
    .default('RS256,ES256,EdDSA')
    .transform((text) => text.split(/[ ,]+/).filter(Boolean))
    .refine(
      (names) => names.length > 0 && names.every((name) => ALGORITHMS.includes(name)),
      `must be names with commas between them, of ${ALGORITHMS.join(', ')}`,
    )
    .describe('with JWKS_URL: how tokens may be signed; RS256,ES256,EdDSA by default'),
  JWT_ROLE_CLAIM: ofClaim('has the role, alone or in a list', OWN_CLAIMS.role),
  JWT_SUBJECT_CLAIM: ofClaim('has the id of the brand or creator', OWN_CLAIMS.subject),
  JWT_CLOCK_TOLERANCE: fields
    .duration('0s')
    .refine((ms) => ms <= MOST_TOLERANCE_MS, 'must be at most 5m')
    .describe('how long a token is taken after its end or before its beginning; 0s by default'),
});

type Variables = z.output<z.ZodObject<ReturnType<typeof tokenVariables>>>;

/**
 * The keys of tokens. Throws {@link ConfigurationError} with all faults at once: in production a
 * secret that everybody knows, keys that a network may change, and a provider's tokens for others
 * would let strangers in.
 */
export function keysOf(c: Variables, env: Record<string, string | undefined> = process.env): Keys {
  const faults: string[] = [];
  if (!c.JWT_SECRET && !c.JWKS_URL)
    faults.push(
      'Neither JWT_SECRET nor JWKS_URL is set: without one of them no caller can be known.',
    );
  if (env['NODE_ENV'] === 'production') {
    if (!c.JWKS_URL && c.JWT_SECRET && EXAMPLE_SECRET.test(c.JWT_SECRET))
      faults.push(
        'JWT_SECRET is the one of .env.example, which everybody knows: make one with "openssl rand -hex 32".',
      );
    if (c.JWKS_URL && new URL(c.JWKS_URL).protocol !== 'https:')
      faults.push('JWKS_URL must begin with https:// in production.');
    for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE'] as const)
      if (c.JWKS_URL && !c[name])
        faults.push(
          `${name} is not set: in production JWKS_URL needs it, or a token that the provider made for somebody else would be taken.`,
        );
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  const toleranceS = c.JWT_CLOCK_TOLERANCE / 1_000;
  if (!c.JWKS_URL) return { secret: c.JWT_SECRET!, toleranceS };
  const claims = { role: c.JWT_ROLE_CLAIM, subject: c.JWT_SUBJECT_CLAIM };
  return {
    jwksUrl: c.JWKS_URL,
    issuer: c.JWT_ISSUER,
    audience: c.JWT_AUDIENCE,
    algorithms: c.JWT_ALGORITHMS,
    claims,
    toleranceS,
  };
}
