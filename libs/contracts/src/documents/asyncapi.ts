import { PLATFORMS } from '../platform.js';
import { EVENTS, EVENT_TYPES, type EventType } from '../events/catalog.js';
import { JETSTREAM_STREAM, SUBJECT_PREFIX } from '../subjects.js';
import { jsonSchemaOf } from './json-schema.js';

const text = (description: string, more: object = {}) => ({ type: 'string', description, ...more });
/** Numbers travel as decimal text, as everything in headers does. */
const number = (description: string) => text(description, { pattern: '^[0-9]+$' });

/**
 * Headers of every message: CloudEvents 1.0 in binary mode, the W3C trace context, and what
 * JetStream itself reads.
 */
const HEADERS = {
  type: 'object',
  properties: {
    'ce-specversion': { const: '1.0' },
    'ce-id': text('Id of the event, for ever the same; also the Nats-Msg-Id.', { format: 'uuid' }),
    'ce-source': { const: '/cliptally' },
    'ce-type': text('"cliptally." and the name of the event.', {
      pattern: '^cliptally\\.[A-Za-z]+$',
    }),
    'ce-time': text('When it happened, in UTC.', { format: 'date-time' }),
    'ce-subject': text('Stream of the log that the event stands in.'),
    'ce-datacontenttype': { const: 'application/json' },
    'ce-dataversion': number('Version of the schema of the data.'),
    'ce-revision': number('Place in its stream, from 0.'),
    'ce-position': number('Place in the whole log.'),
    'ce-previousposition': number(
      'Place of the message before this one: a reader who stands elsewhere has missed something.',
    ),
    'ce-correlationid': text('First cause, percent-encoded.'),
    'ce-causationid': text('Direct cause, percent-encoded.'),
    'ce-instore': text(
      'If the data are too large for a message: the payload is empty and the data are in the log.',
      { const: 'true' },
    ),
    traceparent: text('W3C trace context.', {
      pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
    }),
  },
  required: [
    'ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'ce-time', 'ce-subject', 'ce-datacontenttype', 'ce-dataversion', 'ce-revision',
    'ce-position', 'ce-previousposition', 'ce-correlationid', 'ce-causationid', 'traceparent',
  ], // prettier-ignore
};

export const schemaFile = (type: EventType, version: number = EVENTS[type].version): string =>
  `${type}.v${version}.schema.json`;

const hasPlatform = (type: EventType) =>
  'platform' in ((jsonSchemaOf(type) as { properties: object }).properties ?? {});

/** One channel an event: `cliptally.events.<category>.<Type>[.<platform>]`. */
function channelOf(type: EventType): object {
  const address = `${SUBJECT_PREFIX}.${EVENTS[type].category}.${type}`;
  return {
    address: hasPlatform(type) ? `${address}.{platform}` : address,
    messages: { [type]: { $ref: `#/components/messages/${type}` } },
    ...(hasPlatform(type) && {
      parameters: { platform: { $ref: '#/components/parameters/platform' } },
    }),
  };
}

const messageOf = (type: EventType) => ({
  name: type,
  title: `${type}, version ${EVENTS[type].version}`,
  contentType: 'application/json',
  headers: { $ref: '#/components/schemas/headers' },
  payload: { $ref: `./${schemaFile(type)}` },
});

const perType = <T>(make: (type: EventType) => T): Record<string, T> =>
  Object.fromEntries(EVENT_TYPES.map((type) => [type, make(type)]));

/** The AsyncAPI 3 document of what the relay publishes. */
export const asyncApi = (): object => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Cliptally events',
    version: '1.0.0',
    description: `The log of Cliptally, as the relay publishes it: every event once and in the order of the log, on the JetStream stream ${JETSTREAM_STREAM}.`,
  },
  defaultContentType: 'application/json',
  servers: {
    nats: { host: '{host}', protocol: 'nats', variables: { host: { default: 'localhost:4222' } } },
  },
  channels: perType(channelOf),
  operations: Object.fromEntries(
    EVENT_TYPES.map((type) => [
      `publish${type}`,
      {
        action: 'send',
        channel: { $ref: `#/channels/${type}` },
        messages: [{ $ref: `#/channels/${type}/messages/${type}` }],
      },
    ]),
  ),
  components: {
    parameters: { platform: { enum: [...PLATFORMS], description: 'Where the clip was posted.' } },
    messages: perType(messageOf),
    schemas: { headers: HEADERS },
  },
});
