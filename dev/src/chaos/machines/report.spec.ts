import { describe, expect, it } from '@jest/globals';
import type { Fault } from './fault.js';
import { FAULTS } from './faults/index.js';
import { withResults } from './report.js';
import type { Outcome } from './run.js';

const [one, other] = FAULTS as [Fault, Fault];
const EMPTY = 'Before.\n<!-- chaos: results --><!-- chaos: end -->\nAfter.\n';
const sums = { lost: 0, doubled: 0, differs: 0, checks: [], events: 10 };
const outcome = (fault: Fault, more: Partial<Outcome> = {}): Outcome => ({
  fault,
  round: 1,
  struck: '2 kills',
  skipped: false,
  recoveredMs: 1_500,
  tookMs: 9_000,
  calm: true,
  judgement: sums,
  memory: { service: 'earnings', bytes: 150_000_000 },
  problem: null,
  ...more,
});

describe('the table of what was broken', () => {
  it('has the sums of all rounds, the slowest recovery and the most memory', () => {
    const text = withResults(
      EMPTY,
      [
        outcome(one),
        outcome(one, {
          recoveredMs: 4_000,
          judgement: { ...sums, lost: 2, doubled: 1 },
          memory: { service: 'relay', bytes: 200_000_000 },
        }),
      ],
      7,
    );
    expect(text).toMatch(/\| 2 +\| 2 +\| 1 +\| 0 +\| 4\.0 s +\| 200 MB \(relay\) +\| 7 +\|/);
    expect(text).toMatch(/^Before\..*After\.\n$/s);
  });

  it('keeps the rows of faults that were not run now, and never calls a run that failed sound', () => {
    const before = withResults(EMPTY, [outcome(one), outcome(other)], 7);
    const failed = outcome(one, { recoveredMs: null, judgement: null, problem: 'It hangs.' });
    const after = withResults(before, [failed], 8);
    expect(after).toMatch(/\| 1 +\| NaN +\| NaN +\| NaN +\| never +\|/);
    expect(after).toMatch(
      new RegExp(`\`${other.name}\`.*\\| 1 +\\| 0 +\\| 0 +\\| 0 +\\| 1\\.5 s +\\|`),
    );
  });

  it('says why a fault could not be done', () => {
    const text = withResults(EMPTY, [outcome(one, { skipped: true, struck: 'no root' })], 7);
    expect(text).toMatch(/\| 0 +\| - +\| - +\| - +\| no root +\| - +\| 7 +\|/);
  });
});
