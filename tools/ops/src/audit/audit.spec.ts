import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { auditEvents } from './audit.js';
import type { RawEvent } from './events.js';
import { reportOf, sentenceOf } from './report.js';
import { soundFunding } from './testing/faults/funding.js';
import { FAULTS } from './testing/faults/index.js';
import { naiveLog } from './testing/naive-log.js';
import { WrittenLog } from './testing/log.js';
import { workedLog } from './testing/worked.js';

type Figure = { of: Record<string, unknown>; field: string };
const FIGURES = [
  'amount',
  'due',
  'total',
  'unpaid',
  'budget',
  'toViews',
  'views',
  'baseline',
  'earned',
  'voided',
  'had',
  'decidedAt',
];

/** Every figure in the decisions about earnings. */
function figuresOf(events: readonly RawEvent[]): Figure[] {
  const into = (of: Record<string, unknown>): Figure[] =>
    Object.entries(of).flatMap(([field, value]) => {
      if (typeof value === 'number') return FIGURES.includes(field) ? [{ of, field }] : [];
      return typeof value === 'object' && value !== null
        ? into(value as Record<string, unknown>)
        : [];
    });
  return events
    .filter(({ type }) => /^(Earnings|CampaignBudget)/.test(type))
    .flatMap(({ data }) => into(data));
}

