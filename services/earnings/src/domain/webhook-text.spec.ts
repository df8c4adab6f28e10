import { EVENT_TYPES, type AnyEvent } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { hasSentence, sentenceOf } from './webhook-text.js';
import { TEST, TYPES_FOR_PEOPLE, WEBHOOK_TYPES, webhookOf } from './webhook.js';

describe('the sentences for people', () => {
  it('each type has a sentence, of fields that its webhook has', () => {
    for (const type of [...WEBHOOK_TYPES, TEST])
      expect([type, hasSentence(type)]).toEqual([type, true]);
    const anything = new Proxy({}, { get: (_, name) => `<${String(name)}>`, has: () => true });
    const webhooks = EVENT_TYPES.flatMap(
      (type) => webhookOf({ type, time: '', data: anything } as unknown as AnyEvent) ?? [],
    );
    expect(webhooks.length).toBeGreaterThan(15);
    // A field that is not there would leave two spaces, or one before a mark.
    for (const webhook of webhooks)
      expect(sentenceOf(webhook)).not.toMatch(/ {2}| [.,:;)]|\(\)|: $/);
  });

  it('amounts are read as people write them, and a text of somebody stays on one line', () => {
    const timestamp = '2026-02-01T00:00:00Z';
    const gone = { campaignId: 'a', currency: 'USD', budget: 150_000, unpaid: 0 };
    expect(sentenceOf({ type: 'campaign.budget_exhausted', timestamp, data: gone })).toBe(
      'The budget of the campaign a, 1,500.00 USD, is gone.',
    );
    const data = { clipId: 'x-1', campaignId: 'a', reason: 'no\r\nBcc: all@example.com {clipId}' };
    expect(sentenceOf({ type: 'clip.rejected', timestamp, data })).toBe(
      'The clip x-1 was rejected in the campaign a: no Bcc: all@example.com {clipId}',
    );
  });

  it('if they choose nothing, they hear of what there is', () => {
    for (const type of TYPES_FOR_PEOPLE) expect(WEBHOOK_TYPES).toContain(type);
  });
});
