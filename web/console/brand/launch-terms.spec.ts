import { NewCampaign } from '../../../services/earnings/src/http/schemas.js';
import { describe, expect, it } from '@jest/globals';
import { draftOf, initialTerms, type LaunchValues } from './launch-terms.js';

const NOW = Date.parse('2026-02-01T08:00:00Z');
const filled = (more: Partial<LaunchValues> = {}): LaunchValues =>
  Object.assign(initialTerms(NOW), {
    name: 'Spring',
    budget: '1500',
    'ratePerThousand.default': '2',
    ...more,
  });
const bodyOf = (more?: Partial<LaunchValues>) => {
  const draft = draftOf(filled(more));
  if (!('body' in draft)) throw new Error(JSON.stringify(draft.faults));
  return NewCampaign.parse(JSON.parse(JSON.stringify(draft.body)));
};
const faultsOf = (more: Partial<LaunchValues>) => {
  const draft = draftOf(filled(more));
  return 'faults' in draft ? draft.faults.map(({ path }) => path[0]) : [];
};

describe('the form of a launch', () => {
  it('makes what the API takes, in minor units', () => {
    expect(bodyOf()).toMatchObject({
      name: 'Spring',
      budget: 150_000,
      ratePerThousand: { default: 200 },
      endsAt: null,
      reviewHours: 48,
      startsAt: '2026-02-01T08:00:00.000Z',
    });
    expect(bodyOf({ currency: 'JPY', minPayout: '20' })).toMatchObject({
      budget: 1_500,
      minPayout: 20,
    });
  });

  it('takes every term', () => {
    expect(
      bodyOf({
        takes_x: false,
        'ratePerThousand.youtube': '3,5',
        milestones: '100000: 25\n\n1000000: 100.50',
        requiredText: '#spring\n @acme ',
        'platformFee.basisPoints': '12.5',
        'platformFee.bearer': 'creator',
        reviewHours: '',
        anomalyThreshold: '',
      }),
    ).toMatchObject({
      platforms: ['tiktok', 'youtube', 'instagram', 'facebook'],
      ratePerThousand: { default: 200, youtube: 350 },
      milestones: [
        { views: 100_000, bonus: 2_500 },
        { views: 1_000_000, bonus: 10_050 },
      ],
      requiredText: ['#spring', '@acme'],
      platformFee: { basisPoints: 1_250, bearer: 'creator' },
      reviewHours: null,
      anomalyThreshold: null,
    });
  });

  it.each([
    [{ name: ' ' }, ['name']],
    [{ budget: '1,500.00' }, ['budget']],
    [{ currency: 'JPY', budget: '15.5' }, ['budget']],
    [{ trackingDays: '0' }, ['trackingDays']],
    [{ milestones: '100000' }, ['milestones']],
    [{ startsAt: '' }, ['startsAt']],
    [{ 'platformFee.basisPoints': '100.01' }, ['platformFee.basisPoints']],
    [
      {
        takes_tiktok: false,
        takes_youtube: false,
        takes_instagram: false,
        takes_x: false,
        takes_facebook: false,
      },
      ['takes_tiktok'],
    ],
  ])('%j: %j', (more, fields) => {
    expect(faultsOf(more)).toEqual(fields);
  });
});
