import { runCommand } from '@cliptally/telemetry';
import { Session } from 'node:inspector/promises';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startWorld, type World } from './all-in-one.js';
import { fill } from './cycle.js';
import { until } from './servers/index.js';
import { sampleCurves } from './world/sample-curves.js';
import { sampleCampaigns, sampleClip } from './world/sample-world.js';

const ROOT = resolve(import.meta.dirname, '../..');
const BUDGETS = join(ROOT, 'dev/lint/budgets.json');
const DAY_MS = 86_400_000;

interface Walk {
  files: string[];
  besides: { why: string; paths: string[] }[];
}

/** Lines of functions that ran, by source file. */
type Ran = Map<string, number>;

/** From the plan to the statement of one clip. */
async function scrapeOne(world: World): Promise<void> {
  const store = await world.openStore();
  try {
    const before = await store.head();
    await world.scheduler.run(world.clock.now());
    const types = ['EarningsAccrued'] as const;
    await until(
      'a settlement',
      async () => (await Array.fromAsync(store.readAll(before, { types }))).length > 0,
    );
    const { creatorId } = sampleClip(0);
    const headers = { authorization: `Bearer ${world.tokens.admin}` };
    const statement = () =>
      fetch(`${world.apiUrl}/creators/${creatorId}/statement`, { headers }).then((r) => r.text());
    await until('its line', async () => (await statement()).includes('"accrued"'));
  } finally {
    await store.close();
  }
}

/** Which functions of the product run meanwhile. */
async function ranDuring(work: () => Promise<void>): Promise<Ran> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  const ran: Ran = new Map();
  for (const { url, functions } of result) {
    const source = sourceOf(url);
    if (!source) continue;
    const text = readFileSync(fileURLToPath(url), 'utf8');
    const lines = new Set<number>();
    for (const { functionName, ranges } of functions) {
      const [{ startOffset, endOffset, count }] = ranges as [(typeof ranges)[0]];
      if (functionName === '' || count === 0) continue;
      const first = text.slice(0, startOffset).split('\n').length;
      const more = text.slice(startOffset, endOffset).split('\n').length;
      for (let line = first; line < first + more; line++) lines.add(line);
    }
    if (lines.size > 0) ran.set(source, lines.size);
  }
  return ran;
}

function sourceOf(url: string): string | null {
  if (!url.startsWith('file:')) return null;
  const path = relative(ROOT, fileURLToPath(url));
  if (!/^(libs|services)\/[^/]+\/dist\//.test(path)) return null;
  const source = path.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
  return existsSync(join(ROOT, source)) ? source : null;
}

/** Scrapes one clip in a world of its own, and compares what ran with the list of budgets.json. */
async function main(): Promise<number> {
  const { walk } = JSON.parse(readFileSync(BUDGETS, 'utf8')) as { walk: Walk };
  const dir = mkdtempSync(join(tmpdir(), 'cliptally-walk-'));
  const now = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  let ran: Ran;
  const world = await startWorld({
    dir,
    cacheDir: join(ROOT, '.cliptally/cache'),
    time: { start: now - DAY_MS, now },
    speed: 720,
    port: 0,
    curves: sampleCurves,
  });
  try {
    const campaigns = (start: Date) => sampleCampaigns(start).slice(0, 1);
    const clip = { ...sampleClip(0), campaignId: 'spring-drop' };
    await fill(world, campaigns, [clip], () => {});
    ran = await ranDuring(() => scrapeOne(world));
  } finally {
    await world.close();
    rmSync(dir, { recursive: true, force: true });
  }
  const beside = (file: string) =>
    walk.besides.some(({ paths }) => paths.some((path) => file.startsWith(path)));
  const unknown = [...ran.keys()].filter((file) => !walk.files.includes(file) && !beside(file));
  const idle = walk.files.filter((file) => !ran.has(file));
  const lines = walk.files.reduce((sum, file) => sum + (ran.get(file) ?? 0), 0);
  process.stdout.write(
    `${ran.size} files had a part. In the ${walk.files.length} of the walk, ${lines} lines of functions ran.\n`,
  );
  for (const file of unknown) process.stdout.write(`It ran, and budgets.json lacks it: ${file}\n`);
  for (const file of idle) process.stdout.write(`It is listed, and nothing in it ran: ${file}\n`);
  return unknown.length + idle.length === 0 ? 0 : 1;
}

await runCommand(async () => {
  const status = await main();
  process.exit(status);
});
