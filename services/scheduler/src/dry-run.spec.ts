import { describe, expect, it } from '@jest/globals';
import { DAY_MS, type ScrapeBudget } from './domain/index.js';
import {
  ago,
  clip,
  learned,
  limits,
  NOW,
  planOf,
  run,
  unobserved,
  within,
} from './testing/clips.js';
import { dryRunReport } from './dry-run.js';

const budget: ScrapeBudget = {
  budgetMicroUsd: 199e6,
  spentMicroUsd: 160e6,
  cycle: { from: ago(24), to: NOW + 9 * DAY_MS },
};
const nearItsCap = { dollarsPerThousand: 1, uncounted: 0, minViews: 0, most: 0.4, chance: 1 };
const plan = planOf(
  run(
    [
      clip('tiktok-1'),
      unobserved('tiktok-2', { submittedAt: ago(1) }),
      clip('tiktok-3', { windowEndsAt: within(0.1), terms: [nearItsCap] }),
    ],
    {
      limits: { ...limits, price: () => 3_700 },
    },
  ),
);
const report = (more: Partial<ScrapeBudget> = {}) =>
  dryRunReport(
    { ...plan, learned: learned(), checks: new Map(), budget: { ...budget, ...more } },
    new Date(NOW),
  );

describe('the report of a dry run', () => {
  it('says of each clip what was known, what it costs and why it was chosen', () => {
    expect(report()).toBe(
      [
        'clip      last observed  views an hour  unrecorded  score     cost  why           per 1,000  hours  factor  can still earn',
        'tiktok-3     10.0 h ago            100       $0.40   4.80  $0.0037  window ends       $1.00   12.0    1.00           $0.40',
        'tiktok-1     10.0 h ago            100       $1.06  12.72  $0.0037  score             $1.00   12.0    1.00             any',
        'tiktok-2          never        unknown       $0.20   0.60  $0.0037  first scrape      $1.00    3.0    1.00             any',
        '3 of 3 clips, about $0.01',
        '',
      ].join('\n'),
    );
  });
  it('says what held the run back', () => {
    const used = 'The account has used $160.00 of $199.00: ';
    expect(report({ account: 'hard_stop' })).toContain(
      `${used}until 2026-03-10T00:00Z, or until somebody raises its limit, the scheduler requests only free scrapes.`,
    );
    expect(report({ account: 'soft_limit' })).toContain(
      `${used}until 2026-03-10T00:00Z no tracking run takes more than its even share of the rest.`,
    );
    expect(report({ account: 'open' })).toBe(report());
  });
});
