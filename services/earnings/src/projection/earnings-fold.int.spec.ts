import { derivedId, newEvent, type AnyEvent } from '@cliptally/contracts';
import { testDatabase } from '@cliptally/dev/servers';
import { openPool } from '@cliptally/event-store';
import {
  NO_SKIPS,
  advance,
  compare,
  inTransaction,
  prepareProjection,
  takeAll,
} from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import {
  accepted,
  approved,
  CAMPAIGN,
  fact,
  held,
  launched,
  observed,
  on,
  rejected,
  released,
  retired,
  submitted,
} from '../domain/testing/facts.js';
import { earningsProjection } from './earnings-projection.js';

const CLIP = 'tiktok-1';
const requested = (n: number) => ({
  stream: 'tracking-run-a',
  ...fact('ClipTrackingRequested', { requestId: derivedId('r', n), runId: 'a', clipId: CLIP, platform: 'tiktok', url: 'https://example.com/', score: 1, campaignIds: [CAMPAIGN] }, on(2)), // prettier-ignore
});
const failed = (n: number, time: string) =>
  fact('ScrapeFailed', { clipId: CLIP, platform: 'tiktok', requestId: derivedId('r', n), runId: 'a', reason: 'source_timeout', retryable: true, attempts: 3, source: 's', costMicroUsd: 0 }, time); // prettier-ignore

/**
 * A clip that is rejected and submitted again, observed often, fails, earns, is held and goes; and
 * another that only waits.
 */
const HISTORY = [
  launched(),
  submitted(CLIP),
  rejected(CLIP),
  submitted(CLIP, { creatorId: 'bea', time: on(1, 1) }),
  submitted('tiktok-2'),
  requested(1),
  requested(2),
  requested(3),
  requested(5),
  approved(CLIP, on(1, 2)),
  failed(1, on(2)),
  failed(2, on(2, 1)),
  ...Array.from({ length: 70 }, (_, n) => observed(CLIP, n < 60 ? 1_000 * n : 59_000, on(2, 2, n))),
  fact('EarningsAccrued', { campaignId: CAMPAIGN, currency: 'USD', total: 100, lines: [{ clipId: CLIP, creatorId: 'bea', fromViews: 0, toViews: 1_000, amount: 100, due: 100, observation: derivedId('o') }] }, on(4)), // prettier-ignore
  held(CLIP, on(5)),
  failed(3, on(5)),
  observed(CLIP, 61_000, on(6)),
  released(CLIP, on(7)),
  failed(4, on(8)),
  ...accepted('tiktok-3', { creatorId: 'cid' }),
  retired(CLIP, on(9)),
];

/** As the log would give them. */
function logged(): AnyEvent[] {
  const revisions = new Map<string, number>();
  return HISTORY.map((each, i) => {
    const { data, type, time, id } = each as unknown as AnyEvent;
    const stream =
      'stream' in each
        ? each.stream
        : 'clipId' in data
          ? `clip-${data.clipId}`
          : `campaign-${CAMPAIGN}`;
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const event = newEvent(type, id, data as never, {
      time,
      correlationId: `c${i}`,
      causationId: 'test',
    });
    return { ...event, stream, revision, position: i + 1 } as AnyEvent;
  });
}

describe('the earnings tables', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase();
    pool = openPool(database.url, 'test', 1);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  const named = async (name: string) => {
    const projection = { ...earningsProjection, name };
    await prepareProjection(projection, pool, { kind: 'postgres' });
    return projection;
  };

  it('are the same row for row, whether events are saved one by one or folded in pieces and saved at once', async () => {
    const events = logged();
    const live = await named('live');
    for (const [i, event] of events.entries())
      await advance(live, pool, [event], i, i + 1, NO_SKIPS);
    for (const piece of [1, 7, events.length]) {
      const copy = await named(`copy_${piece}`);
      await inTransaction(pool, copy.name, async (db) => {
        const fold = copy.fold();
        for (let at = 0; at < events.length; at += piece)
          await takeAll(fold, events.slice(at, at + piece), db, NO_SKIPS);
        expect(fold.size).toBeGreaterThan(0);
        await fold.save(db);
        expect(await compare(db, live.name, copy.name)).toEqual({ differences: {}, reshaped: [] });
      });
    }
    const { rows } = await pool.query(
      'select (select count(*)::int from live.entries) as entries, (select count(*)::int from live.outstanding_scrapes) as open',
    );
    expect(rows).toEqual([{ entries: 3, open: 1 }]);
  });
});
