import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '@cliptally/cli';
import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { PostgresEventStore } from '@cliptally/event-store';
import { Client } from 'pg';
import type { OldSystemReport } from './import.js';

/**
 * The replaced system's tables as Prisma makes them: floats, timestamps without a zone, counters
 * that are added to.
 */
const SCHEMA = `
  create table campaigns (id text primary key, name text, "brandId" text, status text, budget double precision, spent double precision,
    cpm double precision, "startDate" timestamp(3), "endDate" timestamp(3), "createdAt" timestamp(3), "updatedAt" timestamp(3));
  create table clips (id text primary key, url text, "userId" text, views integer, earnings double precision, "createdAt" timestamp(3));
  create table clip_submissions (id text primary key, "clipId" text, "campaignId" text, "userId" text, status text, "initialViews" integer,
    "reviewedAt" timestamp(3), "createdAt" timestamp(3), "updatedAt" timestamp(3));
  create table view_tracking (id text primary key, "clipId" text, views integer, "createdAt" timestamp(3));
  create table payout_requests (id text primary key, "userId" text, amount double precision, status text, "transactionId" text,
    "createdAt" timestamp(3), "updatedAt" timestamp(3));`;

/** IMPORT_CLIPS=20000 measures what a whole old system takes. */
const MANY = Number(process.env['IMPORT_CLIPS'] ?? 1_000);

const url = (name: string) => `https://www.youtube.com/watch?v=${name.padEnd(11, '_')}`;

