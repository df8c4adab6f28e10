import {
  EVENTS,
  categoryOf,
  earnedFor,
  outcomeId,
  NO_SUMS,
  sumsAfter,
  type AnyEvent,
  type EventType,
} from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';

const FOLDER = new URL('../../docs/concepts/', import.meta.url);
const LINES = 60;

const pages = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));
const eventsOf = (text: string) =>
  [...text.matchAll(/^```json\n(.*?)^```/gms)].map(([, json]) => JSON.parse(json!) as AnyEvent);
const pageOf = (name: string) => pages.find((page) => page.name === name)!;
const onlyEventOf = <T extends EventType>(name: string, type: T) =>
  eventsOf(pageOf(name).text).find((event) => event.type === type) as Extract<
    AnyEvent,
    { type: T }
  >;

describe.each(pages)('docs/concepts/$name', ({ text }) => {
  it('fits on a screen', () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(LINES);
  });

  it('shows an event', () => {
    expect(eventsOf(text).length).toBeGreaterThan(0);
  });

  it('shows events of the newest version, in a stream of their category, with all fields and no others', () => {
    for (const event of eventsOf(text)) {
      const { schema, version, category } = EVENTS[event.type];
      expect({
        type: event.type,
        version: event.version,
        category: categoryOf(event.stream),
        data: schema.parse(event.data),
      }).toEqual({
        type: event.type,
        version,
        category,
        data: event.data,
      });
    }
  });
});

describe('what the pages say of their events', () => {
  it('the id of an outcome is derived from its request', () => {
    const { id, causationId, data } = onlyEventOf('the-log.md', 'ViewsRecorded');
    expect([id, causationId]).toEqual([outcomeId(data.requestId), data.requestId]);
  });

  it('the row of the campaign is as its fold gives it', () => {
    const accrued = onlyEventOf('projections.md', 'EarningsAccrued');
    const [before, after] = [
      ...pageOf('projections.md').text.matchAll(
        /^(?:before|after) .*budget (\d+) +accrued +(\d+) +reversed (\d+)$/gm,
      ),
    ].map(([, budget, sum, reversed]) => ({
      ...NO_SUMS,
      budget: Number(budget),
      accrued: Number(sum),
      reversed: Number(reversed),
    }));
    expect(sumsAfter(before!, accrued)).toEqual(after);
  });

  it('the line of the settlement follows from its basis', () => {
    const { lines, total } = onlyEventOf('money.md', 'EarningsAccrued').data;
    for (const { basis, due } of lines) {
      expect(basis!.earned).toBe(earnedFor(basis!.views - basis!.baseline, 150));
      expect(due).toBe(basis!.earned - basis!.voided - basis!.had);
    }
    expect(total).toBe(lines.reduce((sum, { amount }) => sum + amount, 0));
  });
});
