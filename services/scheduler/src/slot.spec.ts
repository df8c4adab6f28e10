import { describe, expect, it } from '@jest/globals';
import { JOB_NAME, nextRunOf, slotOf, slotOfJob } from './slot.js';

describe('a slot by its name', () => {
  it.each([
    ['2026-11-23T12:00Z', '2026-11-23T12:00:00.000Z'],
    ['2026-11-23T12:00:30Z', '2026-11-23T12:00:30.000Z'],
    ['2026-11-23T12:00:30.500Z', '2026-11-23T12:00:30.500Z'],
  ])('%s is an instant', (text, instant) => {
    expect(slotOf(text)?.toISOString()).toBe(instant);
  });
  it.each(['5', '', 'now', '2026', '2026-11-23', '2026-11-23T12:00', '2026-11-23T12:00+01:00', '2026-02-30T12:00Z', '2026-13-01T12:00Z', '2026-11-23T24:00Z'])(
    '"%s" is none',
    (text) => expect(slotOf(text)).toBeNull(),
  ); // prettier-ignore
});

describe('a slot by the name of a Job', () => {
  it('is the minute that a CronJob has put there', () => {
    expect(slotOfJob('scheduler-29399760').toISOString()).toBe(
      new Date(29_399_760 * 60_000).toISOString(),
    );
    expect(slotOfJob('my-2-schedulers-29399760').getTime()).toBe(29_399_760 * 60_000);
  });
  it.each(['scheduler', 'scheduler-manual', 'scheduler-29399760-x7k2p', 'scheduler-1', '29399760'])(
    'is not in "%s"',
    (name) => {
      expect(name).not.toMatch(JOB_NAME);
    },
  );
});

describe('the run after a run', () => {
  const at = (time: string) => new Date(`2026-11-23T${time}Z`);
  it.each([
    ['on time', '12:00:00', '12:15:00'],
    ['a little late', '12:05:00', '12:15:00'],
    ['so late that the next slot is about to come', '12:14:59', '12:30:00'],
    ['after hours', '15:01:00', '15:15:00'],
    ['by a clock that is behind', '11:59:00', '12:15:00'],
  ])('%s has time enough to spend its share for', (_, now, next) => {
    expect(nextRunOf(at('12:00:00'), at(now), 900_000)).toEqual(at(next));
  });
});
