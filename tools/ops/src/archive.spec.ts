import { describe, expect, it } from '@jest/globals';
import { agesOf } from './archive.js';

const DAY = 86_400_000;
const of = (text: string) => Object.fromEntries(agesOf(text, 'ARCHIVE_AFTER'));

describe('ages by type of event', () => {
  it('are one for all, or one for each that is named', () => {
    const all = { TrackingRunStarted: 90 * DAY, ClipTrackingRequested: 90 * DAY, ScrapeBatchStarted: 90 * DAY, ScrapeBatchCompleted: 90 * DAY }; // prettier-ignore
    expect(of('90d')).toEqual(all);
    expect(of('ClipTrackingRequested=720h, 90d')).toEqual({
      ...all,
      ClipTrackingRequested: 30 * DAY,
    });
    expect(of('ScrapeBatchStarted=1d,ScrapeBatchCompleted=2d')).toEqual({
      ScrapeBatchStarted: DAY,
      ScrapeBatchCompleted: 2 * DAY,
    });
  });

  it.each([
    ['soon', 'ARCHIVE_AFTER: "soon" must be a number with ms, s, m, h or d behind it'],
    ['30d,', 'ARCHIVE_AFTER: "" must be a number'],
    ['30d,90d', 'ARCHIVE_AFTER: "90d" is a second age for all types.'],
    ['ScrapeBatchStarted=1d,ScrapeBatchStarted=2d', 'names its type a second time'],
    ['ScrapeFailed=30d', 'ARCHIVE_AFTER: "ScrapeFailed=30d" names no type that is archived: these are TrackingRunStarted, '],
    ['=30d=1', 'names no type that is archived'],
    ['toString=30d', 'names no type that is archived'],
  ])('%s is refused', (text, sentence) => {
    expect(() => agesOf(text, 'ARCHIVE_AFTER')).toThrow(sentence);
  }); // prettier-ignore
});
