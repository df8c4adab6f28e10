import { describe, expect, it } from '@jest/globals';
import { DAY_MS, planTrackingRun, type ScrapeBudget } from './domain/index.js';
import { ago, clip, limits, NOW, run, unobserved, within } from './domain/testing/clips.js';
import { dryRunReport } from './dry-run.js';

const budget: ScrapeBudget = {
  budgetMicroUsd: 199e6,
  spentMicroUsd: 160e6,
  cycle: { from: ago(24), to: NOW + 9 * DAY_MS },
};
const plan = planTrackingRun(
  run(
    [
      clip('tiktok-1'),
      unobserved('tiktok-2', { submittedAt: ago(1) }),
      clip('tiktok-3', { windowEndsAt: within(0.1) }),
    ],
    {
      limits: { ...limits, price: () => 3_700 },
    },
  ),
);
const report = (more: Partial<ScrapeBudget> = {}) =>
  dryRunReport({ ...plan, budget: { ...budget, ...more } }, new Date(NOW));

describe('the report of a dry run', () => {
  it('says of each clip what was known, what it costs and why it was chosen', () => {
    expect(report()).toBe(
      [
        'clip      last observed  views an hour  unrecorded  score     cost  why',
        'tiktok-3     10.0 h ago            100       $1.06  12.72  $0.0037  window ends',
        'tiktok-1     10.0 h ago            100       $1.06  12.72  $0.0037  score',
        'tiktok-2          never        unknown       $0.20   0.60  $0.0037  first scrape',
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
