import { ConfigurationError, fields } from '@cliptally/telemetry';
import { z } from 'zod';
import type { Keys } from '@cliptally/access';

/** Nothing that could end a directive of a content security policy. */
const ORIGIN = /^https?:\/\/[\w.-]+(:\d{1,5})?$/;

/** How people sign in to the console; spread into the schema of the environment. */
export const consoleVariables = () => ({
  CONSOLE_OIDC_ISSUER: fields
    .webUrl('issuer of the OpenID Connect provider that people sign in to the console with')
    .optional(),
  CONSOLE_OIDC_CLIENT_ID: z
    .string()
    .optional()
    .describe('with CONSOLE_OIDC_ISSUER: the console as a public client there'),
  CONSOLE_OIDC_SCOPES: z
    .string()
    .default('openid')
    .refine(
      (text) => text.split(/ +/).includes('openid'),
      'must be scopes with spaces between them, "openid" among them',
    )
    .describe('scopes that the console asks for; "openid" by default'),
  CONSOLE_OIDC_AUDIENCE: z
    .string()
    .optional()
    .describe('the "audience" that the console asks for, if the provider needs one'),
  CONSOLE_OIDC_ORIGINS: z
    .string()
    .default('')
    .transform((text) => text.split(/[ ,]+/).filter(Boolean))
    .refine(
      (origins) => origins.every((origin) => ORIGIN.test(origin)),
      'must be origins with commas between them, such as https://token.example.com',
    )
    .describe(
      'further origins of the provider, if its token endpoint is not at that of the issuer',
    ),
});

export interface ConsoleOidc {
  issuer: string;
  clientId: string;
  scopes: string;
  audience: string | null;
  /** Further origins that the browser asks for tokens. */
  origins: readonly string[];
}

/**
 * How one signs in: with the identity provider, with a development token (a link carries it), or
 * with a token that one pastes.
 */
export type SignIn = { kind: 'oidc'; oidc: ConsoleOidc } | { kind: 'development' | 'token' };

type Variables = z.output<z.ZodObject<ReturnType<typeof consoleVariables>>>;

/** Throws {@link ConfigurationError} if what is set does not go together. */
export function consoleOidcOf(c: Variables, jwksUrl: string | undefined): ConsoleOidc | undefined {
  const { CONSOLE_OIDC_ISSUER: issuer, CONSOLE_OIDC_CLIENT_ID: clientId } = c;
  if (!issuer && !clientId) return undefined;
  const faults: string[] = [];
  if (!issuer || !clientId)
    faults.push(
      'CONSOLE_OIDC_ISSUER and CONSOLE_OIDC_CLIENT_ID go together: set both, or neither to paste tokens.',
    );
  if (!jwksUrl)
    faults.push(
      'CONSOLE_OIDC_ISSUER needs JWKS_URL: without its keys no token of the provider can be checked.',
    );
  if (issuer && !isSafe(new URL(issuer)))
    faults.push('CONSOLE_OIDC_ISSUER must begin with https://, unless it is on this machine.');
  if (faults.length > 0) throw new ConfigurationError(faults);
  return {
    issuer: issuer!,
    clientId: clientId!,
    scopes: c.CONSOLE_OIDC_SCOPES,
    audience: c.CONSOLE_OIDC_AUDIENCE ?? null,
    origins: c.CONSOLE_OIDC_ORIGINS,
  };
}

const isSafe = ({ protocol, hostname, origin }: URL) =>
  (protocol === 'https:' && ORIGIN.test(origin)) ||
  ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

/** Links that carry a token are for one machine: in production nobody is signed in by a link. */
export function signInOf(
  oidc: ConsoleOidc | undefined,
  keys: Keys,
  env: Record<string, string | undefined> = process.env,
): SignIn {
  if (oidc) return { kind: 'oidc', oidc };
  const development = 'secret' in keys && env['NODE_ENV'] !== 'production';
  return { kind: development ? 'development' : 'token' };
}

/** What a sample world has beside everything else. */
export interface SampleWorld {
  /** Where its control listens, with a token behind the "#". */
  control: string;
  /** Links to submit for a creator who has no clip at hand. */
  examples: readonly string[];
}

/**
 * The sample world, if this is one. Throws {@link ConfigurationError} in production, and if its
 * control is not on this machine.
 */
export function sampleWorldOf(
  given: SampleWorld | undefined,
  env: Record<string, string | undefined> = process.env,
): SampleWorld | null {
  if (!given) return null;
  if (env['NODE_ENV'] === 'production')
    throw new ConfigurationError(['A sample world is not for production: leave NODE_ENV unset.']);
  const { protocol, hostname } = new URL(given.control);
  if (protocol !== 'http:' || hostname !== '127.0.0.1')
    throw new ConfigurationError(['The control of a sample world must be on 127.0.0.1.']);
  return given;
}

/** Origins that the console asks, beside its own. */
export const originsOf = (signIn: SignIn, sampleWorld: SampleWorld | null): string[] => [
  ...(signIn.kind === 'oidc' ? [new URL(signIn.oidc.issuer).origin, ...signIn.oidc.origins] : []),
  ...(sampleWorld === null ? [] : [new URL(sampleWorld.control).origin]),
];
