import { streams, type EventInput } from '@cliptally/contracts';
import { silentLog } from '@cliptally/messaging';
import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import { startEarnings } from '../service.js';
import {
  freshUrl,
  observation,
  PERSONAL_KEYS,
  SECRET,
  startApiWorld,
  type ApiAnswer,
} from './api-world.js';
import { Prefixes, type Fault } from './prefixes.js';

export const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 40);
export const rounds = Array.from({ length: ROUNDS }, (_, round) => round);

/** A creator with an approved clip in a campaign, and the id of the payout it asks for. */
export interface Part {
  creatorId: string;
  clipId: string;
  campaignId: string;
  payoutId: string;
}

type Figures = Partial<EventInput<'ViewsRecorded'>>;

/**
 * Many creators whose money is decided on at once, each by its own id, so that nothing is started
 * anew between rounds.
 */
export async function startRaceWorld() {
  const world = await startApiWorld();
  const { store, clock, post, database } = world;
  let began = 0;

  const settled = () => world.service.settled(AbortSignal.timeout(60_000));
  const log = () => Array.fromAsync(store.readAll(0));

  async function launched(more: object): Promise<string> {
    const { status, body } = await post(
      '/campaigns',
      world.terms({ validationDays: 0, anomalyThreshold: null, ...more }),
    );
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body.campaignId;
  }

  /**
   * Creators of these names with an approved clip each; all in one campaign, or each in one of its
   * own.
   */
  async function cast(
    names: readonly string[],
    more: object = {},
    { apart = false } = {},
  ): Promise<Part[]> {
    const own = apart ? await Promise.all(names.map(() => launched(more))) : [];
    const shared = apart ? '' : await launched(more);
    const clips = names.map((creatorId, i) => ({
      url: freshUrl(),
      campaignId: own[i] ?? shared,
      creatorId,
    }));
    const { status, body } = await post('/clips/batch', { clips, approve: true });
    if (status !== 200) throw new Error(JSON.stringify(body));
    clock.advance(1_000);
    return clips.map(({ creatorId, campaignId }, i) => ({
      creatorId,
      campaignId,
      clipId: body.clips[i].clipId,
      payoutId: `pay-${creatorId}`,
    }));
  }

  /** One observation of each of these clips, in one append, as scrapers record them. */
  const observeAll = (seen: readonly { clipId: string; views: number }[]) =>
    store.appendMany(
      seen.map(({ clipId, views }) => ({
        stream: streams.clip(clipId),
        events: [observation(clock.now(), clipId, views)],
        expected: 'any' as const,
      })),
    );

  async function replicaOn(databaseUrl: string) {
    const service = await startEarnings({
      databaseUrl,
      natsUrl: world.natsUrl,
      clock,
      log: silentLog,
      port: 0,
      host: '127.0.0.1',
      keys: { secret: SECRET },
      personalKeys: PERSONAL_KEYS,
      rate: { burst: 1e9, perSecond: 1e9 },
    });
    const authorization = `Bearer ${await world.tokenOf(['admin', 'root'])}`;
    return {
      service,
      async post(path: string, body: object = {}): Promise<ApiAnswer> {
        const response = await fetch(`${service.url}${path}`, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        const { status, headers } = response;
        return { status, headers, body: await response.json() };
      },
      close: () => service.close(),
    };
  }

  return {
    ...world,
    settled,
    log,
    cast,
    observeAll,
    observe: (clipId: string, views: number, more?: Figures) =>
      store.append(streams.clip(clipId), [observation(clock.now(), clipId, views, more)], 'any'),
    /** From here on faults count. */
    async begin(): Promise<void> {
      began = await store.head();
    },
    logSince: () => Array.fromAsync(store.readAll(began)),
    /** Where the log breaks this invariant since the test began. */
    async faults(kind: Fault): Promise<string[]> {
      const found = new Prefixes(await log()).faults.filter(
        ({ fault, position }) => fault === kind && position > began,
      );
      return found.map(({ position, what }) => `${position}: ${what}`);
    },
    /**
     * As {@link cast}; each has earned 50.00 in a campaign of its own, and can have all of it paid.
     */
    async earners(prefix: string, count = ROUNDS): Promise<Part[]> {
      const parts = await cast(
        Array.from({ length: count }, (_, i) => `${prefix}-${i}`),
        {},
        { apart: true },
      );
      await observeAll(parts.map(({ clipId }) => ({ clipId, views: 50_000 })));
      await settled();
      return parts;
    },
    request: ({ creatorId, payoutId }: Part, amount = 5_000) =>
      post('/payouts', { payoutId, creatorId, currency: 'USD', amount }),
    approve: ({ payoutId }: Part) => post(`/payouts/${payoutId}/approve`),
    pay: ({ payoutId }: Part) =>
      post(`/payouts/${payoutId}/paid`, { externalReference: `bank ${payoutId}` }),
    reverse: ({ clipId, campaignId }: Part) =>
      post(`/clips/${clipId}/reverse`, { campaignId, amount: 'all', reason: 'bots' }),
    hold: ({ clipId, campaignId }: Part) =>
      post(`/clips/${clipId}/hold`, { campaignId, reason: 'who is this' }),
    /**
     * Keeps the service's tables as they are: nothing is applied until `work` is over, whatever the
     * log says.
     */
    async behindTheLog<T>(work: () => Promise<T>): Promise<T> {
      const db = new Client({ connectionString: database.url });
      await db.connect();
      try {
        await db.query('begin; select from earnings.checkpoint for update');
        return await work();
      } finally {
        await db.end();
      }
    },
    /** A second process of the service on the same log; requests to it are those of an admin. */
    second: () => replicaOn(database.url),
    /**
     * A second replica whose PostgreSQL gives it this many connections once it has started, though
     * its pools would take more.
     */
    async starved(connections: number) {
      const role = `starved_${randomBytes(6).toString('hex')}`;
      const admin = new Client({ connectionString: database.url });
      await admin.connect();
      const url = new URL(database.url);
      await admin.query(
        `create role ${role} login password 'starved' in role ${escapeIdentifier(decodeURIComponent(url.username))}`,
      );
      Object.assign(url, { username: role, password: 'starved' });
      const replica = await replicaOn(url.href);
      await admin.query(`alter role ${role} connection limit ${connections}`);
      return {
        post: async (path: string, body: object = {}) => (await replica.post(path, body)).status,
        async close() {
          await replica.close();
          await admin.query(`drop role ${role}`);
          await admin.end();
        },
      };
    },
  };
}
