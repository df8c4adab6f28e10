import { describe, expect, it } from '@jest/globals';
import { nextScrape, type ScrapedClip } from './next-scrape.js';

const MIN = 60_000;
const NOON = Date.parse('2026-03-15T12:00:00Z');
const NOW = NOON + 20 * MIN;
/** The last run answered for noon; the next ones are at 12:30, 13:00 ... */
const SLOT = NOON;
const INTERVAL = 30 * MIN;

const clip = (changes: Partial<ScrapedClip>): ScrapedClip => ({
  requested: false,
  tracked: true,
  lastOutcomeAt: null,
  failures: 0,
  curve: [],
  ...changes,
});
/** Observations so many minutes before noon, oldest first. */
const curve = (...minutes: number[]) =>
  minutes.map((before, i): [number, number] => [(NOON - before * MIN) / 1000, i]);
const next = (changes: Partial<ScrapedClip>, slot: number | null = SLOT) =>
  nextScrape(clip(changes), NOW, slot, INTERVAL);
const at = (time: string) => Date.parse(`2026-03-15T${time}:00Z`);

describe('the next scrape of a clip', () => {
  it('is under way if one was requested, whatever else', () => {
    expect(next({ requested: true, tracked: false })).toEqual({ how: 'requested', at: null });
  });
  it('does not come if the clip counts in no campaign, or there was no run yet', () => {
    expect(next({ tracked: false })).toEqual({ how: 'none', at: null });
    expect(next({}, null)).toEqual({ how: 'none', at: null });
  });
  it('is in the next run for a clip that was never scraped', () => {
    expect(next({})).toEqual({ how: 'run', at: at('12:30') });
  });
  it('is in no run while the observation is in the cache', () => {
    expect(next({ lastOutcomeAt: NOON, curve: curve(0) })).toEqual({ how: 'run', at: at('13:00') });
    expect(next({ lastOutcomeAt: NOON + 10 * MIN, curve: curve(-10) })).toEqual({
      how: 'run',
      at: at('13:30'),
    });
  });
  it('comes as it came of late, in a run', () => {
    expect(next({ lastOutcomeAt: NOON, curve: curve(1_000, 470, 310, 160, 0) })).toEqual({
      how: 'usual',
      at: at('15:00'),
    });
  });
  it('is in the next run for a clip that is late', () => {
    expect(next({ lastOutcomeAt: at('08:00'), curve: curve(360, 300, 240) })).toEqual({
      how: 'run',
      at: at('12:30'),
    });
  });
  it('waits longer with each failure in a row, and a day at most', () => {
    const waits = [1, 2, 4, 9].map(
      (failures) =>
        (next({ lastOutcomeAt: NOON, failures, curve: curve(120, 60, 0) }).at! - NOON) / 3_600_000,
    );
    expect(waits).toEqual([1, 2, 8, 24]);
  });
  it('is never in the past, after however long a silence', () => {
    expect(next({}, SLOT - 100 * INTERVAL)).toEqual({ how: 'run', at: at('12:30') });
  });
});
