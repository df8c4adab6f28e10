import {
  ManualClock,
  newEvent,
  outcomeId,
  streams,
  type EventInput,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import { openEventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { OPEN } from '@cliptally/telemetry';
import { SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import { startPublishedWorld } from '../../../../libs/messaging/src/testing/world.js';
import type { Role } from '@cliptally/contracts/api';
import { startEarnings, type EarningsOptions } from '../service.js';
import { keysIn } from '../years/index.js';

export const SECRET = 'a secret of the tests, long enough to sign with';

/** Seals the tax profiles of the tests. */
const TAX_KEYS = keysIn(`test:${Buffer.alloc(32, 7).toString('base64')}`, 'the tests');

export interface ApiAnswer {
  status: number;
  // Tests read bodies of every kind.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
  headers: Headers;
}

export interface Sending {
  as?: [Role, string] | null;
  body?: unknown;
  key?: string;
  raw?: string;
  type?: string;
  headers?: Record<string, string>;
}

/** Seals the personal texts of the tests. */
export const PERSONAL_KEYS = keysIn(`test:${Buffer.alloc(32, 8).toString('base64')}`, 'the tests');

/** The earnings service with its API, on a clock that the test moves. */
export async function startApiWorld({
  clock = new ManualClock('2026-02-01T00:00:00Z'),
  ...more
}: Partial<EarningsOptions> & { clock?: ManualClock } = {}) {
  const world = await startPublishedWorld();
  const { database, server } = world;
  // As the service reads it: personal texts are opened.
  const store = await openEventStore({
    databaseUrl: database.url,
    personalKeys: PERSONAL_KEYS,
    connections: 2,
  });
  const start = (other: Partial<EarningsOptions> = {}) =>
    startEarnings({
      databaseUrl: database.url,
      natsUrl: server.url,
      clock,
      log: silentLog,
      port: 0,
      host: '127.0.0.1',
      keys: { secret: SECRET },
      taxKeys: TAX_KEYS,
      personalKeys: PERSONAL_KEYS,
      operators: OPEN,
      rate: { burst: 1e9, perSecond: 1e9 },
      // Every name leads to a public address, at which everything is taken.
      webhooks: {
        lookup: async () => ['93.184.216.34'],
        post: async () => ({ status: 204, retryAfter: undefined }),
        mail: null,
      },
      ...more,
      ...other,
    });
  let service = await start();
  const tokens = new Map<string, string>();

  async function tokenOf([role, subject]: [Role, string]): Promise<string> {
    const name = `${role} ${subject}`;
    const made =
      tokens.get(name) ??
      (await new SignJWT({ role })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(subject)
        .setExpirationTime('36500d')
        .sign(new TextEncoder().encode(SECRET)));
    tokens.set(name, made);
    return made;
  }

  async function send(
    method: string,
    path: string,
    {
      as = ['admin', 'root'],
      body,
      key,
      raw,
      type = 'application/json',
      headers: given = {},
    }: Sending = {},
  ): Promise<ApiAnswer> {
    const headers: Record<string, string> = { ...given };
    if (as) headers['authorization'] = `Bearer ${await tokenOf(as)}`;
    if (key) headers['idempotency-key'] = key;
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    if (content !== undefined) headers['content-type'] = type;
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers,
      ...(content === undefined ? {} : { body: content }),
    });
    // A stream has no end to wait for.
    const endless = response.headers.get('content-type') === 'text/event-stream';
    if (endless) await response.body!.cancel();
    const text = endless ? '' : await response.text();
    return {
      status: response.status,
      body: /[/+]json\b/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text,
      headers: response.headers,
    };
  }

  return {
    clock,
    natsUrl: server.url,
    database,
    tokenOf,
    store,
    get service() {
      return service;
    },
    /** Ends the service, and starts it again on the same log and tables. */
    async restart(
      meanwhile: () => Promise<void>,
      other: Partial<EarningsOptions> = {},
    ): Promise<void> {
      await service.close();
      await meanwhile();
      service = await start(other);
    },
    send,
    get: (path: string, sending?: Sending) => send('GET', path, sending),
    post: (path: string, body?: unknown, sending?: Sending) =>
      send('POST', path, { ...sending, body }),
    terms: (more: object = {}) => ({
      name: 'A campaign',
      currency: 'USD',
      budget: 1_000_000,
      ratePerThousand: { default: 100 },
      startsAt: '2026-01-01T00:00:00Z',
      reviewHours: null,
      ...more,
    }),
    /** A count of the clip, as a scraper would log it; waits until it is settled. */
    async see(clipId: string, views: number): Promise<void> {
      const event = observation(clock.now(), clipId, views);
      await store.append(streams.clip(clipId), [event], 'any');
      await service.settled(AbortSignal.timeout(120_000));
    },
    /** A scrape of the clip that failed. */
    async fail(clipId: string, requestId: string): Promise<void> {
      const platform = clipId.slice(0, clipId.indexOf('-')) as Platform;
      const scrape = { clipId, platform, requestId, runId: 'r', source: 't', costMicroUsd: 0 };
      const data = { ...scrape, reason: 'blocked' as const, retryable: true, attempts: 3 };
      const event = newEvent('ScrapeFailed', outcomeId(requestId), data, {
        time: clock.now(),
        correlationId: 't',
        causationId: 't',
      });
      await store.append(streams.clip(clipId), [event], 'any');
      await service.settled(AbortSignal.timeout(120_000));
    },
    async close() {
      await service.close();
      await store.close();
      await world.close();
    },
  };
}

/** As a scraper would log it; `more` replaces single figures. */
export function observation(
  time: Date,
  clipId: string,
  views: number,
  more: Partial<EventInput<'ViewsRecorded'>> = {},
): NewEvent {
  const requestId = randomUUID();
  const scraped = {
    clipId,
    platform: clipId.slice(0, clipId.indexOf('-')) as Platform,
    requestId,
    runId: 'r',
    source: 't',
    costMicroUsd: 0,
    metric: 'm',
    cached: false,
  };
  const data = { ...scraped, views, observedAt: time.toISOString(), ...more };
  const context = { time, correlationId: 't', causationId: 't' };
  return newEvent('ViewsRecorded', outcomeId(requestId), data, context);
}

let clips = 0;
/** The address of a clip that no test has used yet. */
export const freshUrl = (): string =>
  `https://www.youtube.com/watch?v=${String(++clips).padStart(11, 'q')}`;
