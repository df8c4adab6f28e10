import { EVENTS, EVENT_TYPES, type AnyEvent, type EventType } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import {
  BRAND_WEBHOOK_TYPES,
  ENDPOINT_OFF,
  WEBHOOK_EVENTS,
  WEBHOOK_TYPES,
  concerns,
  webhookOf,
} from './webhook.js';

/** An event in which every field of its schema has a value of its own. */
const full = (type: EventType) => {
  const data = Object.fromEntries(
    Object.keys(EVENTS[type].schema.shape).map((name) => [name, `the ${name}`]),
  );
  return { type, time: '2026-02-01T00:00:00Z', data } as unknown as AnyEvent;
};

describe('what a webhook says', () => {
  it.each([
    ['ClipSubmitted', ['campaignId', 'clipId', 'creatorId', 'platform', 'url']],
    ['ClipHeld', ['campaignId', 'clipId', 'code', 'platform', 'reason', 'reviewAt']],
    ['ShortLinkSubmitted', ['campaignId', 'creatorId', 'linkId', 'reason']],
    ['AccountVerified', ['claimId', 'creatorId', 'platform', 'proof']],
    ['EarningsAccrued', ['campaignId', 'currency', 'total']],
    ['PayoutApproved', ['creatorId', 'payoutId']],
    ['BudgetRefunded', ['amount', 'brandId', 'currency']],
    ['PayoutPaid', ['creatorId', 'externalReference', 'payoutId']],
  ] as const)('of %s: %s', (type, fields) => {
    expect(Object.keys(webhookOf(full(type))!.data).toSorted()).toEqual(fields);
  });

  it('of a short link is that it waits, and of a try only that it waits for a person', () => {
    const tried = (more: object) => ({
      type: 'ShortLinkTried' as const,
      time: '2026-02-01T00:00:00Z',
      data: { linkId: crypto.randomUUID(), reason: 'busy', detail: 'Its site is busy.', ...more },
    });
    expect(webhookOf(tried({}))).toBeNull();
    expect(webhookOf(tried({ forPerson: true }))?.type).toBe('short_link.waiting');
  });

  it('is never an account, what a creator typed, a line of others, or who acted', () => {
    for (const type of WEBHOOK_EVENTS)
      for (const secret of [
        'destination',
        'account',
        'submittedUrl',
        'lines',
        'by',
        'anomaly',
        'handle',
        'externalId',
      ])
        expect([type, Object.keys(webhookOf(full(type))!.data)]).not.toEqual([
          type,
          expect.arrayContaining([secret]),
        ]);
  });

  it('is nothing of observations, scrapes and accounts', () => {
    const silent = EVENT_TYPES.filter((type) => webhookOf(full(type)) === null);
    for (const type of ['ViewsRecorded', 'ScrapeFailed', 'PayoutAccountSet'] as const)
      expect(silent).toContain(type);
    expect(silent.length + WEBHOOK_EVENTS.length).toBe(EVENT_TYPES.length);
  });

  it('has a type as the specification wants it', () => {
    for (const type of WEBHOOK_TYPES) expect(type).toMatch(/^[a-z_]+\.[a-z_]+$/);
    expect(new Set(WEBHOOK_TYPES).size).toBe(WEBHOOK_TYPES.length);
  });
});

describe('whom a webhook is for', () => {
  const operator = { brandId: null, types: WEBHOOK_TYPES };
  const acme = { brandId: 'acme', types: WEBHOOK_TYPES };

  it('the operator for all, a brand for its own, each for what it has chosen', () => {
    for (const type of WEBHOOK_TYPES) {
      expect(concerns(operator, type, 'other')).toBe(true);
      expect(concerns(acme, type, 'other')).toBe(false);
      expect(concerns(acme, type, null)).toBe(false);
      expect(concerns(acme, type, 'acme')).toBe(BRAND_WEBHOOK_TYPES.includes(type));
      expect(concerns({ ...operator, types: [] }, type, null)).toBe(false);
    }
  });

  it('no brand hears of payouts, accounts, short links and payments, whatever it has chosen', () => {
    expect(
      BRAND_WEBHOOK_TYPES.filter((type) => /^(payout|account|short_link|funding)\./.test(type)),
    ).toEqual([]);
    expect(BRAND_WEBHOOK_TYPES).toContain(ENDPOINT_OFF);
    expect(concerns({ brandId: 'acme', types: ['payout.paid'] }, 'payout.paid', 'acme')).toBe(
      false,
    );
  });
});
