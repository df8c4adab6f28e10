import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { EVENTS, EVENT_TYPES, type EventType } from './events/catalog.js';
import { Budget, MOST_MINOR } from './money.js';
import { subjectOf } from './subjects.js';
import { Text, isText, shortened } from './text.js';
import { readFileSync } from 'node:fs';

/** What no store keeps, each in the middle and at the ends of a text. */
const BAD = ['\ud800', 'a\udc00b', '\ude00\ud83d', 'a\ud83d', '\0', 'a\0b'];

describe('the text type', () => {
  it('takes whole characters of any kind', () => {
    for (const text of ['', 'a', 'ü', '💥', '\u0001\u001f\n', '\uffff\ufffd', '\\u0000', '\\ud800'])
      expect(Text.parse(text)).toBe(text);
  });

  it('refuses halves of surrogate pairs and U+0000', () => {
    for (const text of BAD) expect([text, Text.safeParse(text).success]).toEqual([text, false]);
  });

  it('is shortened without cutting a character in two, and is text whatever it was', () => {
    expect(shortened('ab💥', 3)).toBe('ab');
    expect(shortened('ab💥', 4)).toBe('ab💥');
    expect(shortened('a\0b\ud800', 9)).toBe('a\ufffdb\ufffd');
    fc.assert(
      fc.property(
        fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }),
        fc.nat(20),
        (text, max) => {
          const short = shortened(text, max);
          expect(isText(short)).toBe(true);
          expect(short.length).toBeLessThanOrEqual(max);
          if (isText(text))
            expect(text.startsWith(short) && short.length >= Math.min(text.length, max) - 1).toBe(
              true,
            );
        },
      ),
    );
  });
});

interface Example {
  stream: string;
  data: Record<string, unknown>;
}
const example = (type: EventType): Example =>
  JSON.parse(
    readFileSync(
      new URL(`../events/${type}.v${EVENTS[type].version}.example.json`, import.meta.url),
      'utf8',
    ),
  ) as Example;

/** Each text of a value, as the value with that one changed. */
function* changed(value: unknown, text: string): Generator {
  if (typeof value === 'string') yield value.replace(/.?$/s, text);
  else if (value !== null && typeof value === 'object')
    for (const [name, inner] of Object.entries(value))
      for (const other of changed(inner, text))
        yield Array.isArray(value) ? value.with(Number(name), other) : { ...value, [name]: other };
}

describe('event schemas', () => {
  it.each(EVENT_TYPES)('%s takes no text that no store keeps, in any field', (type) => {
    const { data } = example(type);
    expect(EVENTS[type].schema.safeParse(data).success).toBe(true);
    for (const text of BAD)
      for (const wrong of changed(data, text))
        expect([JSON.stringify(wrong), EVENTS[type].schema.safeParse(wrong).success]).toEqual([
          JSON.stringify(wrong),
          false,
        ]);
  });

  it('take no instant that a table does not', () => {
    const { data } = example('CampaignLaunched');
    const terms = { ...(data['terms'] as object), startsAt: '0000-01-01T00:00:00Z' };
    expect(
      EVENTS.CampaignLaunched.schema.safeParse({ ...data, terms }).error?.issues[0],
    ).toMatchObject({ path: ['terms', 'startsAt'] });
  });
});

describe('other borders', () => {
  it('an amount that is asked for has a limit, and the refusal names it', () => {
    expect(Budget.parse(MOST_MINOR)).toBe(MOST_MINOR);
    expect(Budget.safeParse(MOST_MINOR + 1).error?.issues[0]?.message).toContain(
      String(MOST_MINOR),
    );
  });

  it("a subject has no word of an event's data but a platform's name", () => {
    expect(subjectOf({ stream: 'clip-x', type: 'ViewsRecorded', data: { platform: 'x' } })).toBe(
      'cliptally.events.clip.ViewsRecorded.x',
    );
    for (const platform of ['> *', 'a.b', '', 1, null, {}])
      expect(subjectOf({ stream: 'clip-x', type: 'ViewsRecorded', data: { platform } })).toBe(
        'cliptally.events.clip.ViewsRecorded',
      );
  });
});
