import { newEvent, streams, type NewEvent } from '@cliptally/contracts';
import {
  Projector,
  added,
  rebuildProjection,
  silentLog,
  upsert,
  type Projection,
} from '@cliptally/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startPublishedWorld } from '../../../libs/messaging/src/testing/world.js';

/** How many clips each campaign has approved. */
const approvals: Projection = {
  name: 'approvals',
  version: 1,
  types: ['ClipApproved'],
  tables: 'create table approved (campaign_id text primary key, clips bigint not null)',
  fold() {
    const clips = new Map<string, number>();
    return {
      // Only additions: nothing that is in the table already has to be read.
      load: async () => {},
      take(event) {
        if (event.type !== 'ClipApproved') return;
        const { campaignId } = event.data;
        clips.set(campaignId, (clips.get(campaignId) ?? 0) + 1);
      },
      get size() {
        return clips.size;
      },
      async save(db) {
        const rows = Array.from(clips, ([campaign_id, count]) => ({ campaign_id, clips: count }));
        await upsert(db, 'approved', ['campaign_id'], rows, added);
      },
    };
  },
};

const at = { time: '2026-01-01T00:00:00.000Z', correlationId: 'c', causationId: 'c' };
const approved = (clipId: string, campaignId: string): NewEvent =>
  newEvent(
    'ClipApproved',
    randomUUID(),
    { clipId, platform: 'youtube', campaignId, by: 'test' },
    at,
  );

describe('the recipe of a projection', () => {
  let world: Awaited<ReturnType<typeof startPublishedWorld>>;
  const projectors: Projector[] = [];
  beforeAll(async () => {
    world = await startPublishedWorld();
  });
  afterAll(async () => {
    await Promise.all(projectors.map((projector) => projector.stop()));
    await world.close();
  });

  let clips = 0;
  async function approve(campaignId: string, count: number): Promise<number> {
    let last = 0;
    for (let i = 0; i < count; i++) {
      const clipId = `youtube-${String(++clips).padStart(11, 'r')}`;
      ({ position: last } = await world.store.append(
        streams.clip(clipId),
        [approved(clipId, campaignId)],
        'none',
      ));
    }
    return last;
  }
  function start(): Projector {
    const projector = new Projector({
      ...world,
      url: world.database.url,
      projection: approvals,
      log: silentLog,
    });
    projectors.push(projector);
    projector.start();
    return projector;
  }
  const table = async () =>
    (await world.pool.query('select campaign_id, clips::int from approvals.approved order by 1'))
      .rows;

  it('counts each event once, also when another process goes on', async () => {
    await approve('a', 3);
    const first = start();
    expect(await first.waitFor(await approve('b', 2), 120_000)).toBe(true);
    expect(await table()).toEqual([
      { campaign_id: 'a', clips: 3 },
      { campaign_id: 'b', clips: 2 },
    ]);
    await first.stop();
    const position = await approve('a', 1);
    expect(await start().waitFor(position, 120_000)).toBe(true);
    expect(await table()).toEqual([
      { campaign_id: 'a', clips: 4 },
      { campaign_id: 'b', clips: 2 },
    ]);
  });

  it('is equal to one that is built anew from the log', async () => {
    const { events, differences } = await rebuildProjection(approvals, world.pool, world.store);
    expect({ events, differences }).toEqual({ events: 6, differences: {} });
  });

  it('shows a row that did not follow from the log', async () => {
    await world.pool.query(`update approvals.approved set clips = 9 where campaign_id = 'a'`);
    const { differences } = await rebuildProjection(approvals, world.pool, world.store);
    expect(differences).toEqual({ approved: 2 });
  });
});
