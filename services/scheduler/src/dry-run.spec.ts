import { describe, expect, it } from '@jest/globals';
import { DAY_MS, planRun, type Quota } from './domain/index.js';
import { ago, clip, limits, NOW, run, unseen, within } from './domain/testing/clips.js';
import { tableOf } from './dry-run.js';

const quota: Quota = { budgetMicroUsd: 199e6, spentMicroUsd: 160e6, cycle: { from: ago(24), to: NOW + 9 * DAY_MS } };
const plan = planRun(
  run([clip('tiktok-1'), unseen('tiktok-2', { submittedAt: ago(1) }), clip('tiktok-3', { windowEndsAt: within(0.1) })], {
    limits: { ...limits, price: () => 3_700 },
  }),
);
const table = (more: Partial<Quota> = {}) => tableOf({ ...plan, quota: { ...quota, ...more } }, new Date(NOW));

describe('the table of a dry run', () => {
  it('says of each clip what was known, what it costs and why it was chosen', () => {
    expect(table()).toBe(
      [
        'clip       last look  views an hour  waiting  score     cost  why',
        'tiktok-3  10.0 h ago            100    $1.06  12.72  $0.0037  window ends',
        'tiktok-1  10.0 h ago            100    $1.06  12.72  $0.0037  score',
        'tiktok-2       never        unknown    $0.20   0.60  $0.0037  first look',
        '3 of 3 clips, about $0.01',
        '',
      ].join('\n'),
    );
  });
  it('says what held the run back', () => {
    const used = 'The account has used $160.00 of $199.00: ';
    expect(table({ account: 'hard_stop' })).toContain(`${used}only looks that cost nothing are asked for before 2026-03-10T00:00Z`);
    expect(table({ account: 'soft_limit' })).toContain(`${used}until 2026-03-10T00:00Z no run takes more than its even share of the rest.`);
    expect(table({ account: 'open' })).toBe(table());
  });
});
