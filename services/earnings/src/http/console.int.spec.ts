import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfiguration } from '@cliptally/telemetry';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { consoleOidcOf, consoleVariables, sampleWorldOf, signInOf } from '../console/settings.js';
import { startApiWorld } from '../testing/api-world.js';
import type { Role } from '@cliptally/contracts/api';

const SCRIPT = `/* ${'a script of some length '.repeat(200)}*/`;
const INDEX =
  '<!doctype html><title>Console</title><script src="/console/assets/main-A1B2C3D4.js">';

const EXAMPLE = 'https://www.tiktok.com/@me/video/7510000000000000004';

const folder = mkdtempSync(join(tmpdir(), 'cliptally-console-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), INDEX);
writeFileSync(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
writeFileSync(join(folder, 'assets/main-A1B2C3D4.js'), SCRIPT);
writeFileSync(join(folder, 'assets/main-A1B2C3D4.js.map'), '{"secret":"sources"}');

/** Without fetch, which hides how an answer was encoded and tidies up paths. */
const raw = (base: string, path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      const { hostname, port } = new URL(base);
      request({ hostname, port, path, method, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: Buffer.concat(parts),
          }),
        );
      })
        .on('error', reject)
        .end();
    },
  );

describe('the console', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  const get = (path: string, headers?: Record<string, string>, method?: string) =>
    raw(world.service.url, path, headers, method);
  beforeAll(async () => {
    world = await startApiWorld({ consoleFolder: folder });
  });
  afterAll(() => world.close());

  it.each([
    '/console',
    '/console/',
    '/console/campaigns/spring-drop',
    '/console/clips/youtube-a_-1',
  ])('%s is the application, asked about again each time', async (path) => {
    const { status, headers, body } = await get(path);
    expect([status, body.toString()]).toEqual([200, INDEX]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy':
        "default-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    const again = await get(path, { 'if-none-match': String(headers['etag']) });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('its hashed files are kept for ever, and come as small as the caller takes them', async () => {
    const path = '/console/assets/main-A1B2C3D4.js';
    const plain = await get(path);
    expect(plain.body.toString()).toBe(SCRIPT);
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    expect(plain.headers['content-encoding']).toBeUndefined();
    for (const [accepted, encoding, decode] of [
      ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
      ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
      ['*', 'br', brotliDecompressSync],
    ] as const) {
      const { headers, body } = await get(path, { 'accept-encoding': accepted });
      expect([accepted, headers['content-encoding']]).toEqual([accepted, encoding]);
      expect(decode(body).toString()).toBe(SCRIPT);
      expect(body.length).toBeLessThan(SCRIPT.length / 4);
      const known = { 'accept-encoding': accepted, 'if-none-match': String(headers['etag']) };
      expect((await get(path, known)).status).toBe(304);
    }
    for (const accepted of ['identity', 'br;q=0', '*;q=0.0', 'zstd'])
      expect(
        (await get(path, { 'accept-encoding': accepted })).headers['content-encoding'],
      ).toBeUndefined();
    const head = await get(path, {}, 'HEAD');
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  it.each([
    '/console/assets/main-00000000.js',
    '/console/assets/main-A1B2C3D4.js.map',
    '/console/assets/',
    '/console/nothing.css',
    '/console/../package.json',
    '/console/%2e%2e/%2e%2e/package.json',
    '/console/assets/..%2f..%2fpackage.json',
  ])('%s is no file of it', async (path) => {
    const { status, headers, body } = await get(path);
    expect([path, status]).toEqual([path, 404]);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body.toString()).not.toContain('devDependencies');
  });

  it('says that it takes development tokens here, and the API says whose they are', async () => {
    const { body, headers } = await get('/console/config.json');
    expect(JSON.parse(body.toString())).toEqual({
      signIn: 'development',
      oidc: null,
      sampleWorld: null,
      livePage: null,
      examples: [],
    });
    expect(headers['cache-control']).toBe('no-cache');
    const me = await world.get('/me', { as: ['brand', 'acme'] });
    expect([me.status, me.body]).toEqual([200, { role: 'brand', subject: 'acme' }]);
    expect((await world.get('/me', { as: null })).status).toBe(401);
  });

  it('says so if it has not been built', async () => {
    const bare = await startApiWorld({ consoleFolder: join(folder, 'nothing') });
    try {
      const { status, body } = await raw(bare.service.url, '/console/campaigns');
      expect([status, JSON.parse(body.toString())]).toMatchObject([503, { code: 'unavailable' }]);
    } finally {
      await bare.close();
    }
  });

  it('says where a sample world and the live page are to admins alone, and may ask the former', async () => {
    const sample = await startApiWorld({
      consoleFolder: folder,
      sampleWorld: { control: 'http://127.0.0.1:4711/#token', examples: [EXAMPLE] },
      pageOrigin: 'http://127.0.0.1:8080',
    });
    try {
      const { headers } = await raw(sample.service.url, '/console');
      expect(headers['content-security-policy']).toContain(
        "connect-src 'self' http://127.0.0.1:4711;",
      );
      const config = (as: [Role, string] | null) => sample.get('/console/config.json', { as });
      expect((await config(['admin', 'root'])).body).toMatchObject({
        sampleWorld: 'http://127.0.0.1:4711/#token',
        livePage: 'http://127.0.0.1:8080',
      });
      for (const as of [['brand', 'acme'], ['creator', 'ann'], null] as const)
        expect((await config(as && [...as])).body).toMatchObject({
          sampleWorld: null,
          livePage: null,
          examples: [EXAMPLE],
        });
      const authorization = 'Bearer not.a.token';
      const ended = await raw(sample.service.url, '/console/config.json', { authorization });
      expect([ended.status, JSON.parse(ended.body.toString())]).toMatchObject([
        200,
        { sampleWorld: null },
      ]);
    } finally {
      await sample.close();
    }
  });

  it('signs in with the identity provider, and may ask it and nobody else', async () => {
    const oidc = await startApiWorld({
      consoleFolder: folder,
      keys: { jwksUrl: 'https://id.example/keys' },
      consoleOidc: {
        issuer: 'https://id.example/realms/clips',
        clientId: 'console',
        scopes: 'openid email',
        audience: 'cliptally',
        origins: ['https://token.example'],
      },
    });
    try {
      const { headers } = await raw(oidc.service.url, '/console');
      expect(headers['content-security-policy']).toContain(
        "connect-src 'self' https://id.example https://token.example;",
      );
      const { body } = await raw(oidc.service.url, '/console/config.json');
      expect(JSON.parse(body.toString())).toEqual({
        signIn: 'oidc',
        oidc: {
          issuer: 'https://id.example/realms/clips',
          clientId: 'console',
          scopes: 'openid email',
          audience: 'cliptally',
        },
        sampleWorld: null,
        livePage: null,
        examples: [],
      });
    } finally {
      await oidc.close();
    }
  });
});

describe('how one signs in to the console', () => {
  const JWKS = 'https://id.example/keys';
  const read = (env: Record<string, string>, jwksUrl: string | undefined = JWKS) =>
    consoleOidcOf(readConfiguration(z.object(consoleVariables()), env), jwksUrl);
  const given = { CONSOLE_OIDC_ISSUER: 'https://id.example', CONSOLE_OIDC_CLIENT_ID: 'console' };

  it('is read from the environment', () => {
    expect(read({})).toBeUndefined();
    expect(read(given)).toEqual({
      issuer: 'https://id.example',
      clientId: 'console',
      scopes: 'openid',
      audience: null,
      origins: [],
    });
    expect(
      read({ ...given, CONSOLE_OIDC_ORIGINS: 'https://a.example, https://b.example:8443' }),
    ).toMatchObject({ origins: ['https://a.example', 'https://b.example:8443'] });
    expect(read({ ...given, CONSOLE_OIDC_ISSUER: 'http://localhost:9000' })).toBeDefined();
  });

  it.each<[Record<string, string>, string | undefined, string]>([
    [{ CONSOLE_OIDC_ISSUER: 'https://id.example' }, JWKS, 'go together'],
    [{ CONSOLE_OIDC_CLIENT_ID: 'console' }, JWKS, 'go together'],
    [given, '', 'needs JWKS_URL'],
    [{ ...given, CONSOLE_OIDC_ISSUER: 'http://id.example' }, JWKS, 'must begin with https://'],
    [{ ...given, CONSOLE_OIDC_ISSUER: 'id.example' }, JWKS, 'CONSOLE_OIDC_ISSUER: must be'],
    [{ ...given, CONSOLE_OIDC_SCOPES: 'email' }, JWKS, '"openid" among them'],
    [{ ...given, CONSOLE_OIDC_ORIGINS: 'https://a.example/x' }, JWKS, 'must be origins'],
    [{ ...given, CONSOLE_OIDC_ORIGINS: "'unsafe-inline'" }, JWKS, 'must be origins'],
    [{ ...given, CONSOLE_OIDC_ORIGINS: 'https://a.example;' }, JWKS, 'must be origins'],
  ])('%j with keys at %s is refused: %s', (env, jwksUrl, words) => {
    expect(() => read(env, jwksUrl)).toThrow(words);
  });

  it('knows a sample world by its launcher alone, on this machine, and never in production', () => {
    const at = (control: string) => ({ control, examples: [] });
    const own = at('http://127.0.0.1:4711/#token');
    expect(sampleWorldOf(undefined, { NODE_ENV: 'production' })).toBeNull();
    expect(sampleWorldOf(own, {})).toBe(own);
    expect(() => sampleWorldOf(own, { NODE_ENV: 'production' })).toThrow('not for production');
    for (const other of ['http://10.0.0.1:4711/', 'https://127.0.0.1/', 'http://evil.example/'])
      expect(() => sampleWorldOf(at(other), {})).toThrow('must be on 127.0.0.1');
  });

  it('takes tokens from links on one machine only', () => {
    const secret = { secret: 'secret' };
    expect(signInOf(undefined, secret, {})).toEqual({ kind: 'development' });
    expect(signInOf(undefined, secret, { NODE_ENV: 'production' })).toEqual({ kind: 'token' });
    expect(signInOf(undefined, { jwksUrl: JWKS }, {})).toEqual({ kind: 'token' });
    const oidc = read(given)!;
    expect(signInOf(oidc, secret, {})).toEqual({ kind: 'oidc', oidc });
  });
});
