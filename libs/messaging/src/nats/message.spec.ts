import { upcast, type AnyEvent } from '@cliptally/contracts';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { HTTP, type CloudEvent } from 'cloudevents';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { raiseVersion } from '../../../contracts/src/testing/raise-version.js';
import { eventOfMessage, messageOf } from './message.js';
import { traceparentOf } from '../tracing/tracing.js';

const folder = fileURLToPath(new URL('../../../contracts/events/', import.meta.url));
const read = (file: string) => JSON.parse(readFileSync(folder + file, 'utf8')) as unknown;
const examples = readdirSync(folder)
  .filter((file) => file.endsWith('.example.json'))
  .map((file) => read(file) as AnyEvent);
const asyncApi = read('asyncapi.json') as { components: { schemas: { headers: object } } };
const documented = formats
  .default(new Ajv({ strict: false, allErrors: true }))
  .compile({ ...asyncApi.components.schemas.headers, additionalProperties: false });

const MAX_PAYLOAD = 1_048_576;
const received = (event: AnyEvent, maxPayload = MAX_PAYLOAD) => {
  const { payload, headers } = messageOf(event, event.position - 1, maxPayload);
  return {
    headers,
    data: payload,
    plain: Object.fromEntries([...headers].map(([name, [value]]) => [name, value!])),
  };
};

describe.each(examples.map((event) => [event.type, event.version, event] as const))(
  'the message of %s, version %i',
  (_, __, event) => {
    const message = received(event);

    it('is a CloudEvent in binary mode to a reader of another house', () => {
      const body = new TextDecoder().decode(message.data);
      const cloudEvent = HTTP.toEvent({ headers: message.plain, body }) as CloudEvent<unknown>;
      expect(cloudEvent.validate()).toBe(true);
      expect(cloudEvent).toMatchObject({
        specversion: '1.0',
        id: event.id,
        source: '/cliptally',
        type: `cliptally.${event.type}`,
        subject: event.stream,
        time: event.time,
        datacontenttype: 'application/json',
        data: event.data,
        revision: String(event.revision),
        position: String(event.position),
        previousposition: String(event.position - 1),
      });
    });

    it('has the headers of the AsyncAPI document, and no others', () => {
      expect([documented(message.plain), documented.errors]).toEqual([true, null]);
    });

    it('is read back as the newest version of the event', () => {
      expect(eventOfMessage(message)).toEqual(upcast(event));
    });
  },
);

describe('a message', () => {
  const [event] = examples as [AnyEvent];

  it('carries any text that led to its event', () => {
    const strange = { ...event, correlationId: 'żółć "漢字" 100 %\r\nx: y', causationId: '👩‍👩‍👧‍👦' };
    expect(eventOfMessage(received(strange))).toEqual(upcast(strange));
    expect(documented(received(strange).plain)).toBe(true);
  });

  it('names one trace for all that has one first cause, and another span for each event', () => {
    const [one, two, other] = [
      event,
      { ...event, id: 'f'.repeat(36) },
      { ...event, correlationId: 'other' },
    ].map(traceparentOf) as [string, string, string];
    const part = (traceparent: string, n: number) => traceparent.split('-')[n];
    expect(part(two, 1)).toBe(part(one, 1));
    expect(part(two, 2)).not.toBe(part(one, 2));
    expect(part(other, 1)).not.toBe(part(one, 1));
  });

  it('says so if its data are too large for it, and is a CloudEvent without data', () => {
    const message = received(event, 4_100);
    expect(message.data).toHaveLength(0);
    expect(documented(message.plain)).toBe(true);
    const cloudEvent = HTTP.toEvent({ headers: message.plain, body: '' }) as CloudEvent<unknown>;
    expect(cloudEvent).toMatchObject({ instore: 'true', id: event.id });
    expect(eventOfMessage(message)).toBeNull();
  });

  it('that an older version published is read as the newest', () => {
    const old = examples.find(({ type }) => type === 'CampaignPaused')!;
    const message = received(old);
    const restore = raiseVersion('CampaignPaused', ({ reason, ...data }) => ({
      ...data,
      reasons: [reason],
    }));
    try {
      expect(eventOfMessage(message)).toMatchObject({
        version: 2,
        data: { reasons: ['legal check'] },
      });
    } finally {
      restore();
    }
  });
});
