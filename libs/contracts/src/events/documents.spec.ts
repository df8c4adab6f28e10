import specs from '@asyncapi/specs';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncApi, schemaFile } from '../documents/asyncapi.js';
import { jsonSchemaOf } from '../documents/json-schema.js';
import { subjectOf } from '../subjects.js';
import { EVENTS, EVENT_TYPES, type EventType } from './catalog.js';
import type { AnyEvent } from './envelope.js';
import { upcast } from './upcast.js';

const folder = fileURLToPath(new URL('../../events/', import.meta.url));
const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as object;
const validator = (options = {}) =>
  formats.default(new Ajv({ strict: false, allErrors: true, ...options }));

/** Every version of every event that there ever was: [type, version]. */
const versions = EVENT_TYPES.flatMap((type) =>
  Array.from({ length: EVENTS[type].version }, (_, i): [EventType, number] => [type, i + 1]),
);

describe('the stored documents of events', () => {
  it.each(EVENT_TYPES)('%s has not changed without a new version', (type) => {
    // Where this fails: libs/contracts/events/README.md says what a change needs.
    expect(read(schemaFile(type))).toEqual(jsonSchemaOf(type));
  });

  it('has a schema and an example of every version, and none of anything else', () => {
    const wanted = versions.flatMap(([type, version]) => [
      schemaFile(type, version),
      `${type}.v${version}.example.json`,
    ]);
    expect(readdirSync(folder).toSorted()).toEqual(
      [...wanted, 'README.md', 'asyncapi.json'].toSorted(),
    );
  });

  it.each(versions)(
    '%s, version %i: its example fits its schema, and is read as the newest version',
    (type, version) => {
      const example = read(`${type}.v${version}.example.json`) as AnyEvent;
      expect(example).toMatchObject({ type, version });
      const validate = validator().compile(read(schemaFile(type, version)));
      expect([validate(example.data), validate.errors]).toEqual([true, null]);
      const event = upcast(example);
      expect(event.version).toBe(EVENTS[type].version);
      expect(EVENTS[type].schema.parse(event.data)).toEqual(event.data);
    },
  );

  it('refuses what is not such an event', () => {
    const validate = validator().compile(read('ViewsRecorded.v1.schema.json'));
    const { data } = read('ViewsRecorded.v1.example.json') as AnyEvent;
    for (const wrong of [
      { views: -1 },
      { views: undefined },
      { clipId: 'vimeo-1' },
      { requestId: 'x' },
      { observedAt: '2026-11-23T12:00:00+01:00' },
    ])
      expect([wrong, validate(JSON.parse(JSON.stringify({ ...data, ...wrong })))]).toEqual([
        wrong,
        false,
      ]);
  });
});

describe('the AsyncAPI document', () => {
  const document = asyncApi() as {
    channels: Record<EventType, { address: string }>;
    components: { messages: Record<EventType, { payload: { $ref: string } }> };
  };

  it('is current', () => {
    expect(read('asyncapi.json')).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it("is valid by AsyncAPI's own schema", () => {
    const validate = validator().compile(specs.schemasWithoutId['3.0.0'] as object);
    expect([validate(document), validate.errors]).toEqual([true, null]);
    expect(validate({ ...document, channels: { x: { address: 1 } } })).toBe(false);
  });

  it('has no reference to what is not there', () => {
    const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
    for (const [, reference] of references) {
      if (reference!.startsWith('./')) expect(read(reference!)).toBeInstanceOf(Object);
      else {
        const found = reference!
          .split('/')
          .slice(1)
          .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], document);
        expect([reference, typeof found]).toEqual([reference, 'object']);
      }
    }
  });

  it.each(EVENT_TYPES)('tells the subject of %s', (type) => {
    const example = read(`${type}.v1.example.json`) as AnyEvent;
    expect(document.channels[type].address.replace('{platform}', 'youtube')).toBe(
      subjectOf(example),
    );
  });
});
