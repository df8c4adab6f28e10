import { longLived, printable } from '@cliptally/contracts';
import { runCommand } from '@cliptally/telemetry';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './all-in-one.js';
import { replayCurves, replayedVideos } from './apify-stand-in/index.js';
import { runningFile, writePrivately, type RunningWorld } from './connection.js';
import { fill, runCycle } from './cycle.js';
import { reading, readOptions, USAGE, type Options } from './options.js';
import { openWorkspaceDir } from './servers/index.js';
import { soak } from './soak.js';
import { EventPrinter, PRINTED } from './world/event-printer.js';
import { clipsBy, sampleCurves } from './world/sample-curves.js';
import {
  replayCampaigns,
  replayClip,
  sampleCampaigns,
  sampleClip,
  type SampleClip,
} from './world/sample-world.js';
import { People } from './world/people.js';
import { together } from './world/together.js';
import { readWorldTime, saveWorldTime } from './world/world-clock.js';

const DAY_MS = 86_400_000;
const say = (line: string) => void process.stdout.write(printable(`${line}\n`));

/** The sample world until Ctrl-C; it goes on where it was left. */
async function runWorld(options: Options, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  const { replay } = options;
  if (replay !== undefined) reading(() => replayedVideos(replay));
  const workspace = await openWorkspaceDir();
  const real = process.env['APIFY_TOKEN'] !== undefined && process.env['APIFY_TOKEN'] !== '';
  const file = join(workspace.path, 'world.json');
  const time = real
    ? { start: Date.now(), now: Date.now() }
    : readWorldTime(file, Math.floor(Date.now() / 3_600_000) * 3_600_000);
  let world: World | undefined;
  try {
    // Loaded late, as it loads all services: --help and a wrong option are answered without them.
    const { startWorld } = await import('./all-in-one.js');
    world = await startWorld({
      dir: workspace.path,
      cacheDir: join(workspace.path, 'cache'),
      time,
      speed: options.speed ?? (real ? 1 : 720),
      port: options.port ?? 8080,
      chaos: !real,
      curves: (start) =>
        options.replay ? replayCurves(options.replay, start) : sampleCurves(start),
    });
    writePrivately(runningFile(workspace.path), JSON.stringify(running(world)));
    greet(world, real, performance.now() - began);
    await live(world, { ...options, real }, time.start, file, signal);
  } finally {
    if (world && !real)
      saveWorldTime(file, { start: time.start, now: world.clock.now().getTime() });
    rmSync(runningFile(workspace.path), { force: true });
    await world?.close();
    workspace.release();
  }
  say('Stopped. The next npm start goes on from here.');
}

const running = ({ databaseUrl, natsUrl, apiUrl, clockText }: World): RunningWorld => ({
  pid: process.pid,
  databaseUrl,
  natsUrl,
  apiUrl,
  clock: clockText,
});

const TO_TRY = `
  to try
    as the creator submit a clip to a campaign of acme; as the brand, which is acme, approve it under
    Review; as the creator see what it earns, and why; as the admin press a button under Chaos
`;

function greet(world: World, real: boolean, ms: number): void {
  const { tokens, clock } = world;
  // Behind a "#" a token reaches no server and no log.
  const linkOf = (token: string) => `${world.apiUrl}/console#token=${token}`;
  say(`
Cliptally is ready (${(ms / 1000).toFixed(1)} s).

  live page   ${world.pageUrl}
  API         ${world.apiUrl}/docs
  metrics     ${world.pageUrl}/metrics
  log         .cliptally/log.jsonl

  console, signed in (the address has a token: keep it to yourself)
    creator   ${linkOf(tokens.creator)}
    brand     ${linkOf(tokens.brand)}
    admin     ${linkOf(tokens.admin)}

  tokens for the API
    creator   ${tokens.creator}
    brand     ${tokens.brand}
    admin     ${tokens.admin}
${real ? '' : TO_TRY}
${real ? 'Scrapes are real and cost money.' : `A sample world: it is ${clock.now().toISOString().slice(0, 16)} there, and a day lasts ${Math.round(86_400 / clock.speed)} s. Ctrl-C stops everything.`}
`);
}

async function live(
  world: World,
  options: Options & { real: boolean },
  start: number,
  timeFile: string,
  signal: AbortSignal,
): Promise<void> {
  const work = [
    (stop: AbortSignal) => printEvents(world, stop),
    (stop: AbortSignal) => world.scheduler.tick(stop),
  ];
  const { soak: file } = options;
  if (file !== undefined) work.push((stop) => soak(file, say, stop));
  if (!options.real)
    work.push(
      (stop) => populate(world, options, start, stop),
      (stop) => keepTime(world, start, timeFile, stop),
    );
  await together(signal, ...work);
}

async function printEvents(world: World, signal: AbortSignal): Promise<void> {
  const store = await world.openStore();
  const printer = new EventPrinter(say);
  try {
    for await (const event of store.subscribe(await store.head(), signal, { types: PRINTED }))
      printer.print(event);
  } finally {
    await store.close();
  }
}

/** Clips of the beginning at once, and some more each day. */
async function populate(
  world: World,
  { replay }: Options,
  start: number,
  signal: AbortSignal,
): Promise<void> {
  const videos = replay ? replayedVideos(replay) : null;
  const people = new People(world.apiUrl, world.tokens);
  for (let had = 0; !signal.aborted;) {
    const days = (world.clock.now().getTime() - start) / DAY_MS;
    const clips: SampleClip[] = videos
      ? videos
          .filter((v) => v.startsAfterMs / DAY_MS <= days)
          .map(({ url }, n) => replayClip(url, n))
      : Array.from({ length: clipsBy(days) }, (_, n) => sampleClip(n));
    if (clips.length > had)
      await fill(
        world,
        () => (videos ? replayCampaigns : sampleCampaigns)(new Date(start)),
        clips.slice(had),
        say,
      );
    had = clips.length;
    if (!videos) await people.act(Math.floor(days));
    await world.clock.sleep(videos ? 3_600_000 : DAY_MS / 4, signal);
  }
}

/** A sample world that is killed loses two seconds of its simulated clock at most. */
async function keepTime(
  world: World,
  start: number,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await world.clock.sleep(2_000 * world.clock.speed, signal);
    saveWorldTime(file, { start, now: world.clock.now().getTime() });
  }
}

async function main(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    say(USAGE);
    return 0;
  }
  const stop = longLived();
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (++signals > 2) process.exit(130);
      if (signals === 1) process.stderr.write('\nStopping everything ...\n');
      stop.abort();
    });
  }
  if (options.once) return runCycle(options, stop.signal);
  await runWorld(options, stop.signal);
  return 0;
}

await runCommand(main);
