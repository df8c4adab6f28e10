import { describe, expect, it } from '@jest/globals';
import { judge } from './health.js';

const now = new Date('2026-01-02T00:00:00Z');
const run = { startedAt: new Date('2026-01-01T23:45:00Z'), requested: 10, recorded: 9, failed: 1 };

describe('the state of tracking', () => {
  it.each([
    [1000, 0, 'HEALTHY'],
    [901, 99, 'HEALTHY'],
    [900, 100, 'DEGRADED'],
    [701, 299, 'DEGRADED'],
    [700, 300, 'UNHEALTHY'],
    [0, 5, 'UNHEALTHY'],
    [0, 0, 'UNKNOWN'],
  ])('%i recorded and %i failed scrapes: %s', (recorded, failed, status) => {
    expect(judge({ recorded, failed }, run, now).status).toBe(status);
  });

  it('says why, and what the last run was', () => {
    expect(judge({ recorded: 900, failed: 100 }, run, now).reasons).toEqual([
      '90.0 % of 1000 scrapes in the last 24 hours succeeded; 90 % or less is degraded.',
      'The last tracking run began 15 min ago and requested 10 scrapes.',
    ]);
    expect(judge({ recorded: 0, failed: 0 }, null, now).reasons).toEqual([
      'No scrape ended in the last 24 hours.',
      'There has been no tracking run yet.',
    ]);
  });
});
