import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { raiseVersion } from '../../../contracts/src/testing/raise-version.js';
import { exportLog, verifyExport } from './export.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { paused } from '../testing/conformance.js';

const exported = async () => {
  const store = new MemoryEventStore();
  for (let i = 0; i < 5; i++)
    await store.append(`campaign-${i}`, [paused(`n${i} "quoted"`)], 'none');
  return Array.fromAsync(exportLog(store));
};
const check = (lines: string[], kept?: string) =>
  verifyExport(Readable.from([lines.join('')]), kept);
const hashOf = (line: string) => (JSON.parse(line) as { hash: string }).hash;

describe('the export of the log', () => {
  it('is sound as it was written', async () => {
    const lines = await exported();
    expect(await check(lines, hashOf(lines[4]!))).toEqual({
      sound: true,
      events: 5,
      hash: hashOf(lines[4]!),
    });
  });
  it.each<[string, (lines: string[]) => string[], number]>([
    ['a changed event', (l) => l.map((line, i) => (i === 2 ? line.replace('n2', 'n9') : line)), 3],
    ['a removed event', (l) => l.toSpliced(1, 1), 2],
    ['an event that appears twice', (l) => l.toSpliced(1, 0, l[0]!), 2],
    ['events that changed places', (l) => [l[0]!, l[2]!, l[1]!, l[3]!, l[4]!], 2],
    ['a line of something else', (l) => [...l, 'hello\n'], 6],
  ])('shows %s', async (_, tamper, line) => {
    expect(await check(tamper(await exported()))).toMatchObject({ sound: false, line });
  });
  it('has the same hashes when a newer version of the program makes it', async () => {
    const store = new MemoryEventStore();
    await store.append('campaign-a', [paused()], 'none');
    const before = await Array.fromAsync(exportLog(store));
    const restore = raiseVersion('CampaignPaused', (data) => ({ ...data, since: 'then' }));
    try {
      expect(await Array.fromAsync(exportLog(store))).toEqual(before);
    } finally {
      restore();
    }
  });
  it('shows a cut-off end to who kept the last hash', async () => {
    const lines = await exported();
    expect(await check(lines.slice(0, 4))).toMatchObject({ sound: true });
    expect(await check(lines.slice(0, 4), hashOf(lines[4]!))).toMatchObject({
      sound: false,
      line: 5,
    });
  });
});
