import type { AnyEvent } from '@cliptally/contracts';
import type { EventStore } from '@cliptally/event-store';
import { UsageError } from '@cliptally/telemetry';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './all-in-one.js';
import { replayCurves, replayedVideos } from './apify-stand-in/index.js';
import { reading, type Options } from './options.js';
import { openWorkspaceDir } from './servers/index.js';
import { ApiClient } from './world/api-client.js';
import {
  replayCampaigns,
  replayClip,
  sampleCampaigns,
  sampleClip,
  type SampleCampaign,
  type SampleClip,
} from './world/sample-world.js';
import { FIRST_CLIPS, sampleCurves } from './world/sample-curves.js';

export interface CycleReport {
  run: string;
  requested: number;
  recorded: number;
  failed: number;
  /** Minor units by currency. */
  accrued: Record<string, number>;
  durationMs: number;
}

const DAY_MS = 86_400_000;
const SUBMISSIONS_AT_ONCE = 32;
/** Real time; a cycle takes seconds with the stand-in and minutes with the real sources. */
const CYCLE_TIMEOUT_MS = 15 * 60_000;

/**
 * One cycle in a sample world that is gone afterwards: submit, schedule, scrape, settle. Gives the
 * exit status.
 */
export async function runCycle(options: Options, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  const say = options.json
    ? (line: string) => process.stderr.write(`${line}\n`)
    : (line: string) => process.stdout.write(`${line}\n`);
  const workspace = await openWorkspaceDir();
  const dir = join(workspace.path, 'once');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  let world: World | undefined;
  try {
    const { clips, campaigns, time, curves } = contents(options);
    const { startWorld } = await import('./all-in-one.js');
    world = await startWorld({
      dir,
      cacheDir: join(workspace.path, 'cache'),
      time,
      speed: options.speed ?? (process.env['APIFY_TOKEN'] ? 1 : 720),
      port: options.port ?? 0,
      // One cycle scrapes every clip there is.
      scheduler: { scrapesPerRun: 100_000, scrapesPerDay: 1_000_000, monthlyBudgetUsd: 1_000_000 },
      curves,
    });
    signal.throwIfAborted();
    await fill(world, campaigns, clips, say);
    const report = await cycle(
      world,
      say,
      began,
      AbortSignal.any([signal, AbortSignal.timeout(CYCLE_TIMEOUT_MS)]),
    );
    await world.close();
    world = undefined;
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${lineOf(report)}\n`);
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    throw error;
  } finally {
    await world?.close();
    rmSync(dir, { recursive: true, force: true });
    workspace.release();
  }
}

function contents({ replay }: Options): {
  clips: SampleClip[];
  campaigns: (start: Date) => SampleCampaign[];
  time: { start: number; now: number };
  curves: (start: Date) => ReturnType<typeof sampleCurves>;
} {
  // The sample world is a day or two old, so that every clip has views.
  const now = Date.now();
  if (process.env['APIFY_TOKEN'] && !replay)
    throw new UsageError(
      'With APIFY_TOKEN set, --once would scrape sample clips that do not exist: unset it, or submit clips of your own to a running npm start.',
    );
  if (!replay)
    return {
      clips: Array.from({ length: FIRST_CLIPS }, (_, n) => sampleClip(n)),
      campaigns: sampleCampaigns,
      time: { start: now - DAY_MS, now },
      curves: sampleCurves,
    };
  const videos = reading(() => replayedVideos(replay));
  return {
    clips: videos.map(({ url }, n) => replayClip(url, n)),
    campaigns: replayCampaigns,
    time: { start: now - 2 * DAY_MS, now },
    curves: (start) => replayCurves(replay, start),
  };
}

/** Launches campaigns and submits clips through the API, as a brand and its creators would. */
export async function fill(
  world: World,
  campaigns: (start: Date) => SampleCampaign[],
  clips: readonly SampleClip[],
  say: (line: string) => void,
): Promise<void> {
  const api = new ApiClient(world.apiUrl, world.tokens.admin);
  for (const campaign of campaigns(world.clock.now())) await api.launch(campaign);
  const queue = [...clips];
  let added = 0;
  await Promise.all(
    Array.from({ length: SUBMISSIONS_AT_ONCE }, async () => {
      for (let clip = queue.shift(); clip; clip = queue.shift())
        if (await api.submitAndApprove(clip)) added++;
    }),
  );
  if (added > 0) say(`${added} clips submitted and approved`);
}

async function cycle(
  world: World,
  say: (line: string) => void,
  began: number,
  signal: AbortSignal,
): Promise<CycleReport> {
  const store = await world.openStore();
  try {
    const before = await store.head();
    const { runId, requested } = await world.scheduler.run(world.clock.now());
    say(`tracking run ${runId}: ${requested} scrapes requested`);
    const outcomes = await outcomesOf(store, before, runId, requested, signal);
    await world.earnings.settled(signal);
    const accrued: Record<string, number> = {};
    for await (const event of store.readAll(before, {
      types: ['EarningsAccrued', 'EarningsReversed'],
    })) {
      const { currency, total } = event.data as Extract<
        AnyEvent,
        { type: 'EarningsAccrued' }
      >['data'];
      accrued[currency] =
        (accrued[currency] ?? 0) + (event.type === 'EarningsAccrued' ? total : -total);
    }
    return {
      run: runId,
      requested,
      ...outcomes,
      accrued,
      durationMs: Math.round(performance.now() - began),
    };
  } finally {
    await store.close();
  }
}

async function outcomesOf(
  store: EventStore,
  from: number,
  runId: string,
  requested: number,
  signal: AbortSignal,
): Promise<{ recorded: number; failed: number }> {
  const counts = { recorded: 0, failed: 0 };
  const stop = new AbortController();
  if (requested === 0) return counts;
  for await (const event of store.subscribe(from, AbortSignal.any([signal, stop.signal]), {
    types: ['ViewsRecorded', 'ScrapeFailed'],
  })) {
    if ((event.data as { runId: string }).runId !== runId) continue;
    counts[event.type === 'ViewsRecorded' ? 'recorded' : 'failed']++;
    if (counts.recorded + counts.failed === requested) stop.abort();
  }
  if (counts.recorded + counts.failed < requested) {
    throw new Error(
      `Of ${requested} scrapes, ${requested - counts.recorded - counts.failed} had no outcome when the cycle was ended.`,
    );
  }
  return counts;
}

function lineOf({ run, requested, recorded, failed, accrued, durationMs }: CycleReport): string {
  const money = Object.entries(accrued)
    .map(([currency, amount]) => `${amount} ${currency} minor units`)
    .join(', ');
  return `tracking run ${run}: ${requested} scrapes requested, ${recorded} recorded, ${failed} failed; accrued ${money || 'nothing'}; ${durationMs} ms`;
}
