import { derivedId, type NewEvent } from '@cliptally/contracts';
import { by, event, toMinor, type Derived, type Terms } from './derived.js';
import type { OldCampaign } from './tables.js';

export function campaignEvents(
  row: OldCampaign,
  { currency, countFrom, trackingDays }: Terms,
  derived: Derived,
): NewEvent[] | string {
  const status = row.status.toUpperCase();
  if (status === 'DRAFT') return 'it was a draft and never launched';
  const id = (step: string) => derivedId('import', 'campaigns', row.id, step);
  const minor = (value: number | string) => toMinor(value, currency, derived);
  const campaignTerms = {
    currency, budget: minor(row.budget), ratePerThousand: { default: minor(row.cpm) }, minViews: Number(row.minViews ?? 0),
    maxPayoutPerClip: row.maxPayoutPerClip === null ? null : minor(row.maxPayoutPerClip), countFrom, trackingDays,
    startsAt: row.startDate.toISOString(), endsAt: row.endDate?.toISOString() ?? null, exclusive: false, validationDays: 0, minPayout: 0,
  }; // prettier-ignore
  const at = row.createdAt < row.startDate ? row.createdAt : row.startDate;
  const events = [
    event(
      'CampaignLaunched',
      id('launched'),
      at,
      { campaignId: row.id, brandId: row.brandId, name: row.name, terms: campaignTerms },
      id('launched'),
    ),
  ];
  const change = { campaignId: row.id, reason: `was ${row.status} in the replaced system`, by };
  if (status === 'PAUSED')
    events.push(event('CampaignPaused', id('paused'), row.updatedAt, change, id('launched')));
  else if (status !== 'ACTIVE')
    events.push(event('CampaignEnded', id('ended'), row.updatedAt, change, id('launched')));
  return events;
}