describe('import of the replaced system', () => {
  let old: TestDatabase;
  let log: TestDatabase;
  let db: Client;
  beforeAll(async () => {
    [old, log] = await Promise.all([testDatabase(), testDatabase()]);
    db = new Client({ connectionString: old.url });
    await db.connect();
    await db.query(SCHEMA);
  });
  afterAll(async () => {
    await db.end();
    await Promise.all([old.drop(), log.drop()]);
  });

  async function run(...args: string[]) {
    let [out, err] = ['', ''];
    const status = await runCli(['import', '--from', old.url, ...args], {
      env: { DATABASE_URL: log.url },
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      live: false,
      signal: new AbortController().signal,
    });
    return { status, out, err };
  }
  async function report(...args: string[]): Promise<OldSystemReport> {
    const { status, out, err } = await run('--json', ...args);
    if (status !== 0) throw new Error(err);
    return JSON.parse(out) as OldSystemReport;
  }

  it('brings everything in once, with its own times, and explains each difference', async () => {
    await db.query(`
      insert into campaigns values
        ('spring', 'Spring', 'acme', 'ACTIVE', 100.00, 131.07, 2.0, '2026-01-01', null, '2026-01-01', '2026-03-01'),
        ('small', 'Small', 'acme', 'COMPLETED', 10.00, 14.50, 1.0, '2026-01-01', null, '2026-01-01', '2026-03-01'),
        ('idea', 'Idea', 'acme', 'DRAFT', 10.00, 0, 1.0, '2026-01-01', null, '2026-01-01', '2026-01-01')`);
    const clip = (id: string, address: string, views: number, earnings: number, user = 'ann') =>
      db.query(`insert into clips values ($1, $2, $3, $4, $5, '2026-01-02')`, [
        id,
        address,
        user,
        views,
        earnings,
      ]);
    const submit = (id: string, campaign: string, { status = 'APPROVED', initial = null as number | null, user = 'ann' } = {}) =>
      db.query(`insert into clip_submissions values ($1, $2, $3, $4, $5, $6, '2026-01-02T10:00', '2026-01-02T09:00', '2026-02-01')`, [
        `s-${id}-${campaign}`, id, campaign, user, status, initial,
      ]); // prettier-ignore
    const track = (clipId: string, views: number | null, at: string) =>
      db.query('insert into view_tracking values ($1, $2, $3, $4)', [
        `${clipId} ${at}`,
        clipId,
        views,
        at,
      ]);
    // Right to the cent.
    await clip('good', url('good'), 11_000, 20);
    await submit('good', 'spring', { initial: 1_000 });
    await track('good', 5_000, '2026-01-03T10:00');
    await track('good', 0, '2026-01-04T10:00');
    await track('good', 11_000, '2026-01-05');
    // The same video under another address, paid a second time.
    await clip('again', 'https://youtu.be/good_______', 11_000, 20, 'bob');
    await db.query(`update clips set "createdAt" = '2026-01-04' where id = 'again'`);
    await submit('again', 'spring', { user: 'bob' });
    await track('again', 11_000, '2026-01-05T10:00');
    // A job wrote the present count over the baseline: the creator earned nothing.
    await clip('robbed', url('robbed'), 9_000, 0);
    await submit('robbed', 'spring', { initial: 9_000 });
    await track('robbed', 1_000, '2026-01-03T10:00');
    await track('robbed', 9_000, '2026-01-06T10:00');
    // Rejected, and paid all the same; no clip; a status of its own for each row that cannot come
    // in.
    await clip('refused', url('refused'), 5_000, 10);
    await submit('refused', 'spring', { status: 'REJECTED' });
    await clip('page', 'https://www.youtube.com/@ann', 100, 0.2);
    await submit('page', 'spring');
    await clip('early', url('early'), 0, 0);
    await submit('early', 'idea');
    // Overspent under a race: two clips of a campaign that had 10 dollars.
    for (const id of ['race1', 'race2']) {
      await clip(id, url(id), 9_000, 7.25, 'bob');
      await submit(id, 'small', { user: 'bob', initial: 1_000 });
      await track(id, 9_000, '2026-01-10T10:00');
    }
    await db.query(`
      insert into payout_requests values
        ('p1', 'ann', 20.004, 'PAID', 'tx 1', '2026-02-01', '2026-02-03'),
        ('p2', 'bob', 30, 'COMPLETED', null, '2026-02-01', '2026-02-03'),
        ('p3', 'ann', 5, 'REJECTED', null, '2026-02-05', '2026-02-06'),
        ('p4', 'ann', 5, 'LOST', null, '2026-02-05', '2026-02-06')`);

    const dry = await report('--dry-run');
    const first = await report();
    expect(dry.added).toBe(0);
    expect(first.reconciliation).toEqual(dry.reconciliation);
    expect(first.added).toBeGreaterThan(20);
    expect(first.notes).toEqual({ zeroCounts: 1, daysOnly: 1, roundedAmounts: 1 });
    expect(first.leftOut.map(({ table, id }) => `${table} ${id}`).toSorted()).toEqual([
      'campaigns idea', 'clip_submissions s-again-spring', 'clip_submissions s-early-idea', 'clips page', 'payout_requests p4',
    ]); // prettier-ignore
    const { campaigns, clips, reasons, overpaid } = first.reconciliation;
    expect(campaigns).toEqual([
      {
        campaignId: 'small',
        budget: 1_000,
        oldSpent: 1_450,
        oldClips: 1_450,
        rules: 1_000,
        unpaid: 600,
      },
      {
        campaignId: 'spring',
        budget: 10_000,
        oldSpent: 13_107,
        oldClips: 5_020,
        rules: 3_600,
        unpaid: 0,
      },
    ]);
    expect(
      Object.fromEntries(
        clips.map(({ id, reason, old: counter, rules }) => [id, [reason, counter, rules]]),
      ),
    ).toEqual({
      again: ['duplicate', 2_000, 0],
      robbed: ['baseline', 0, 1_600],
      refused: ['not_approved', 1_000, 0],
      page: ['not_imported', 20, 0],
      race1: ['budget_spent', 725, 500],
      race2: ['budget_spent', 725, 500],
    });
    // What the counters of the clips said, and the differences with their reasons, come to what the
    // rules give.
    const differences = Object.values(reasons).reduce((sum, { amount }) => sum + amount, 0);
    expect(5_020 + 1_450 + differences).toBe(3_600 + 1_000);
    expect(overpaid).toEqual([{ creatorId: 'bob', oldPaid: 3_000, rules: 1_000 }]);

    const store = new PostgresEventStore({ url: log.url });
    try {
      const stream = await Array.fromAsync(store.readStream('clip-youtube-good_______'));
      expect(stream.map(({ type, time }) => [type, time])).toEqual([
        ['ClipSubmitted', '2026-01-02T09:00:00.000Z'],
        ['ClipApproved', '2026-01-02T10:00:00.000Z'],
        ['ViewsRecorded', '2026-01-02T10:00:00.000Z'],
        ['ViewsRecorded', '2026-01-03T10:00:00.000Z'],
        ['ViewsRecorded', '2026-01-05T10:00:00.000Z'],
        ['ViewsRecorded', '2026-01-05T23:59:59.999Z'],
      ]);
      const head = await store.head();
      const second = await report();
      expect([second.added, second.alreadyThere, await store.head()]).toEqual([
        0,
        first.added,
        head,
      ]);
      expect(second.reconciliation).toEqual(first.reconciliation);
    } finally {
      await store.close();
    }
    const { out } = await run('--dry-run');
    expect(out).toContain('spent past its budget');
    expect(out).toContain('the same video was submitted twice, and paid twice');
    expect(out).toContain('Nothing was written (--dry-run).');
  });

  it(`${MANY} clips at once`, async () => {
    await db.query(`
      insert into campaigns values ('large', 'Large', 'acme', 'ACTIVE', 1000000, 0, 1.0, '2026-01-01', null, '2026-01-01', '2026-03-01');
      insert into clips select 'l' || n, 'https://www.youtube.com/watch?v=' || lpad(n::text, 11, 'L'), 'c' || n % 500, 3000, 3, '2026-01-02' from generate_series(1, ${MANY}) n;
      insert into clip_submissions select 'ls' || n, 'l' || n, 'large', 'c' || n % 500, 'APPROVED', 0, null, '2026-01-02', '2026-01-02' from generate_series(1, ${MANY}) n;
      insert into view_tracking select 'lt' || n || '-' || k, 'l' || n, k * 1000, timestamp '2026-01-03T01:00' + make_interval(days => k)
        from generate_series(1, ${MANY}) n, generate_series(1, 3) k`);
    const { added, durationMs, reconciliation } = await report();
    process.stdout.write(
      `${MANY} clips (${added} events) imported in ${(durationMs / 1000).toFixed(1)} s\n`,
    );
    expect(added).toBe(1 + MANY * 5);
    expect(reconciliation.campaigns.find(({ campaignId }) => campaignId === 'large')).toMatchObject(
      {
        oldClips: MANY * 300,
        rules: MANY * 200,
      },
    );
  });

  it('names every column that is missing, and reads one that has another name', async () => {
    await db.query(
      'alter table campaigns rename cpm to "payoutRate"; alter table clips drop column earnings',
    );
    const { status, err } = await run();
    expect(status).toBe(2);
    expect(err).toContain('The old database has no campaigns.cpm, clips.earnings.');
    await db.query('alter table clips add column earned double precision default 0');
    expect(
      (
        await run(
          '--dry-run',
          '--column',
          'campaigns.cpm=payoutRate',
          '--column',
          'clips.earnings=earned',
        )
      ).status,
    ).toBe(0);
  });

  it('says that the old database is not there', async () => {
    let err = '';
    const status = await runCli(['import', '--from', 'postgres://nobody@127.0.0.1:1/none'], {
      env: { DATABASE_URL: log.url },
      out: () => {},
      err: (text) => void (err += text),
      live: false,
      signal: new AbortController().signal,
    });
    expect([status, err]).toEqual([4, expect.stringContaining('The old database cannot be read')]);
  });
});
