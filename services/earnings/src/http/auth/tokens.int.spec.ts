import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SECRET, startApiWorld } from '../../testing/api-world.js';
import { developmentTokens } from '@cliptally/access';

describe('a token', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    world = await startApiWorld();
  });
  afterAll(() => world.close());

  it('is refused with 401 if it is none, broken or of another algorithm, and not repeated', async () => {
    const broken = [
      'x',
      'Bearer',
      'Bearer a.b.c',
      'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290Iiwicm9sZSI6ImFkbWluIn0.',
      'Basic cm9vdDpyb290',
    ];
    for (const authorization of broken) {
      const response = await fetch(`${world.service.url}/campaigns`, {
        headers: { authorization },
      });
      expect([authorization, response.status]).toEqual([authorization, 401]);
      expect(await response.text()).not.toContain('eyJhbGci');
    }
  });

  it('needs a subject, a known role and an end', async () => {
    const sign = (claims: object, end = true) => {
      const token = new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' });
      return (end ? token.setExpirationTime('3650d') : token).sign(
        new TextEncoder().encode(SECRET),
      );
    };
    const tokens = [
      await sign({ sub: 'root', role: 'admin' }, false),
      await sign({ role: 'admin' }),
      await sign({ sub: 'root' }),
      await sign({ sub: 'root', role: 'owner' }),
      await sign({ sub: 5, role: 'admin' }),
    ];
    for (const token of tokens) {
      const response = await fetch(`${world.service.url}/campaigns`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(response.status).toBe(401);
    }
  });
});

describe('tokens of an identity provider', () => {
  it('are checked by its public keys, for us alone, and cannot be forged with them', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const stranger = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    let answer = { status: 500, body: 'down' };
    const provider = createServer((_, response) =>
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body),
    );
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`;
    const world = await startApiWorld({
      keys: { jwksUrl, issuer: 'https://id.example', audience: 'cliptally', toleranceS: 60 },
    });
    try {
      const sign = (
        more: {
          key?: typeof privateKey;
          issuer?: string;
          audience?: string;
          end?: Date | string;
        } = {},
      ) =>
        new SignJWT({ role: 'admin' })
          .setProtectedHeader({ alg: 'ES256', kid: 'one' })
          .setSubject('root')
          .setIssuer(more.issuer ?? 'https://id.example')
          .setAudience(more.audience ?? 'cliptally')
          .setExpirationTime(more.end ?? '3650d')
          .sign(more.key ?? privateKey);
      const ask = async (token: string) =>
        (
          await fetch(`${world.service.url}/campaigns`, {
            headers: { authorization: `Bearer ${token}` },
          })
        ).status;
      // While the keys cannot be had, nobody is let in, and no answer says that a token is bad.
      expect(await ask(await sign())).toBe(503);
      answer = { status: 200, body: JSON.stringify({ keys: [jwk] }) };
      expect(await ask(await sign())).toBe(200);
      expect(await ask(await sign({ key: stranger.privateKey }))).toBe(401);
      expect(await ask(await sign({ issuer: 'https://else.example' }))).toBe(401);
      expect(await ask(await sign({ audience: 'another' }))).toBe(401);
      const now = Math.floor(world.clock.now().getTime() / 1_000);
      expect(await ask(await sign({ end: new Date((now - 30) * 1_000) }))).toBe(200);
      expect(await ask(await sign({ end: new Date((now - 90) * 1_000) }))).toBe(401);
      // The public key, known to all, taken for a shared secret.
      const forged = new SignJWT({ role: 'admin' })
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .setSubject('root')
        .setExpirationTime('3650d');
      expect(await ask(await forged.sign(new TextEncoder().encode(JSON.stringify(jwk))))).toBe(401);
    } finally {
      await world.close();
      provider.close();
      provider.closeAllConnections();
    }
  });

  it('development tokens are not made in production', async () => {
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = 'production';
    try {
      await expect(
        developmentTokens('s'.repeat(32), {
          now: () => new Date(),
          sleep: async () => {},
          speed: 1,
        }),
      ).rejects.toThrow('Development tokens are not made if NODE_ENV is "production"');
    } finally {
      process.env['NODE_ENV'] = before;
    }
  });
});
