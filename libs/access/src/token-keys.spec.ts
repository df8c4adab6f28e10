import { readConfiguration } from '@cliptally/telemetry';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { keysOf, tokenVariables } from './token-keys.js';

const production = { NODE_ENV: 'production' };
const read = (env: Record<string, string>, environment: Record<string, string> = {}) =>
  keysOf(readConfiguration(z.object(tokenVariables()), env), environment);

const SECRET = 'x'.repeat(32);
const provider = {
  JWKS_URL: 'https://id.example/keys',
  JWT_ISSUER: 'https://id.example',
  JWT_AUDIENCE: 'cliptally',
};

describe('how callers are known', () => {
  it('is a secret, or the keys of a provider with all that it may sign', () => {
    expect(read({ JWT_SECRET: SECRET }, production)).toEqual({ secret: SECRET, toleranceS: 0 });
    expect(
      read({ ...provider, JWT_ALGORITHMS: 'PS256, EdDSA', JWT_CLOCK_TOLERANCE: '30s' }, production),
    ).toEqual({
      jwksUrl: provider.JWKS_URL,
      issuer: provider.JWT_ISSUER,
      audience: provider.JWT_AUDIENCE,
      algorithms: ['PS256', 'EdDSA'],
      claims: { role: 'role', subject: 'sub' },
      toleranceS: 30,
    });
    expect(
      read({ ...provider, JWT_ROLE_CLAIM: 'realm_access.roles', JWT_SUBJECT_CLAIM: 'uid' }),
    ).toMatchObject({ claims: { role: 'realm_access.roles', subject: 'uid' } });
    expect(read({ JWKS_URL: 'http://127.0.0.1:1/keys' })).toMatchObject({
      issuer: undefined,
      algorithms: ['RS256', 'ES256', 'EdDSA'],
    });
  });

  it.each([
    [{}, ['Neither JWT_SECRET nor JWKS_URL']],
    [{ JWT_SECRET: 'for-a-try-replace-me-with-32-characters-or-more' }, ['openssl rand -hex 32']],
    [{ ...provider, JWKS_URL: 'http://id.example/keys' }, ['JWKS_URL must begin with https://']],
    [{ JWKS_URL: provider.JWKS_URL }, ['JWT_ISSUER is not set', 'JWT_AUDIENCE is not set']],
    [{ JWKS_URL: 'http://id.example/keys' }, ['JWKS_URL must', 'JWT_ISSUER', 'JWT_AUDIENCE']],
    [{ ...provider, JWT_ALGORITHMS: 'HS256' }, ['JWT_ALGORITHMS: must be names']],
    [{ ...provider, JWT_ALGORITHMS: 'none' }, ['JWT_ALGORITHMS: must be names']],
    [{ ...provider, JWT_CLOCK_TOLERANCE: '1h' }, ['JWT_CLOCK_TOLERANCE: must be at most 5m']],
  ])('%j is refused in production', (env, sentences) => {
    for (const sentence of sentences) expect(() => read(env, production)).toThrow(sentence);
  });
});
