import { ManualClock } from '@cliptally/contracts';
import { MemoryEventStore } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { until } from '@cliptally/dev/servers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApifyAccount, type AccountSettings } from './apify-account.js';
import { startHttpApi } from './testing/http-api.js';

const MINUTE_MS = 60_000;
const MAY = { startAt: '2026-05-03T00:00:00.000Z', endAt: '2026-06-02T23:59:59.999Z' };
const JUNE = { startAt: '2026-06-03T00:00:00.000Z', endAt: '2026-07-02T23:59:59.999Z' };

describe("the account's money", () => {
  let account: { used: number; limit: number; cycle: typeof MAY; away: boolean };
  let api: Awaited<ReturnType<typeof startHttpApi>>;
  let clock: ManualClock;
  let store: MemoryEventStore;
  beforeEach(async () => {
    account = { used: 10, limit: 100, cycle: MAY, away: false };
    clock = new ManualClock('2026-05-20T00:00:00Z');
    store = new MemoryEventStore();
    api = await startHttpApi(() => {
      if (account.away)
        return { status: 400, body: { error: { type: 'bad-request', message: 'away' } } };
      const limits = { maxMonthlyUsageUsd: account.limit, maxConcurrentActorJobs: 32 };
      return {
        body: {
          data: {
            monthlyUsageCycle: account.cycle,
            limits,
            current: { monthlyUsageUsd: account.used },
          },
        },
      };
    });
  });
  afterEach(() => api.close());

  const open = (settings: Partial<AccountSettings> = {}) =>
    new ApifyAccount({
      softLimit: 0.8,
      ...settings,
      apify: { token: 't', baseUrl: api.url, clock },
      store,
      log: silentLog,
    });
  const later = async (opened: ApifyAccount, change: Partial<typeof account>) => {
    Object.assign(account, change);
    clock.advance(MINUTE_MS);
    return opened.mayPay();
  };
  const measured = async () =>
    (await Array.fromAsync(store.readAll(0))).flatMap((e) =>
      e.type === 'SourceUsageMeasured' ? [e.data] : [],
    );
  const states = async () =>
    (await measured()).map(({ state, usedMicroUsd }) => [state, usedMicroUsd / 1e6]);

  it('is open, then has passed the soft limit, and stops hard when it is used up; each is an event that tells the cycle', async () => {
    const opened = open();
    expect(await opened.mayPay()).toBe(true);
    expect(await later(opened, { used: 79.99 })).toBe(true);
    expect(await later(opened, { used: 80 })).toBe(true);
    expect(await later(opened, { used: 99.99 })).toBe(true);
    expect(await later(opened, { used: 100 })).toBe(false);
    expect(await states()).toEqual([
      ['open', 10],
      ['open', 79.99],
      ['soft_limit', 80],
      ['soft_limit', 99.99],
      ['hard_stop', 100],
    ]);
    expect((await measured())[0]).toEqual({
      account: 'apify',
      cycleStartsAt: MAY.startAt,
      cycleEndsAt: MAY.endAt,
      usedMicroUsd: 10_000_000,
      limitMicroUsd: 100_000_000,
      state: 'open',
    });
  });

  it('opens again with the next billing cycle, which is no calendar month', async () => {
    const opened = open();
    expect(await later(opened, { used: 120 })).toBe(false);
    clock.advance(Date.parse('2026-06-01T12:00:00Z') - clock.now().getTime());
    expect(await opened.mayPay()).toBe(false);
    account.away = true;
    clock.advance(Date.parse(MAY.endAt) - clock.now().getTime());
    expect(await opened.mayPay()).toBe(true);
    expect(await later(opened, { away: false, used: 1, cycle: JUNE })).toBe(true);
    expect((await measured()).map(({ state, cycleStartsAt }) => [state, cycleStartsAt])).toEqual([
      ['hard_stop', MAY.startAt],
      ['open', JUNE.startAt],
    ]);
  });

  it('is what a budget of our own leaves of it, with a soft limit of our own', async () => {
    const opened = open({ monthlyBudgetUsd: 20, softLimit: 0.5 });
    expect(await opened.mayPay()).toBe(true);
    expect(await later(opened, { used: 20 })).toBe(false);
    expect(await states()).toEqual([
      ['soft_limit', 10],
      ['hard_stop', 20],
    ]);
    const larger = open({ monthlyBudgetUsd: 1_000 });
    await larger.mayPay();
    expect(larger.usage).toMatchObject({ limitUsd: 100, usedUsd: 20, actorRuns: 32 });
  });

  it('says again what it has said before, once something else was said between', async () => {
    const opened = open();
    await opened.mayPay();
    expect(await later(opened, { limit: 10 })).toBe(false);
    expect(await later(opened, { limit: 100 })).toBe(true);
    expect(await later(opened, { used: 12 })).toBe(true);
    expect(await later(open(), { limit: 10 })).toBe(false);
    expect(await states()).toEqual([
      ['open', 10],
      ['hard_stop', 10],
      ['open', 10],
      ['hard_stop', 12],
    ]);
  });

  it('nothing is scraped with a limit of nothing', async () => {
    account = { ...account, limit: 0, used: 0 };
    expect(await open().mayPay()).toBe(false);
    expect(await states()).toEqual([['hard_stop', 0]]);
  });

  it('is published once by all replicas, read once a minute, and stands while it cannot be read', async () => {
    const [one, two] = [open(), open()];
    await Promise.all([one.mayPay(), one.actorRuns(), one.mayPay(), two.mayPay()]);
    expect(api.asked).toHaveLength(2);
    expect(await states()).toEqual([['open', 10]]);
    expect(await later(one, { used: 100 })).toBe(false);
    expect(await later(one, { away: true })).toBe(false);
    expect(await one.actorRuns()).toBe(32);
    const unread = open();
    expect(await unread.mayPay()).toBe(true);
    expect(await unread.actorRuns()).toBe(25);
  });

  it.each([
    [{ id: 'STARTER', tier: 'BRONZE' }, 'BRONZE'],
    [{ id: 'SCALE' }, 'SILVER'],
    [{ id: 'CUSTOM-9' }, null],
    [undefined, null],
  ])('A14: an account with the plan %j has the tier %s, asked once a day', async (plan, tier) => {
    await api.close();
    api = await startHttpApi(() => ({ body: { data: { username: 'u', plan } } }));
    const opened = open();
    expect([await opened.tier(), await opened.tier()]).toEqual([tier, tier]);
    expect(api.asked).toHaveLength(1);
    clock.advance(MINUTE_MS);
    await opened.tier();
    // An answer that says nothing is asked for again.
    expect(api.asked).toHaveLength(tier === null ? 2 : 1);
    clock.advance(86_400_000);
    const before = api.asked.length;
    expect(await opened.tier()).toBe(tier);
    expect(api.asked).toHaveLength(before + 1);
  });

  it('is also read while nothing is scraped, so that a stop comes to its end', async () => {
    account.used = 100;
    const opened = open();
    expect(await opened.mayPay()).toBe(false);
    const stop = new AbortController();
    const following = opened.follow(stop.signal);
    Object.assign(account, { used: 0, cycle: JUNE });
    clock.advance(10 * MINUTE_MS);
    await until('the end of the stop', async () => (await states()).length === 2);
    expect(await states()).toEqual([
      ['hard_stop', 100],
      ['open', 0],
    ]);
    stop.abort();
    await following;
  });
});
