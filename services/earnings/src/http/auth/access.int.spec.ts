import { ManualClock } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Access, NotKnown, OWN_CLAIMS, type Claims } from '@cliptally/access';

/** Access tokens as providers make them: names of claims are those of their documents. */
describe('tokens as identity providers make them', () => {
  let server: Server;
  let jwksUrl: string;
  let key: CryptoKey;
  let stranger: CryptoKey;
  beforeAll(async () => {
    const pair = await generateKeyPair('RS256');
    key = pair.privateKey;
    stranger = (await generateKeyPair('RS256')).privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    server = createServer((_, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  const clock = new ManualClock('2026-02-01T12:00:00Z');
  const seconds = (more: number) => clock.now().getTime() / 1_000 + more;
  interface Made {
    issuer?: string;
    claims?: Partial<Claims>;
    header?: object;
    by?: CryptoKey;
    toleranceS?: number;
  }
  const callerOf = async (
    payload: Record<string, unknown>,
    { issuer = 'https://id.example', claims, header, by = key, toleranceS = 0 }: Made = {},
  ) => {
    const token = await new SignJWT({ iss: issuer, aud: 'cliptally', exp: seconds(3_600), ...payload })
      .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
      .sign(by); // prettier-ignore
    const keys = { jwksUrl, issuer, audience: 'cliptally', toleranceS };
    const access = new Access({ ...keys, claims: { ...OWN_CLAIMS, ...claims } }, clock);
    return access.callerOf(`Bearer ${token}`);
  };
  const refusal = async (asked: Promise<unknown>): Promise<string> => {
    const error = await asked.catch((refused: unknown) => refused);
    expect(error).toBeInstanceOf(NotKnown);
    return (error as NotKnown).message;
  };

  it.each([
    [
      'Auth0: claims of one own under an address, a slash at the end of the issuer',
      { sub: 'auth0|65f0', 'https://cliptally.example/role': 'creator', 'https://cliptally.example/id': 'ann', iss: 'https://tenant.eu.auth0.com/', aud: ['cliptally', 'https://tenant.eu.auth0.com/userinfo'] },
      { issuer: 'https://tenant.eu.auth0.com', claims: { role: 'https://cliptally.example/role', subject: 'https://cliptally.example/id' } },
    ],
    [
      'Keycloak: roles in a list, two names deep, among others',
      { sub: 'ann', realm_access: { roles: ['offline_access', 'creator', 'default-roles-x'] }, aud: ['account', 'cliptally'] },
      { claims: { role: 'realm_access.roles' } },
    ],
    [
      'Entra ID: app roles in a list, an issuer with a path',
      { sub: 'ann', roles: ['creator'], ver: '2.0' },
      { issuer: 'https://login.microsoftonline.com/0a1b/v2.0', claims: { role: 'roles' } },
    ],
    [
      'Okta: groups in a list, its own id beside a subject that is an address',
      { sub: 'ann@brand.example', uid: 'ann', groups: ['Everyone', 'creator'] },
      { issuer: 'https://x.okta.com/oauth2/default', claims: { role: 'groups', subject: 'uid' } },
    ],
  ] as const)('%s', async (_, payload, made) => {
    expect(await callerOf(payload, made)).toEqual({ subject: 'ann', role: 'creator' });
  }); // prettier-ignore

  it.each([
    ['for another API', { aud: 'account' }, {}, 'it is not for the audience ("aud") of JWT_AUDIENCE'],
    ['of another tenant', { iss: 'https://sts.windows.net/0a1b/' }, {}, 'its issuer ("iss") is not that of JWT_ISSUER'],
    ['of a clock that is ahead', { nbf: seconds(20) }, {}, 'the clocks differ, see JWT_CLOCK_TOLERANCE'],
    ['for Microsoft Graph', {}, { header: { nonce: 'x' }, by: 'stranger' }, 'it is for Microsoft Graph'],
    ['of a key that nobody knows', {}, { by: 'stranger' }, 'The token is not one of ours.'],
    ['without a role', { role: ['owner'] }, {}, 'names no subject ("sub") or no role ("role": admin'],
    ['with two roles', { role: ['brand', 'admin'] }, {}, 'several roles ("role": admin, brand)'],
    ['with a subject that is no id', { sub: 'auth0|65f0' }, {}, 'must be its id: 1 to 64 letters'],
    ['without the claim of the subject', {}, { claims: { subject: 'uid' } }, 'names no subject ("uid")'],
    ['with a claim that is a name of every object', {}, { claims: { role: 'constructor.name' } }, 'no role'],
  ] as const)('a token %s is refused with a sentence', async (_, payload, { by, ...made }: { by?: 'stranger' } & Omit<Made, 'by'>, sentence) => {
    const own = { sub: 'ann', role: 'brand', ...payload };
    expect(await refusal(callerOf(own, { ...made, ...(by && { by: stranger }) }))).toContain(sentence);
  }); // prettier-ignore

  it.each([
    'system', 'stripe', 'Scheduler', 'cliptally:stripe', 'cliptally:settlement', ' CLIPTALLY:stripe',
    'cliptally\u200b:stripe', '\uff43liptally:stripe', 'cliptally:anything',
  ])('an admin named "%s" speaks for no part of the system', async (sub) => {
    const asked = callerOf({ sub, role: 'admin' });
    expect(await refusal(asked)).toContain('is the name of a part of Cliptally');
  }); // prettier-ignore

  it('a brand may have such a name: it signs nothing that a part signs', async () => {
    const brand = { subject: 'system', role: 'brand' };
    expect(await callerOf({ sub: 'system', role: 'brand' })).toEqual(brand);
  });

  it('a clock that is ahead by less than the tolerance is no reason', async () => {
    const payload = { sub: 'ann', role: 'creator', nbf: seconds(20) };
    expect(await callerOf(payload, { toleranceS: 30 })).toMatchObject({ subject: 'ann' });
  });

  it.each(['ya29.a0AfB_opaque-token', 'tGzv3JOkF0XG5Qx2TlKWIA', 'AQoDYXdz/+ab=='])(
    'an opaque token (%s) is named as such',
    async (token) => {
      const access = new Access({ jwksUrl }, clock);
      expect(await refusal(access.callerOf(`Bearer ${token}`))).toContain('The token is no JWT');
    },
  );
});