describe('the auditor', () => {
  it('finds nothing in the worked examples of docs/money.md, and recomputes every line', async () => {
    const audit = await auditEvents(workedLog().events);
    expect(audit.findings.map(sentenceOf)).toEqual([]);
    expect(reportOf(audit)).toBe(
      'The log is sound: 204 events, 16 campaigns, 45 lines and 18 payout decisions recomputed; not recomputed: 0 lines.',
    );
  });

  it('finds nothing in budgets that were paid in first, and come back from what has ended', async () => {
    const log = new WrittenLog();
    soundFunding(log);
    expect((await auditEvents(log.events)).findings.map(sentenceOf)).toEqual([]);
  });

  it('finds nothing in histories that were computed naively, whatever decisions lag behind', async () => {
    await fc.assert(
      fc.asyncProperty(naiveLog, async (log) => {
        const { findings, lines, notRecomputed } = await auditEvents(log.events);
        expect(findings.map(sentenceOf)).toEqual([]);
        expect(notRecomputed).toEqual({ undated: 0, tooOld: 0 });
        expect(lines).toBe(
          log.events.flatMap(({ data }) =>
            data['decidedAt'] === undefined ? [] : ((data['lines'] as []) ?? []),
          ).length,
        );
      }),
      { numRuns: 200 },
    );
  });

  it('finds each figure of a decision about earnings that is changed by one unit', async () => {
    const count = figuresOf(workedLog().events).length;
    const missed: unknown[] = [];
    for (let nth = 0; nth < count; nth++)
      for (const by of [-1, 1]) {
        const { events } = workedLog();
        const { of, field } = figuresOf(events)[nth]!;
        // A decision that knew one event less may be the same; one that knew its own event is not.
        if (field === 'decidedAt' && by === -1) continue;
        of[field] = (of[field] as number) + by;
        if ((await auditEvents(events)).findings.length === 0) missed.push({ nth, field, by, of });
      }
    expect(count).toBeGreaterThan(250);
    expect(missed).toEqual([]);
  }, 60_000);

  it('finds two neighbours of one stream that have changed places, and an event that is left out or there twice', async () => {
    const log = workedLog().events;
    const inStream = (stream: string) => log.filter((event) => event.stream === stream).length;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(log.length - 1),
        fc.constantFrom('swap', 'drop', 'double'),
        async (nth, how) => {
          const { events } = workedLog();
          const event = events[nth]!;
          fc.pre(how !== 'drop' || event.revision < inStream(event.stream) - 1);
          if (how === 'swap') events.splice(nth, 2, ...events.slice(nth, nth + 2).toReversed());
          fc.pre(how !== 'swap' || nth < events.length - 1);
          if (how === 'drop') events.splice(nth, 1);
          if (how === 'double') events.splice(nth, 0, event);
          expect((await auditEvents(events)).findings.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(FAULTS)('finds that $name', async ({ make, what, expected, found, type, options }) => {
    const log = workedLog();
    make(log);
    const { findings } = await auditEvents(log.events, options);
    const [first] = findings;
    expect(
      first && {
        what: first.what,
        expected: first.expected,
        found: first.found,
        type: first.event.type,
      },
    ).toEqual({
      what,
      expected: expect.stringContaining(expected),
      found: expect.stringContaining(found),
      type,
    });
  });

  it('says the first difference with its event, what the rules give, what is there, and how to read both', async () => {
    const log = workedLog();
    const settled = log.events.find(({ type }) => type === 'EarningsAccrued')!;
    const [line] = settled.data['lines'] as Record<string, unknown>[];
    line!['amount'] = 1_999;
    expect(reportOf(await auditEvents(log.events))).toBe(
      [
        `campaign-ample@1, EarningsAccrued ${settled.id} at position 10: the total is not the sum of the lines.`,
        '  expected: 2499',
        '  found:    2500',
        '  read:     npm run events -- stream campaign-ample',
        '15 more findings after it, which may follow from it.',
      ].join('\n'),
    );
  });
});

describe('lines that say no position', () => {
  it('are checked for sums and limits only, and counted', async () => {
    const log = workedLog();
    log.launch('old', { budget: 100 });
    log.clip('old', 'v1', 'ann');
    log.settle('old', [['v1', 70, 60, [1, 0, 0, 0, 0]]], { decidedAt: null });
    const audit = await auditEvents(log.events);
    expect(audit.findings).toEqual([]);
    expect(reportOf(audit)).toMatch(
      'not recomputed: 1 line without a position (version 1 or imported: sums and limits only).',
    );
    log.settle('old', [['v1', 70, 41, [1, 0, 0, 0, 0]]], { decidedAt: null });
    expect((await auditEvents(log.events)).findings.map(({ what }) => what)).toEqual([
      'accrued less reversed passes the budget',
    ]);
  });
});

describe('a log whose positions are bytes', () => {
  /** As KurrentDB has it. */
  const spread = (events: RawEvent[], decided: (at: number) => number) => {
    const far = (position: number) => 1_000 + position * 997;
    for (const event of events) {
      const at = event.data['decidedAt'];
      if (typeof at === 'number') event.data['decidedAt'] = decided(at) === at ? at : far(at);
      event.position = far(event.position);
    }
    return events;
  };

  it('is sound where it was written there, and where it was copied: decidedAt then counts events', async () => {
    for (const decided of [(at: number) => at, (at: number) => at + 1]) {
      const audit = await auditEvents(spread(workedLog().events, decided));
      expect(audit.findings.map(sentenceOf)).toEqual([]);
      expect(audit.lines).toBe(45);
    }
  });

  it('can be said to be one or the other', async () => {
    const copied = () => spread(workedLog().events, (at) => at);
    expect((await auditEvents(copied(), { positions: 'ordinal' })).findings).toEqual([]);
    expect((await auditEvents(copied(), { positions: 'position' })).findings[0]!.what).toBe(
      'something came into the campaign stream between the decision and its event',
    );
  });
});

describe('a decision that lags far behind', () => {
  const lagging = (events: number) => {
    const log = new WrittenLog();
    log.on(2).launch('far', { budget: 1_000_000 });
    log.clip('far', 'f', 'ann');
    log.seen('f', 1_000);
    const decidedAt = log.head;
    for (let views = 1_001; views <= 1_000 + events; views++) log.seen('f', views);
    log.settle('far', [['f', 200, 200, [1_000, 0, 200, 0, 0]]], { decidedAt });
    return log.events;
  };

  it('is recomputed thousands of events later', async () => {
    expect(await auditEvents(lagging(5_000))).toMatchObject({ findings: [], lines: 1 });
  });

  it('is counted as not recomputed if the window has passed it', async () => {
    const audit = await auditEvents(lagging(50), { window: 20 });
    expect(audit).toMatchObject({ findings: [], lines: 0, notRecomputed: { tooOld: 1 } });
    expect(reportOf(audit)).toMatch('1 decided further back than the window');
  });
});
