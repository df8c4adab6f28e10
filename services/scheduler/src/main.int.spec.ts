import { newEvent, streams, type EventData } from '@cliptally/contracts';
import { testDatabase } from '@cliptally/dev/servers';
import { PostgresEventStore } from '@cliptally/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The one-shot process as a CronJob starts it. */
describe('the scheduler as a process', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let store: PostgresEventStore;
  beforeAll(async () => {
    database = await testDatabase();
    await PostgresEventStore.migrate(database.url);
    store = new PostgresEventStore({ url: database.url });
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  const start = async (args: string[], environment: Record<string, string> = {}) => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      DATABASE_URL: database.url,
      LOG_LEVEL: 'silent',
      ...environment,
    };
    const child = spawn(process.execPath, [MAIN, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [status, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { status, out, err };
  };
  const eventsOf = async (runId: string) =>
    (await Array.fromAsync(store.readStream(streams.trackingRun(runId)))).map(({ type, data }) => ({
      type,
      data,
    }));

  it('ends with 0 when a slot was run, and when it had been; a tracking run without clips leaves its start', async () => {
    const first = await start(['run', '--slot', '2026-11-23T12:00Z']);
    expect(first).toMatchObject({ status: 0, err: '' });
    expect(await start(['run', '--slot', '2026-11-23T12:00:30Z'])).toMatchObject({
      status: 0,
      err: '',
    });
    const events = await eventsOf('2026-11-23T12:00Z');
    expect(events.map(({ type }) => type)).toEqual(['TrackingRunStarted']);
    expect(events[0]!.data).toMatchObject({
      slot: '2026-11-23T12:00:00.000Z',
      requested: 0,
      candidates: 0,
    });
  });

  it('makes one run of a slot that two processes fire at once', async () => {
    const ended = await Promise.all(
      [1, 2].map(() => start(['run', '--slot', '2026-11-23T13:00Z'])),
    );
    expect(ended.map(({ status }) => status)).toEqual([0, 0]);
    expect((await eventsOf('2026-11-23T13:00Z')).map(({ type }) => type)).toEqual([
      'TrackingRunStarted',
    ]);
  });

  it("takes its slot from the name of a CronJob's Job, also at a second try", async () => {
    const minutes = Date.parse('2026-11-23T14:00Z') / 60_000;
    const tries = await Promise.all(
      [1, 2].map(() => start(['run'], { JOB_NAME: `scheduler-${minutes}` })),
    );
    expect(tries.map(({ status }) => status)).toEqual([0, 0]);
    expect(await eventsOf('2026-11-23T14:00Z')).toHaveLength(1);
  });

  it('ends with 64 on wrong words and with 78 on a faulty configuration, which no CronJob should try again', async () => {
    const [slot, nothing, option, job, money, weight, unknown] = await Promise.all([
      start(['run', '--slot', '5']),
      start([]),
      start(['run', '--fast']),
      start(['run'], { JOB_NAME: 'by-hand' }),
      start(['run'], { MONTHLY_BUDGET_USD: 'much' }),
      start(['run'], { CURRENCY_WEIGHTS: 'KRW=0' }),
      start(['run'], { CURRENCY_WEIGHTS: 'XXX=1' }),
    ]);
    expect(slot).toMatchObject({
      status: 64,
      err: '--slot must be a minute in UTC such as 2026-11-23T12:00Z, but it is "5".\n',
    });
    expect([nothing!.status, option!.status, job!.status, money!.status]).toEqual([64, 64, 78, 78]);
    for (const { status, err } of [weight!, unknown!])
      expect([status, err]).toEqual([78, expect.stringContaining('CURRENCY_WEIGHTS: must be')]);
    expect(job!.err).toContain('JOB_NAME: must end in the minutes since 1970 of its slot');
    expect(money!.err).toContain('MONTHLY_BUDGET_USD');
    for (const { err } of [slot!, option!, job!, money!]) expect(err).not.toMatch(/^\s+at /m);
  });

  it('ends with 1 on a fault that may pass', async () => {
    const gone = new URL(database.url);
    gone.port = '1';
    const { status, err } = await start(['run', '--slot', '2026-11-23T15:00Z'], {
      DATABASE_URL: gone.href,
    });
    expect(status).toBe(1);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('prints the report of a dry run, and changes nothing', async () => {
    const day = { time: new Date('2026-11-20T00:00:00Z'), correlationId: 't', causationId: 't' };
    const terms: EventData<'CampaignLaunched'>['terms'] = {
      currency: 'USD', budget: 100_000, ratePerThousand: { default: 100 }, minViews: 0, maxPayoutPerClip: null, countFrom: 'zero', trackingDays: 3650,
      startsAt: '2026-01-01T00:00:00Z', endsAt: null, exclusive: true, validationDays: 3, minPayout: 0,
    }; // prettier-ignore
    const campaign = { campaignId: 'one', brandId: 'b', name: 'one', terms };
    const clip = { clipId: 'youtube-AAAAAAAAAAA', platform: 'youtube' as const, campaignId: 'one' };
    const url = 'https://www.youtube.com/watch?v=AAAAAAAAAAA';
    const submitted = { ...clip, videoId: 'AAAAAAAAAAA', url, submittedUrl: url, creatorId: 'c' };
    const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
    await store.append(
      streams.campaign('one'),
      [newEvent('CampaignLaunched', id(1), campaign, day)],
      'none',
    );
    await store.append(streams.clip(clip.clipId), [newEvent('ClipSubmitted', id(2), submitted, day), newEvent('ClipApproved', id(3), { ...clip, by: 't' }, day)], 'none'); // prettier-ignore
    const { status, out, err } = await start(['run', '--slot', '2026-11-23T16:00Z', '--dry-run']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const [header, row, total] = out.split('\n').map((line) => line.split(/ {2,}/));
    expect(header).toEqual([
      'clip',
      'last observed',
      'views an hour',
      'unrecorded',
      'score',
      'cost',
      'why',
      'per 1,000',
      'hours',
      'factor',
      'can still earn',
    ]);
    expect([row![0], row![1], row![2], row![5], row![6]]).toEqual([
      clip.clipId,
      'never',
      'unknown',
      '$0.0040',
      'age',
    ]);
    expect(total).toEqual(['1 of 1 clips, about $0.00']);
    expect(await eventsOf('2026-11-23T16:00Z')).toEqual([]);
  });
});
