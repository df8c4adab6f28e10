import { describe, expect, it } from '@jest/globals';
import { jsonSchemaOf } from '../documents/json-schema.js';
import { EVENT_TYPES } from './catalog.js';
import { changePersonalTexts, TEXTS, WHY_NOT_PERSONAL } from './personal.js';

interface Schema {
  type?: string | string[];
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  items?: Schema;
}

/** An id or an instant says nothing that was typed. */
const isFixed = ({ enum: words, const: word, format, pattern }: Schema): boolean =>
  words !== undefined ||
  word !== undefined ||
  pattern !== undefined ||
  ['uuid', 'date-time', 'date'].includes(format ?? '');

function textsIn(schema: Schema, path = ''): string[] {
  const inner = (schema.anyOf ?? []).flatMap((one) => textsIn(one, path));
  for (const [name, one] of Object.entries(schema.properties ?? {}))
    inner.push(...textsIn(one, path === '' ? name : `${path}.${name}`));
  if (schema.items) inner.push(...textsIn(schema.items, `${path}[]`));
  const isText = [schema.type].flat().includes('string') && !isFixed(schema);
  return isText ? [path, ...inner] : inner;
}

describe('the texts of events', () => {
  it.each(EVENT_TYPES)('%s: each is personal, or is listed as not personal', (type) => {
    const found = [...new Set(textsIn(jsonSchemaOf(type) as Schema))];
    // Where this fails: say in TEXTS (personal.ts) whose the text is, or why it is nobody's.
    expect(Object.keys(TEXTS[type]).toSorted()).toEqual(found.toSorted());
    for (const [path, of] of Object.entries<string | { subject: string }>(TEXTS[type]))
      if (typeof of === 'string') expect([path, WHY_NOT_PERSONAL]).toHaveProperty(`1.${of}`);
  });

  it('of what is scraped most, nothing is personal that is still written', () => {
    for (const type of ['ClipTrackingRequested', 'TrackingRunStarted', 'EarningsAccrued'] as const)
      expect(Object.values<unknown>(TEXTS[type]).filter((of) => typeof of !== 'string')).toEqual(
        [],
      );
  });

  it('are given with their subject, in lists too', () => {
    const seen: string[] = [];
    const take = (type: string, data: object) => {
      changePersonalTexts(type, data, (text, subject) => {
        seen.push(`${subject} ${text}`);
        return 'sealed';
      });
      return data;
    };
    const lines = [
      { clipId: 'youtube-1', creatorId: 'ann', reason: 'fraud' },
      { clipId: 'youtube-2', creatorId: 'ben', reason: 'mistake' },
    ];
    expect(take('EarningsReversed', { campaignId: 'c', by: 'root', lines })).toEqual({
      campaignId: 'c',
      by: 'root',
      lines: lines.map((line) => ({ ...line, reason: 'sealed' })),
    });
    take('ClipPostSeen', {
      clipId: 'x-1',
      account: { handle: 'zoe', externalId: null },
      codes: [],
    });
    take('ClipPostSeen', { clipId: 'x-1', account: null, codes: ['cliptally-0123456789'] });
    take('PayoutApproved', {
      creatorId: 'ann',
      destination: { provider: 'manual', account: 'NL1' },
    });
    take('PayoutApproved', { creatorId: 'ann', by: 'root' });
    take('ClipTrackingRequested', { url: 'https://youtu.be/1' });
    expect(seen).toEqual([
      'creator:ann fraud',
      'creator:ben mistake',
      'clip:x-1 zoe',
      'creator:ann NL1',
    ]);
  });
});
