import {
  clockOf,
  derivedId,
  formatClock,
  identifyClip,
  newEvent,
  streams,
  type AnyEvent,
  type NewEvent,
} from '@cliptally/contracts';
import {
  generatedCurves,
  startApifyStandIn,
  type ApifyStandIn,
} from '@cliptally/dev/apify-stand-in';
import { until as untilSo } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ServiceProcess } from '../service-process.js';
import { startLog } from './testing/log.js';
import { expectSound } from './testing/sound.js';

const KILLS = Number(process.env['SCRAPER_KILLS'] ?? 8);
const PROCESSES = 2;
const TIKTOK = 'clockworks/tiktok-scraper';
const PER_MINUTE = 8;
/** A run of twelve seconds of the world is under way for 0.4 s. */
const SPEED = 30;

type Outcome = Extract<AnyEvent, { type: 'ViewsRecorded' | 'ScrapeFailed' }>;
interface Run {
  startedAt: string;
  finishedAt: string | null;
}

describe('scrapers as processes of their own, against the stand-in of Apify', () => {
  const setting = { world: Date.parse('2026-05-10T00:00:00Z'), real: Date.now(), speed: SPEED };
  const clock = clockOf(setting);
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-scraper-'));
  let events: Awaited<ReturnType<typeof startLog>>;
  let standIn: ApifyStandIn;
  let environment: Record<string, string>;
  let scrapers: ServiceProcess[] = [];

  beforeAll(async () => {
    events = await startLog();
    standIn = await startApifyStandIn({
      clock,
      curves: generatedCurves({ worldStart: new Date('2026-05-01T00:00:00Z') }),
      token: 'test',
    });
    const sources = join(folder, 'sources.json');
    writeFileSync(
      sources,
      JSON.stringify({ tiktok: [{ kind: 'apify', id: TIKTOK, perMinute: PER_MINUTE }] }),
    );
    environment = {
      ...events.environment,
      APIFY_TOKEN: 'test',
      APIFY_BASE_URL: standIn.url,
      CLOCK: formatClock(setting),
      SOURCES_FILE: sources,
      LINGER: '2s',
      ACK_WAIT: '2s',
    };
  });
  afterAll(async () => {
    await Promise.all(scrapers.map((scraper) => scraper.end('SIGKILL')));
    await standIn.close();
    await events.close();
    rmSync(folder, { recursive: true });
  });

  function start(count: number, settings: Record<string, string>): void {
    scrapers = Array.from(
      { length: count },
      () => new ServiceProcess('scraper', { ...environment, ...settings }),
    );
    for (const scraper of scrapers) scraper.start();
  }
  const until = (what: string, holds: () => Promise<boolean> | boolean) =>
    untilSo(what, holds, {
      withinMs: 240_000,
      said: () => scrapers.map(({ output }) => output).join('\n'),
    });

  let clips = 0;
  /** Requests scrapes of so many clips that have no outcome yet; gives the ids of the requests. */
  async function request(count: number): Promise<string[]> {
    const runId = `r${clips}`;
    const requests = Array.from({ length: count }, () => {
      const address = `https://www.tiktok.com/@someone/video/75${String(clips++).padStart(17, '0')}`;
      const clip = identifyClip(address);
      if (clip.kind !== 'clip') throw new Error(`${address} is no clip.`);
      const { clipId, url, platform } = clip;
      const requestId = derivedId(runId, clipId);
      const data = { requestId, runId, clipId, platform, url, score: 1, campaignIds: ['c'] };
      return newEvent('ClipTrackingRequested', requestId, data, {
        time: clock.now(),
        correlationId: runId,
        causationId: runId,
      }) as NewEvent;
    });
    await events.store.append(streams.trackingRun(runId), requests, 'none');
    return requests.map(({ id }) => id);
  }
  const log = () => Array.fromAsync(events.store.readAll(0));
  const outcomesIn = (all: AnyEvent[]) =>
    all.filter(
      (event): event is Outcome => event.type === 'ViewsRecorded' || event.type === 'ScrapeFailed',
    );
  const seen = async () => new Set(outcomesIn(await log()).map(({ data }) => data.requestId));
  const answered = async (ids: readonly string[]) => {
    const found = await seen();
    return ids.every((id) => found.has(id));
  };
  const sum = (all: readonly { costMicroUsd: number }[]) =>
    all.reduce((total, { costMicroUsd }) => total + costMicroUsd, 0);
  const runs = async (): Promise<{ from: number; to: number }[]> => {
    const response = await fetch(
      `${standIn.url}/v2/acts/${TIKTOK.replace('/', '~')}/runs?limit=1000`,
      {
        headers: { authorization: 'Bearer test' },
      },
    );
    const { data } = (await response.json()) as { data: { items: Run[] } };
    return data.items
      .map(({ startedAt, finishedAt }) => ({
        from: Date.parse(startedAt),
        to: finishedAt === null ? Infinity : Date.parse(finishedAt),
      }))
      .toSorted((a, b) => a.from - b.from);
  };

  it('three together never have more runs under way, nor start more in any stretch of time, than the limits let one', async () => {
    start(3, { RUNS_IN_ALL: '2', BATCH_SIZE: '3', RUNS_AT_ONCE: '5', MAX_IN_FLIGHT: '15' });
    const ids = await request(30);
    await until('thirty outcomes', () => answered(ids));
    await Promise.all(scrapers.map((scraper) => scraper.end('SIGTERM')));
    const made = await runs();
    expect(made.length).toBeGreaterThanOrEqual(10);
    const overlapping = made.map(
      ({ from }) => made.filter((other) => other.from <= from && from < other.to).length,
    );
    expect(Math.max(...overlapping)).toBeLessThanOrEqual(2);
    // A bucket holds what drips in within ten seconds. What it let pass may have come later, never
    // earlier; the first was let pass after it was intended.
    const [each, size] = [60_000 / PER_MINUTE, PER_MINUTE / 6];
    const intended = (await log())
      .filter(({ type }) => type === 'ScrapeBatchStarted')
      .map(({ time }) => Date.parse(time));
    made.forEach(({ from }, n) =>
      expect(from - Math.min(...intended)).toBeGreaterThanOrEqual((n + 1 - size) * each - 10),
    );
    const outcomes = outcomesIn(await log());
    expect(outcomes.every(({ type }) => type === 'ViewsRecorded')).toBe(true);
    expect(sum(outcomes.map(({ data }) => data))).toBe(standIn.stats().billedMicroUsd);
  });

  it(`killed ${KILLS} times in mid-run, answer each request once, start no run twice and lose no cent`, async () => {
    const before = (await log()).length;
    const billed = standIn.stats().billedMicroUsd;
    const settings = { SOURCES_FILE: '', BATCH_SIZE: '6', RUNS_AT_ONCE: '3' };
    start(PROCESSES, settings);
    const ids: string[] = [];
    const count = async (type: AnyEvent['type']) =>
      (await log()).filter((event) => event.type === type).length;
    /**
     * What has just happened when the process is killed; a moment later, at random, it is somewhere
     * behind.
     */
    const moments: (() => Promise<number> | number)[] = [
      () => count('ScrapeBatchStarted'),
      () => standIn.stats().requests.start ?? 0,
      () => standIn.stats().runs,
      () => count('ScrapeBatchCompleted'),
      async () => (await seen()).size,
    ];
    for (let round = 0; round < KILLS / PROCESSES; round++) {
      const moment = moments[round % moments.length]!;
      const was = await moment();
      ids.push(...(await request(12)));
      await until(`moment ${round % moments.length}`, async () => (await moment()) > was);
      await pause(Math.random() ** 3 * 400);
      await Promise.all(scrapers.map((scraper) => scraper.end('SIGKILL')));
      for (const scraper of scrapers) scraper.start();
    }
    await until('an outcome for each', () => answered(ids));
    const since = (await log()).slice(before);
    const outcomes = outcomesIn(since);
    expect(outcomes.map(({ data }) => data.requestId).toSorted()).toEqual(ids.toSorted());
    // On a slow machine a request may have been in the hands of ten processes that were killed:
    // then it is a dead letter, and nothing else is the matter.
    const failed = outcomes.flatMap((outcome) =>
      outcome.type === 'ScrapeFailed' ? [outcome.data.reason] : [],
    );
    expect(failed.filter((reason) => reason !== 'dead_letter')).toEqual([]);
    const { runsPerUrl, billedMicroUsd } = standIn.stats();
    expect(Object.entries(runsPerUrl).filter(([, times]) => times !== 1)).toEqual([]);
    const batches = since.flatMap((event) =>
      event.type === 'ScrapeBatchCompleted' ? [event.data] : [],
    );
    expect(sum(batches)).toBe(billedMicroUsd - billed);
    expect(sum(outcomes.map(({ data }) => data))).toBe(billedMicroUsd - billed);
    expect(new Set(batches.map(({ batchId }) => batchId)).size).toBe(batches.length);
    await expectSound(events.store);
  }, 900_000);
});
