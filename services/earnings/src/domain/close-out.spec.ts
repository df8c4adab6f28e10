import { describe, expect, it } from '@jest/globals';
import { closeOutOf, type Waiting } from './close-out.js';
import { settle } from './settlement.js';
import { accepted, and, ended, eventsOf, given, launched, observed, on, recorded } from './testing/facts.js'; // prettier-ignore

const NONE: Waiting = { pending: 0, held: 0, appeals: 0, unsettled: 0, scrapes: 0 };
const now = new Date(on(9));
const paid = (budget: number) => {
  const before = given(launched({ budget }), accepted('tiktok-a'), observed('tiktok-a', 10_000, on(4)), ended(on(5))); // prettier-ignore
  return and(before, recorded(eventsOf(settle(before, now)), on(9))).campaign;
};

describe('the close-out of a campaign', () => {
  it('says what goes back to the brand once nothing waits', () => {
    expect(closeOutOf(paid(5000), NONE, now)).toEqual({
      campaignId: 'spring',
      currency: 'USD',
      endedAt: on(5),
      closed: true,
      waiting: { ...NONE, end: false },
      budget: 5000,
      spent: 2000,
      fees: 0,
      remaining: 3000,
    });
  });

  it('waits for the end, for people, scrapes and settlements', () => {
    const goesOn = given(launched()).campaign;
    expect(closeOutOf(goesOn, NONE, now)).toMatchObject({ closed: false, waiting: { end: true } });
    for (const one of Object.keys(NONE))
      expect(closeOutOf(paid(5000), { ...NONE, [one]: 1 }, now).closed).toBe(false);
  });

  it('waits for no due that an exhausted budget does not allow', () => {
    expect(closeOutOf(paid(1500), { ...NONE, unsettled: 1 }, now)).toMatchObject({
      closed: true,
      remaining: 0,
    });
  });
});
