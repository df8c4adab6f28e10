import {
  formatMoney,
  newEvent,
  outcomeId,
  streams,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import { silentLog } from '@cliptally/messaging';
import { startMonitor, type MonitorService } from '@cliptally/monitor';
import { OPEN } from '@cliptally/telemetry';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { runCli } from '@cliptally/cli';
import { freshUrl, startApiWorld } from '../../../services/earnings/src/testing/api-world.js';
import { Prefixes } from '../../../services/earnings/src/testing/prefixes.js';

const HOUR_MS = 3_600_000;
/** 2, 0 and 3 decimals; `winter` has too little money for its clips. */
const CAMPAIGNS = [
  { campaignId: 'spring', currency: 'USD', budget: 9_000_000, rate: 333, platformFee: { basisPoints: 1_250, bearer: 'creator' } },
  { campaignId: 'autumn', currency: 'JPY', budget: 500_000, rate: 77, platformFee: { basisPoints: 777, bearer: 'brand' } },
  { campaignId: 'summer', currency: 'KWD', budget: 9_000_000, rate: 615 },
  { campaignId: 'winter', currency: 'USD', budget: 10_001, rate: 150, platformFee: { basisPoints: 3_333, bearer: 'brand' } },
] as const; // prettier-ignore
const CREATORS = ['ann', 'bob'];
const CURRENCIES = [...new Set<string>(CAMPAIGNS.map(({ currency }) => currency))];

type Sums = Record<string, number>;
interface Line {
  currency: string;
  kind: string;
  amount: number;
  sum: number;
  reserved?: number;
  paid?: number;
}

/** By currency, sums of `amount` of each of these. */
function byCurrency<T extends { currency: string }>(
  items: readonly T[],
  amount: (item: T) => number,
): Sums {
  const sums: Sums = Object.fromEntries(CURRENCIES.map((currency) => [currency, 0]));
  for (const item of items) sums[item.currency]! += amount(item);
  return sums;
}

describe('one total at one position (D13)', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let monitor: MonitorService;
  let truth: Prefixes;
  let accrued: Sums;
  let reversed: Sums;
  let paid: Sums;
  let reserved: Sums;
  let spent: Sums;
  let onTop: Sums;
  let withheld: Sums;
  const clips: { clipId: string; campaignId: string; creatorId: string }[] = [];

  beforeAll(async () => {
    world = await startApiWorld();
    monitor = await startMonitor({
      databaseUrl: world.database.url,
      natsUrl: world.natsUrl,
      port: 0,
      host: '127.0.0.1',
      clock: world.clock,
      log: silentLog,
      operators: OPEN,
    });
    await history();
    truth = new Prefixes(await Array.fromAsync(world.store.readAll(0)));
    const accounts = [...truth.accounts].map(([key, account]) => ({
      currency: key.split(' ')[1]!,
      ...account,
    }));
    const all = (of: 'accrued' | 'reversed' | 'paid' | 'reserved') =>
      byCurrency(accounts, (account) => Number(account[of]));
    [accrued, reversed, paid, reserved] = [
      all('accrued'),
      all('reversed'),
      all('paid'),
      all('reserved'),
    ];
    withheld = byCurrency(accounts, (account) => Number(account.withheld));
    const launched = CAMPAIGNS.map(({ campaignId, currency }) => {
      const { fee, fees } = truth.campaigns.get(campaignId)!;
      return { currency, fees: fee?.onTop ? Number(fees) : 0 };
    });
    onTop = byCurrency(launched, ({ fees }) => fees);
    const spentOf = (currency: string) =>
      accrued[currency]! - reversed[currency]! + onTop[currency]!;
    spent = Object.fromEntries(CURRENCIES.map((currency) => [currency, spentOf(currency)]));
    const head = await world.store.head();
    const reached = await Promise.all(
      [monitor, world.service].map(({ projector }) => projector.waitFor(head, 60_000)),
    );
    if (!reached.every(Boolean)) throw new Error(`Not every service has reached position ${head}.`);
  }, 120_000);
  afterAll(async () => {
    await monitor?.close();
    await world?.close();
  });

  const settled = () => world.service.settled(AbortSignal.timeout(60_000));
  const done = async (path: string, body: object = {}) => {
    const answer = await world.post(path, body);
    if (answer.status >= 300)
      throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  /**
   * Accruals, a count that falls, a hold, reversals, an exhausted budget, and payouts in every
   * state.
   */
  async function history(): Promise<void> {
    const started = { runId: 'run-1', slot: world.clock.now().toISOString(), policy: 'test', candidates: 1, requested: 0, estimatedCostMicroUsd: 0 };
    const context = { time: world.clock.now(), correlationId: 't', causationId: 't' };
    await world.store.append(streams.trackingRun('run-1'), [newEvent('TrackingRunStarted', randomUUID(), started, context) as NewEvent], 'none');
    for (const { rate, ...campaign } of CAMPAIGNS)
      await done('/campaigns', world.terms({ ...campaign, ratePerThousand: { default: rate }, validationDays: 1, anomalyThreshold: null }));
    for (const { campaignId } of CAMPAIGNS)
      for (const creatorId of CREATORS) {
        const { clipId } = await done('/clips', { url: freshUrl(), campaignId, creatorId });
        await done(`/clips/${clipId}/approve`);
        clips.push({ clipId, campaignId, creatorId });
      }
    for (const round of [1, 2, 3, 4]) {
      world.clock.advance(HOUR_MS);
      await world.store.appendMany(clips.map(({ clipId }, i) => ({ stream: streams.clip(clipId), events: [observation(clipId, round === 3 ? 5 : round * 7_919 + i * 613)], expected: 'any' as const })));
      await settled();
    }
    await done(`/clips/${clips[1]!.clipId}/hold`, { reason: 'odd' });
    for (const i of [0, 2, 4, 7]) await done(`/clips/${clips[i]!.clipId}/reverse`, { amount: i === 7 ? 'all' : 371, reason: 'bots' });
    world.clock.advance(48 * HOUR_MS);
    await settled();
    await Promise.all(CREATORS.map(payoutsOf));
    await settled();
  } // prettier-ignore

  /** In every state, by currency; one was paid, and came back from Stripe (D10). */
  async function payoutsOf(creatorId: string, nth: number): Promise<void> {
    for (const currency of CURRENCIES) {
      const id = `${creatorId}-${currency}`;
      const amounts = { open: 11, approved: 23, rejected: 31, failed: 41, paid: 53, returned: 61 };
      for (const [kind, amount] of Object.entries(amounts))
        await done('/payouts', { payoutId: `${id}-${kind}`, creatorId, currency, amount: amount + nth });
      for (const kind of ['approved', 'failed', 'paid', 'returned']) await done(`/payouts/${id}-${kind}/approve`);
      await done(`/payouts/${id}-rejected/reject`, { reason: 'no' });
      await done(`/payouts/${id}-failed/failed`, { reason: 'came back' });
      for (const kind of ['paid', 'returned']) await done(`/payouts/${id}-${kind}/paid`, { externalReference: `bank ${id}` });
      const returned = { payoutId: `${id}-returned`, creatorId, reason: 'taken back', by: 'cliptally:stripe', decidedAt: await world.store.head() };
      const context = { time: world.clock.now(), correlationId: 't', causationId: 't' };
      await world.store.append(streams.payout(creatorId), [newEvent('PayoutFailed', randomUUID(), returned, context) as NewEvent], 'any');
      await settled();
    }
  } // prettier-ignore

  function observation(clipId: string, views: number): NewEvent {
    const requestId = randomUUID();
    const platform = clipId.slice(0, clipId.indexOf('-')) as Platform;
    const scraped = {
      clipId,
      platform,
      requestId,
      runId: 'run-1',
      source: 't',
      costMicroUsd: 0,
      metric: 'm',
      cached: false,
    };
    const data = { ...scraped, views, observedAt: world.clock.now().toISOString() };
    return newEvent('ViewsRecorded', outcomeId(requestId), data, {
      time: world.clock.now(),
      correlationId: 't',
      causationId: 't',
    }) as NewEvent;
  }

  const ok = async (path: string) => {
    const { status, body } = await world.get(path);
    expect([path, status]).toEqual([path, 200]);
    return body;
  };
  const statement = async (scope: string): Promise<Line[]> =>
    (await ok(`${scope}/statement?limit=200`)).lines;
  async function cli(line: string): Promise<string> {
    let [out, err] = ['', ''];
    const env = {
      CLIPTALLY_API: world.service.url,
      CLIPTALLY_TOKEN: await world.tokenOf(['admin', 'root']),
    };
    const print = {
      out: (text: string) => void (out += text),
      err: (text: string) => void (err += text),
    };
    const status = await runCli(line.split(' '), {
      env,
      ...print,
      live: false,
      signal: new AbortController().signal,
    });
    expect([line, status, err]).toEqual([line, 0, '']);
    return out;
  }
  /** Samples of a metric by `currency kind`, or by another label. */
  function samples(text: string, name: string, ...labels: string[]): Sums {
    const lines = text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    const key = (line: string) =>
      labels.map((label) => new RegExp(`${label}="([^"]*)"`).exec(line)?.[1]).join(' ');
    return Object.fromEntries(
      lines.map((line) => [key(line), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    );
  }
  const metrics = async (url: string) => (await fetch(`${url}/metrics`)).text();
  const moneyOf = (sums: Sums) =>
    CURRENCIES.map((currency) => formatMoney(sums[currency]!, currency));

  it('is the same in campaigns, their clips, and the statements of both', async () => {
    const campaigns: { campaignId: string; currency: string; accrued: number; reversed: number; spent: number; fees: number; budget: number; remaining: number }[] = (await ok('/campaigns')).items;
    // A test of sums that are 0 would say little.
    expect([accrued, reversed, paid, reserved].flatMap(Object.values).every((sum) => sum > 0)).toBe(true);
    expect(byCurrency(campaigns, (c) => c.accrued)).toEqual(accrued);
    expect(byCurrency(campaigns, (c) => c.reversed)).toEqual(reversed);
    expect(byCurrency(campaigns, (c) => c.spent)).toEqual(spent);
    expect([onTop['JPY'], onTop['USD'], withheld['USD']].every((sum) => sum! > 0)).toBe(true);
    expect(byCurrency(campaigns, (c) => c.fees)).toEqual(byCurrency(CURRENCIES.map((currency) => ({ currency })), ({ currency }) => onTop[currency]! + withheld[currency]!));
    for (const { campaignId, currency, ...campaign } of campaigns) {
      expect(campaign.remaining).toBe(campaign.budget - campaign.spent);
      const one = await ok(`/campaigns/${campaignId}`);
      expect([one.spent, one.pace.spent, one.pace.remaining]).toEqual([campaign.spent, campaign.spent, campaign.remaining]);
      expect([campaignId, (await statement(`/campaigns/${campaignId}`)).at(-1)!.sum]).toEqual([campaignId, campaign.spent]);
      const own = (await ok(`/clips?campaignId=${campaignId}`)).items.flatMap((clip: { campaigns: object[] }) => clip.campaigns);
      const of = (name: string) => byCurrency(own as { currency: string }[], (entry) => (entry as unknown as Sums)[name]!)[currency];
      expect([of('accrued'), of('reversed'), of('fees')]).toEqual([campaign.accrued, campaign.reversed, campaign.fees]);
      expect(of('earned')).toBe(campaign.accrued - campaign.reversed);
      const closeOut = await ok(`/campaigns/${campaignId}/close-out`);
      expect([closeOut.spent, closeOut.fees, closeOut.remaining]).toEqual([campaign.spent, campaign.fees, campaign.remaining]);
      const text = await cli(`campaign show ${campaignId}`);
      for (const amount of [campaign.spent, campaign.remaining]) expect(text).toContain(formatMoney(amount, currency));
    }
    for (const { clipId } of clips) {
      const [entry] = (await ok(`/clips/${clipId}`)).campaigns;
      const net = entry.campaignId === 'spring' ? entry.earned - entry.fees : entry.earned;
      expect([clipId, (await statement(`/clips/${clipId}`)).at(-1)?.sum ?? 0]).toEqual([clipId, net]);
    }
  }); // prettier-ignore

  it('is the same in balances, statements and payouts of creators, in transfers.csv and on the command line', async () => {
    const balances: (Sums & { currency: string })[] = [];
    const lines: Line[] = [];
    for (const creatorId of CREATORS) {
      const own = (await ok(`/creators/${creatorId}/balance`)).balances;
      balances.push(...own);
      lines.push(...(await statement(`/creators/${creatorId}`)));
      const printed = await cli(`balance ${creatorId}`);
      for (const { currency, ...of } of own) {
        expect(of.available + of.validating).toBe((await statement(`/creators/${creatorId}`)).findLast((line) => line.currency === currency)!.sum);
        for (const name of ['accrued', 'reversed', 'fees', 'paid', 'reserved', 'available']) expect(printed).toContain(formatMoney(of[name], currency));
      }
      expect(JSON.parse(await cli(`statement --creator ${creatorId} --limit 200 --json`))).toEqual(await statement(`/creators/${creatorId}`));
    }
    for (const [name, sums] of Object.entries({ accrued, reversed, fees: withheld, paid, reserved })) expect([name, byCurrency(balances, (b) => b[name]!)]).toEqual([name, sums]);
    const earnings = lines.filter(({ kind }) => kind === 'accrued' || kind === 'reversed');
    expect(byCurrency(lines, ({ kind, amount }) => (kind === 'fee_withheld' ? 0 - amount : 0))).toEqual(withheld);
    expect(byCurrency(earnings, ({ amount }) => Math.max(0, amount))).toEqual(accrued);
    expect(byCurrency(earnings, ({ amount }) => Math.max(0, -amount))).toEqual(reversed);
    expect(byCurrency(lines, (line) => line.reserved ?? 0)).toEqual(reserved);
    expect(byCurrency(lines, (line) => line.paid ?? 0)).toEqual(paid);

    const payouts: { currency: string; amount: number; status: string }[] = (await ok('/payouts?limit=200')).items;
    const inState = (...states: string[]) => byCurrency(payouts.filter(({ status }) => states.includes(status)), ({ amount }) => amount);
    expect(inState('PAID')).toEqual(paid);
    expect(inState('REQUESTED', 'APPROVED')).toEqual(reserved);
    const years = (await ok(`/exports/years/${world.clock.now().getUTCFullYear()}/creators?limit=200`)).items as (Sums & { currency: string })[];
    expect(byCurrency(years, (one) => one['paid']! - one['returned']!)).toEqual(paid);
    expect(byCurrency(years, (one) => one['fees']!)).toEqual(withheld);
    expect(JSON.parse(await cli('payout list --limit 200 --json'))).toEqual(payouts);
    const rows = ((await ok('/payouts/transfers.csv')) as string).trim().split('\r\n').slice(1).map((row) => row.split(','));
    const digits = (currency: string) => formatMoney(0, currency).split(' ')[0]!.replace(/^0\.?/, '').length;
    const transfers = rows.map(([, , , amount, currency]) => ({ currency: currency!, amount: Math.round(Number(amount) * 10 ** digits(currency!)) }));
    expect(byCurrency(transfers, ({ amount }) => amount)).toEqual(inState('APPROVED'));
  }); // prettier-ignore

  it('is the same in the metrics of both services, in /status and on the live page', async () => {
    const [ours, theirs] = await Promise.all([metrics(world.service.url), metrics(monitor.url)]);
    const book = Object.fromEntries(
      CURRENCIES.flatMap((currency) => [
        [`${currency} accrued`, accrued[currency]!],
        [`${currency} reversed`, reversed[currency]!],
        [`${currency} paid`, paid[currency]!],
        [`${currency} fee_withheld`, withheld[currency]!],
        [`${currency} fee_on_top`, onTop[currency]!],
      ]),
    );
    const some = Object.fromEntries(
      Object.entries(book).filter(([name, sum]) => sum !== 0 || !name.includes('fee')),
    );
    expect(samples(ours, 'cliptally_book_minor_units', 'currency', 'kind')).toEqual(some);
    expect(samples(theirs, 'cliptally_book_minor_units', 'currency', 'kind')).toMatchObject(book);
    expect(samples(theirs, 'cliptally_book_position')).toEqual(samples(ours, 'cliptally_book_position'));
    const money = samples(theirs, 'cliptally_campaign_money', 'currency', 'status', 'kind');
    expect(CURRENCIES.map((currency) => money[`${currency} ACTIVE spent`])).toEqual(CURRENCIES.map((currency) => spent[currency]));
    for (const name of ['cliptally_overspend_minor_units', 'cliptally_payouts_beyond_earnings_minor_units', 'cliptally_ledger_difference_minor_units'])
      expect(Object.values(samples(theirs, name))).toEqual([0]);
    const counts = { REQUESTED: 6, APPROVED: 6, REJECTED: 6, FAILED: 12, PAID: 6 };
    expect(samples(theirs, 'cliptally_payouts', 'status')).toEqual(counts);

    const { lastRun } = (await (await fetch(`${monitor.url}/status`)).json()) as { lastRun: { earned: Sums } };
    expect(lastRun.earned).toEqual(accrued);

    const { campaigns, clips: shown } = await livePage(monitor.url, 'campaigns', 'clips');
    for (const { campaignId, currency } of CAMPAIGNS) {
      const { accrued: a, reversed: r, fees, fee, budget } = truth.campaigns.get(campaignId)!;
      const cost = a - r + (fee?.onTop ? fees : 0n);
      const line = campaigns.lines.find((one: { campaignId: string }) => one.campaignId === campaignId);
      expect([line.spent, line.left]).toEqual([cost, budget - cost].map((amount) => formatMoney(Number(amount), currency)));
    }
    for (const { clipId, campaignId } of clips) {
      const { earned, currency } = (await ok(`/clips/${clipId}`)).campaigns.find((entry: { campaignId: string }) => entry.campaignId === campaignId);
      const line = shown.lines.find((one: { clipId: string }) => one.clipId === clipId);
      expect([clipId, line.entries[0].earned]).toEqual([clipId, formatMoney(earned, currency)]);
    }
    expect(moneyOf(lastRun.earned)).toEqual(moneyOf(accrued));
  }, 60_000); // prettier-ignore
});

/** The newest version of these sections that the live page is sent. */
// oxlint-disable-next-line typescript/no-explicit-any
async function livePage<N extends string>(url: string, ...names: N[]): Promise<Record<N, any>> {
  const stop = new AbortController();
  const response = await fetch(`${url}/events`, { signal: stop.signal });
  const found: Record<string, unknown> = {};
  let text = '';
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (const [, name, data] of text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g))
        found[name!] = JSON.parse(data!);
      if (names.every((name) => name in found)) break;
    }
  } finally {
    stop.abort();
  }
  return found as Record<N, unknown>;
}
