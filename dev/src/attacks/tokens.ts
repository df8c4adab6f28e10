import { createHmac, generateKeyPairSync, createSign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { firstOf, type Attack } from './attack.js';
import type { Target } from './target.js';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (header: object, claims: object): string => `${part(header)}.${part(claims)}`;
const soon = (): number => Math.floor(Date.now() / 1_000) + 3_600;
const admin = () => ({ sub: 'mallory', role: 'admin', exp: soon() });
const byHmac = (header: object, claims: object, secret: string | Buffer): string => {
  const text = unsigned(header, claims);
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const byRsa = (header: object, claims: object, key: KeyObject): string => {
  const text = unsigned(header, claims);
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key).toString('base64url')}`;
};

/** Null if none of the tokens is taken. */
const refused = (target: Target, tokens: Record<string, string>, url?: string) =>
  firstOf(Object.entries(tokens), async ([name, token]) => {
    const { status } = await target.ask('/me', { token }, url);
    return status === 401 ? null : `a token ${name} was answered with ${status}`;
  });

/**
 * An identity provider's keys, and an earnings service that takes its tokens. `asked` are the
 * addresses that somebody has asked for.
 */
async function withProvider(
  target: Target,
  work: (of: { url: string; key: KeyObject; publicPem: string; jwk: object; provider: string; asked: string[] }) => Promise<string | null>,
): Promise<string | null> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'ours', alg: 'RS256', use: 'sig' };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const provider = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const earnings = await target.start('earnings', { JWT_SECRET: '', JWKS_URL: `${provider}/keys`, JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'cliptally' });
  try {
    const publicPem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    return await work({ url: earnings.url, key: privateKey, publicPem, jwk, provider, asked });
  } finally {
    await earnings.close();
    server.close();
  }
} // prettier-ignore

const promise = 'known-callers';

export const TOKENS: Attack[] = [
  {
    who: 'stranger',
    promise,
    name: 'asks every route of the API without a token',
    async try(target) {
      const { body } = await target.ask('/openapi.json', { as: null });
      const routes = Object.entries(body.paths as Record<string, Record<string, { security?: unknown[] }>>);
      return firstOf(routes.flatMap(([path, of]) => Object.entries(of).map(([method, { security }]) => ({ path, method, security }))), async ({ path, method, security }) => {
        if (security?.length === 0) return null;
        const { status } = await target.ask(path.replaceAll(/\{\w+\}/g, 'x'), { as: null, method: method.toUpperCase(), ...(method === 'get' ? {} : { body: {} }) });
        // The webhooks of others carry signatures in place of tokens.
        const held = path.startsWith('/webhooks/') ? [400, 401, 403] : [401];
        return held.includes(status) ? null : `${method} ${path} was answered with ${status}`;
      });
    },
  },
  {
    who: 'stranger',
    promise,
    name: 'makes tokens of algorithm "none", of a guessed secret, of no end, over, not yet valid',
    try: (target) => {
      const hs = { alg: 'HS256', typ: 'JWT' };
      const { exp: _, ...endless } = admin();
      return refused(target, {
        ...Object.fromEntries(['none', 'None', 'NONE', 'nOnE', ''].map((alg) => [`of "${alg}"`, `${unsigned({ alg }, admin())}.`])),
        'of none with a signature': byHmac({ alg: 'none' }, admin(), target.secret),
        'of the secret "secret"': byHmac(hs, admin(), 'secret'),
        'of no secret': byHmac(hs, admin(), ''),
        'without an end': byHmac(hs, endless, target.secret),
        'that is over': byHmac(hs, { ...admin(), exp: 1 }, target.secret),
        'with an end that is no number': byHmac(hs, { ...admin(), exp: '9999999999' }, target.secret),
        'not yet valid': byHmac(hs, { ...admin(), nbf: soon() }, target.secret),
        'of HS512': byHmac({ alg: 'HS512' }, admin(), target.secret),
        'with crit': byHmac({ ...hs, crit: ['b64'], b64: false }, admin(), target.secret),
        'cut in its signature': byHmac(hs, admin(), target.secret).slice(0, -3),
        'of another payload': byHmac(hs, { ...admin(), role: 'creator' }, target.secret).replace(part({ ...admin(), role: 'creator' }), part(admin())),
      });
    },
  },
  {
    who: 'stranger',
    promise,
    name: 'gives itself several roles, an odd one, or one from a prototype',
    try: (target) =>
      refused(
        target,
        Object.fromEntries(
          [['creator', 'admin'], 'ADMIN', 'root', '', null, { admin: true }, ['admin', 'admin', 'brand'], '__proto__'].map((role) => [`with the role ${JSON.stringify(role)}`, byHmac({ alg: 'HS256' }, { ...admin(), role }, target.secret)]),
        ),
      ),
  },
  {
    who: 'stranger',
    promise,
    name: 'signs with the public key as a secret, with a key in its header, with a path as "kid", for others',
    whole: true,
    try: (target) =>
      withProvider(target, async ({ url, key, publicPem, jwk, provider, asked }) => {
        const claims = { ...admin(), iss: 'https://id.example', aud: 'cliptally' };
        const good = byRsa({ alg: 'RS256', kid: 'ours' }, claims, key);
        if ((await target.ask('/me', { token: good }, url)).status !== 200) return 'a good token was refused: nothing was tried';
        const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
        const foreignJwk = foreign.publicKey.export({ format: 'jwk' });
        const rs = { alg: 'RS256', kid: 'ours' };
        const what = await refused(target, {
          'of HS256 with the public key (PEM)': byHmac({ alg: 'HS256', kid: 'ours' }, claims, publicPem),
          'of HS256 with the public key (JWK)': byHmac({ alg: 'HS256', kid: 'ours' }, claims, JSON.stringify(jwk)),
          'of HS256 with the secret of development': byHmac({ alg: 'HS256' }, claims, target.secret),
          'with its own key in "jwk"': byRsa({ ...rs, jwk: foreignJwk }, claims, foreign.privateKey),
          'with keys at "jku"': byRsa({ ...rs, jku: `${provider}/evil` }, claims, foreign.privateKey),
          'with keys at "x5u"': byRsa({ ...rs, x5u: `${provider}/evil` }, claims, foreign.privateKey),
          'with "kid" ../../dev/null': byHmac({ alg: 'HS256', kid: '../../../../dev/null' }, claims, ''),
          'with "kid" of SQL': byHmac({ alg: 'HS256', kid: "x' union select 'k" }, claims, 'k'),
          'with an unknown "kid"': byRsa({ alg: 'RS256', kid: 'other' }, claims, key),
          'of a foreign key': byRsa(rs, claims, foreign.privateKey),
          'of another issuer': byRsa(rs, { ...claims, iss: 'https://id.example.evil' }, key),
          'without an issuer': byRsa(rs, { ...claims, iss: undefined }, key),
          'for another audience': byRsa(rs, { ...claims, aud: 'account' }, key),
          'without an audience': byRsa(rs, { ...claims, aud: undefined }, key),
          'of none': `${unsigned({ alg: 'none', kid: 'ours' }, claims)}.`,
        }, url);
        return what ?? (asked.some((path) => path.includes('evil')) ? 'the service has asked for keys where the token said' : null);
      }),
  },
  {
    who: 'stranger',
    promise: 'own-voice',
    name: 'an admin is named like a part of the system, and would speak for Stripe',
    try: (target) =>
      refused(
        target,
        Object.fromEntries(
          ['system', 'stripe', 'scheduler', 'settlement', 'Stripe ', 'cliptally:stripe', 'cliptally:settlement', 'CLIPTALLY:stripe', 'cliptally\u200b:stripe'].map((sub) => [`of "${sub}"`, byHmac({ alg: 'HS256' }, { ...admin(), sub }, target.secret)]),
        ),
      ),
  },
  {
    who: 'stranger',
    promise,
    name: 'odd subjects are ids or refused by name, never a fault of the server',
    try: (target) =>
      firstOf(['a b', 'auth0|65f0', 'ann@brand.example', 'a\u0000b', '../x', '*', 'x'.repeat(5_000), '\ud800', '{}', "' or 1=1--", 'a>b.c'], async (sub) =>
        firstOf(['creator', 'brand', 'admin'] as const, async (role) => {
          const token = byHmac({ alg: 'HS256' }, { sub, role, exp: soon() }, target.secret);
          const paths = ['/me', '/campaigns', ...(role === 'creator' ? ['/clips', '/payouts'] : [])];
          return firstOf(paths, async (path) => {
            const { status } = await target.ask(path, { token });
            return status === 200 || status === 401 ? null : `GET ${path} of the ${role} ${JSON.stringify(sub).slice(0, 40)} was answered with ${status}`;
          });
        })),
  },
]; // prettier-ignore
