import { ServiceProcess } from '../service-process.js';
import { firstOf, type Attack } from './attack.js';
import type { Target } from './target.js';

const PAGES = ['/', '/status', '/metrics', '/events', '/config.json'];
const GOOD = 'x'.repeat(40);

/** Whether earnings ends at once with what is wrong, in production. */
async function ends(
  { servers }: Target,
  environment: Record<string, string>,
  named: RegExp,
): Promise<string | null> {
  const one = new ServiceProcess('earnings', {
    DATABASE_URL: servers.databaseUrl('earnings'),
    NATS_URL: servers.natsUrl('earnings'),
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    TAX_PROFILE_KEYS: `k:${Buffer.alloc(32, 1).toString('base64')}`,
    ...environment,
  });
  one.start();
  const ended = await Promise.race([
    new Promise<boolean>((resolve) => {
      const timer = setInterval(() => {
        if (one.alive) return;
        clearInterval(timer);
        resolve(true);
      }, 50);
    }),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 60_000)),
  ]);
  if (!ended) {
    await one.end('SIGKILL');
    return `it has started with ${JSON.stringify(environment)}`;
  }
  return named.test(one.output) ? null : `it has ended without a word of it: ${one.output.slice(-200)}`;
} // prettier-ignore

export const PAGES_AND_STARTS: Attack[] = [
  {
    who: 'stranger',
    promise: 'own-pages',
    name: "reads the operators' page, /status, the live stream and /metrics without a token",
    async try({ monitor, earnings, ask }) {
      const asked = [...PAGES.slice(1, 4).map((path) => [monitor.url, path]), [earnings.url, '/metrics']] as const;
      return firstOf(asked, async ([url, path]) => {
        const { status } = await ask(path, { as: null }, url);
        return status === 401 || status === 403 || status === 404 ? null : `${path} is answered with ${status}`;
      });
    },
  },
  {
    who: 'stranger',
    promise: 'own-pages',
    name: 'has a browser ask them under a name of its own (DNS rebinding)',
    async try({ monitor, bytes }) {
      return firstOf(['/status', '/metrics', '/'], async (path) => {
        const answer = await bytes(`GET ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`, monitor.port);
        return /^HTTP\/1.1 2/.test(answer) ? `${path} is answered for evil.example` : null;
      });
    },
  },
  {
    who: 'stranger',
    promise: 'sound-start',
    name: 'finds a production with the secret of the example, keys over http or for anybody, a foreign clock, Stripe over http, a database or NATS in plain text',
    whole: true,
    try: (target) =>
      firstOf(
        [
          [{ JWT_SECRET: 'for-a-try-replace-me-with-32-characters-or-more' }, /JWT_SECRET/],
          [{ JWKS_URL: 'http://id.example/keys', JWT_ISSUER: 'x', JWT_AUDIENCE: 'y' }, /JWKS_URL/],
          [{ JWKS_URL: 'https://id.example/keys', JWT_AUDIENCE: 'y' }, /JWT_ISSUER/],
          [{ JWKS_URL: 'https://id.example/keys', JWT_ISSUER: 'x' }, /JWT_AUDIENCE/],
          [{ JWT_SECRET: GOOD, CLOCK: '2020-01-01T00:00:00Z@60' }, /CLOCK/],
          [{ JWT_SECRET: GOOD, STRIPE_SECRET_KEY: 'sk_live_xxxxxxxx', STRIPE_WEBHOOK_SECRET: 'whsec_xxxxxxxx', STRIPE_BASE_URL: 'http://stripe.example' }, /STRIPE_BASE_URL/],
          [{ JWT_SECRET: GOOD, DATABASE_URL: 'postgres://earnings:x@db.example/d?sslmode=require' }, /DATABASE_URL would send passwords/],
          [{ JWT_SECRET: GOOD, NATS_URL: 'nats://earnings:x@nats.example' }, /NATS_URL would send passwords/],
        ] as [Record<string, string>, RegExp][],
        ([environment, named]) => ends(target, environment, named),
      ),
  },
]; // prettier-ignore
