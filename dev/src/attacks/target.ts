import { newEvent, systemClock, type EventInput, type EventType } from '@cliptally/contracts';
import { developmentToken, type Role } from '@cliptally/contracts/api';
import { PostgresEventStore } from '@cliptally/event-store';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '../servers/index.js';
import { ServiceProcess } from '../service-process.js';
import type { ForeignNetwork } from './foreign-network.js';

export interface Answer {
  status: number;
  // Attacks read bodies of every kind.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
  text: string;
}

export interface Ask {
  as?: readonly [Role, string] | null;
  /** In place of a token that `as` would have. */
  token?: string;
  method?: string;
  body?: unknown;
  /** In place of the body as JSON. */
  raw?: string;
  headers?: Record<string, string>;
}

export const STRIPE_SECRET = 'whsec_of_the_attacks';
export const APIFY_SECRET = 'a-shared-secret-of-the-attacks';

/** As built: a service runs from its built files, too. */
const HOOK = new URL('../../dist/attacks/foreign-network.js', import.meta.url).href;

export type Standing = 'relay' | 'scraper' | 'earnings' | 'monitor';

/** PostgreSQL with the log's tables, and NATS; by service, as the user of that service. */
export interface Servers {
  /** Of the owner of the database. */
  ownerUrl: string;
  databaseUrl: (service: Standing) => string;
  natsUrl: (service: Standing) => string;
  stop: () => Promise<void>;
}

/** The services that attacks are tried on, each a process of its own. */
export type Target = Awaited<ReturnType<typeof startTarget>>;

export async function startTarget(servers: Servers) {
  const secret = randomBytes(32).toString('hex');
  const closers: (() => Promise<unknown>)[] = [() => servers.stop()];
  const store = new PostgresEventStore({ url: servers.ownerUrl });
  closers.push(() => store.close());
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-foreign-'));
  closers.push(async () => rmSync(folder, { recursive: true }));
  const network = {
    set: (one: ForeignNetwork) => writeFileSync(join(folder, 'network'), JSON.stringify(one)),
    /** Addresses that were asked over https, and where they led. */
    asked: () => readFileSync(join(folder, 'asked'), 'utf8').split('\n').filter(Boolean),
  };
  network.set({ names: {}, sites: {} });
  writeFileSync(join(folder, 'asked'), '');
  const environment = {
    NODE_OPTIONS: `--import ${HOOK}`,
    FOREIGN_NETWORK: folder,
    PERSONAL_DATA_KEYS: `k:${Buffer.alloc(32, 7).toString('base64')}`,
    JWT_SECRET: secret,
    HOST: '127.0.0.1',
    PREFUNDING: 'on',
    MAX_PENDING_SUBMISSIONS: '20',
    STRIPE_SECRET_KEY: 'sk_test_of_the_attacks',
    STRIPE_WEBHOOK_SECRET: STRIPE_SECRET,
    // Nothing listens there, so no transfer ends.
    STRIPE_BASE_URL: 'http://127.0.0.1:9',
    APIFY_WEBHOOK_SECRET: APIFY_SECRET,
  };

  /** A further process of a service; `ready` waits until it answers. */
  async function start(service: Standing, more: Record<string, string>) {
    const port = await freePort();
    const one = new ServiceProcess(service, {
      DATABASE_URL: servers.databaseUrl(service),
      NATS_URL: servers.natsUrl(service),
      ...environment,
      // As in production: what operators read asks for a token.
      OPERATORS_ACCESS: '',
      ...more,
      PORT: String(port),
    });
    one.start();
    closers.push(() => one.end('SIGKILL'));
    const url = `http://127.0.0.1:${port}`;
    const answers = () =>
      fetch(`${url}/readyz`).then(({ status }) => status === 200 || undefined, () => undefined); // prettier-ignore
    await until(`${service} ready`, answers, { said: () => one.output });
    return { url, port, process: one, close: () => one.end('SIGKILL') };
  }
  await start('relay', {});
  const [earnings, monitor] = await Promise.all([start('earnings', {}), start('monitor', {})]);

  const tokenOf = (role: Role, subject: string): string =>
    developmentToken(secret, systemClock, { role, subject });

  async function ask(
    path: string,
    { as = ['admin', 'root'], token, method, body, raw, headers = {} }: Ask = {},
    url = earnings.url,
  ): Promise<Answer> {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const bearer = token ?? (as ? tokenOf(...as) : null);
    const response = await fetch(url + path, {
      method: method ?? (content === undefined ? 'GET' : 'POST'),
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(content !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content !== undefined && { body: content }),
      redirect: 'manual',
      signal: AbortSignal.timeout(60_000),
    });
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
      await response.body?.cancel();
      return { status: response.status, body: null, text: '' };
    }
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: isJson ? JSON.parse(text) : null, text };
  }

  /** What the server answers to bytes that no client would send. */
  const bytes = (text: string, port = earnings.port): Promise<string> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.setTimeout(15_000, () => socket.destroy());
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
      socket.on('error', () => {});
      socket.on('close', () => resolve(answer));
    });

  let clips = 0;
  return {
    earnings,
    monitor,
    secret,
    store,
    servers,
    network,
    environment,
    tokenOf,
    ask,
    bytes,
    start,
    /** Of a clip that no attack has used. */
    freshUrl: () => `https://www.youtube.com/watch?v=${String(++clips).padStart(11, 'q')}`,
    event: <T extends EventType>(type: T, data: EventInput<T>) =>
      newEvent(type, randomUUID(), data, {
        time: systemClock.now(),
        correlationId: 'attack',
        causationId: 'attack',
      }),
    /** A campaign that its brand has paid for. */
    async launch(brandId: string, more: object = {}): Promise<string> {
      const funding = { currency: 'USD', amount: 10_000_000, reference: randomUUID() };
      await ask(`/brands/${brandId}/funding`, { body: funding });
      const terms = { name: 'A campaign', currency: 'USD', budget: 100_000, ratePerThousand: { default: 100 }, startsAt: '2026-01-01T00:00:00Z', reviewHours: null, validationDays: 0, anomalyThreshold: null }; // prettier-ignore
      const { status, body, text } = await ask('/campaigns', { body: { brandId, ...terms, ...more } });
      if (status !== 201) throw new Error(`A campaign was not launched: ${text}`);
      return (body as { campaignId: string }).campaignId;
    }, // prettier-ignore
    async close() {
      for (const close of closers.toReversed()) await close();
    },
  };
}
