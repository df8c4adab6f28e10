import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DEFAULT_POLICY, POLICIES } from './domain/index.js';

const FOLDER = new URL('../../../bench/scheduling/', import.meta.url);
const BENCH = fileURLToPath(new URL('main.mjs', FOLDER));
const DOMAIN = new URL('../dist/domain/index.js', import.meta.url);

interface Row {
  name: string;
  waiting: number;
  ofBound: number;
  ofOnePrice: number;
  /** Of the default policy. */
  scrapesNeeded?: number;
  overCap: number;
  oldest: number;
  delay: number;
  overspend: number;
}
interface Measured {
  share: number;
  leastScrapes: number;
  rows: Row[];
}

/**
 * The bench over two small worlds, one with strong second bursts, under three allowances: as users
 * call it.
 */
describe('the simulator', () => {
  let measured: Measured[];
  let output: string;
  beforeAll(async () => {
    // Worlds whose bound says something: in others of their size `classic` leaves so much
    // unrecorded that nothing can be proved of the scrapes anybody needs.
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [BENCH, '--small', '--seed', '4001', '--json'],
      { maxBuffer: 1e7 },
    );
    const lines = stdout.trimEnd().split('\n');
    ({ measured } = JSON.parse(lines.at(-1)!) as { measured: Measured[] });
    output = lines.slice(0, -1).join('\n');
  });
  const rowOf = ({ rows }: Measured, name: string) => rows.find((row) => row.name === name)!;

  it('prints what it measured, with differences to the default', () => {
    expect(measured.map(({ share }) => share)).toEqual([0.1, 0.3, 1, 0.1, 0.3, 1]);
    expect(output).toContain('scrapes needed for what classic reaches');
    expect(output).toContain(`differences to ${DEFAULT_POLICY}`);
  });
  it('lets no clip get older than its cap, by any policy of the service', () => {
    for (const world of measured)
      for (const name of Object.keys(POLICIES)) {
        const { overCap, oldest } = rowOf(world, name);
        expect([world.share, name, overCap]).toEqual([world.share, name, Math.min(0, overCap)]);
        expect(oldest).toBeGreaterThan(0);
      }
  });
  it('holds the cap while scrapes become ample and scarce, as clips of spent campaigns go', async () => {
    const script = `
      import { POLICIES } from '${DOMAIN}';
      import { simulate } from '${new URL('simulate.mjs', FOLDER)}';
      import { syntheticWorld } from '${new URL('synthetic-world.mjs', FOLDER)}';
      const held = [1, 2, 3, 4, 5, 7, 9, 12, 13, 20].map((seed) =>
        simulate(syntheticWorld(seed, { clips: 240, days: 14 }), { policy: POLICIES['${DEFAULT_POLICY}'], share: 0.25, every: 1 }));
      process.stdout.write(JSON.stringify(held.map(({ oldest, overCap }) => ({ oldest, overCap }))));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      script,
    ]);
    const worlds = JSON.parse(stdout) as { oldest: number; overCap: number }[];
    expect(worlds.map(({ overCap }) => overCap)).toEqual(worlds.map(() => 0));
    // The cap was tried: clips got older than it is if scrapes are ample.
    expect(worlds.filter(({ oldest }) => oldest > 48).length).toBeGreaterThan(5);
  });
  it('finds nothing below the bounds, not even with knowledge of the unrecorded amount', () => {
    for (const world of measured) {
      expect(world.leastScrapes).toBeGreaterThan(0);
      expect(world.leastScrapes).toBeLessThanOrEqual(rowOf(world, DEFAULT_POLICY).scrapesNeeded!);
      for (const { name, ofBound, ofOnePrice } of world.rows)
        expect([name, ofOnePrice > 0 && ofBound <= 1]).toEqual([name, true]);
    }
  });
  it('shows the default to need far fewer scrapes than classic, and to detect spent budgets sooner', () => {
    // With 200 clips the scrapes of one world differ by a tenth from one version to the next:
    // together they say more.
    const needed = measured.map((world) => rowOf(world, DEFAULT_POLICY).scrapesNeeded!);
    expect(needed.reduce((sum, scrapes) => sum + scrapes, 0) / needed.length).toBeLessThan(0.65);
    for (const world of measured) {
      const [own, replaced] = [rowOf(world, DEFAULT_POLICY), rowOf(world, 'classic')];
      expect(own.scrapesNeeded).toBeLessThan(0.85);
      expect(own.delay).toBeLessThan(0.9 * replaced.delay);
      expect(own.overspend).toBeLessThan(0.8 * replaced.overspend);
    }
  });
});
