import { JETSTREAM_STREAM } from '@cliptally/contracts';
import { CONSUMERS, type ConsumerLag, type JetStreamLag } from './jetstream-lag.js';
import type { DomainMetric, Sample } from './metric.js';

const PROJECTIONS = ['earnings', 'monitor', 'scheduler'];
const ofMonitor = { projection: 'monitor' };
const ofStream = { stream: JETSTREAM_STREAM };

/** How far each follower is behind the log. Absent while JetStream does not answer, not zero. */
export const LAG_METRICS: readonly DomainMetric[] = [
  {
    name: 'cliptally_log_head_position',
    help: 'Position of the last event in the log.',
    read: (_, { head }) => [[head]],
  },
  {
    name: 'cliptally_log_bytes',
    help: 'Bytes of the log in PostgreSQL with its indexes, emptied rows included.',
    read: (_, { logBytes }) => (logBytes === null ? [] : [[logBytes]]),
  },
  {
    name: 'cliptally_log_limit_bytes',
    help: 'Bytes that the log may have, as LOG_LIMIT_GB says; absent without it.',
    read: (_, { logLimitBytes }) => (logLimitBytes === null ? [] : [[logLimitBytes]]),
  },
  {
    name: 'cliptally_projection_position',
    help: 'Position in the log that the projection has reached.',
    labels: { projection: ['monitor'] },
    read: (_, { position }) => [[position, ofMonitor]],
  },
  {
    name: 'cliptally_projection_behind_events',
    help: 'How far the projection is behind the end of the log, in positions.',
    labels: { projection: ['monitor'] },
    read: (_, { position, head }) => [[Math.max(0, head - position), ofMonitor]],
  },
  {
    name: 'cliptally_projection_halted',
    help: '1 while a projection is halted at an event that it cannot apply.',
    labels: { projection: ['monitor'] },
    read: (_, { halted }) => [[halted ? 1 : 0, ofMonitor]],
  },
  {
    name: 'cliptally_skipped_events',
    help: 'Events that people have had a projection skip and that nobody has reviewed since.',
    labels: { projection: PROJECTIONS },
    read: ({ skips }) =>
      PROJECTIONS.map((projection): Sample => [
        skips.find((skip) => skip.projection === projection)?.events ?? 0,
        { projection },
      ]),
  },
  {
    name: 'cliptally_jetstream_up',
    help: '1 while JetStream answers the monitor.',
    read: (_, { lag }) => [[lag ? 1 : 0]],
  },
  {
    name: 'cliptally_unpublished_events',
    help: 'How far JetStream is behind the end of the log, in positions.',
    read: (_, { lag, head }) => (lag ? [[Math.max(0, head - lag.published)]] : []),
  },
  {
    name: 'cliptally_oldest_unpublished_seconds',
    help: 'Age of the oldest event that JetStream does not have yet; 0 if it has all.',
    read: (_, { lag }) => (lag ? [[lag.unpublishedSeconds]] : []),
  },
  ...ofJetStream('messages', 'Messages in the JetStream stream.', ({ messages }) => messages),
  ...ofJetStream('bytes', 'Bytes of the JetStream stream.', ({ bytes }) => bytes),
  ...ofJetStream(
    'max_bytes',
    'Bytes that the JetStream stream may have before its oldest messages are dropped.',
    ({ maxBytes }) => (maxBytes > 0 ? maxBytes : Infinity),
  ),
  ...ofConsumers('pending', 'Messages that no scraper has received yet.', (c) => c.pending),
  ...ofConsumers(
    'ack_pending',
    'Messages that a scraper has and has not acknowledged.',
    (c) => c.ackPending,
  ),
  ...ofConsumers('ack_pending_limit', 'Messages that scrapers may have at once.', (c) =>
    c.ackLimit > 0 ? c.ackLimit : Infinity,
  ),
  ...ofConsumers('redelivered', 'Messages under way that are redelivered.', (c) => c.redelivered),
  ...ofConsumers(
    'oldest_pending_seconds',
    'Age of the oldest message that is not acknowledged.',
    (c) => c.oldestSeconds,
  ),
];

function ofJetStream(
  suffix: string,
  help: string,
  pick: (stream: JetStreamLag['stream']) => number,
): DomainMetric[] {
  const read: DomainMetric['read'] = (_, { lag }) => (lag ? [[pick(lag.stream), ofStream]] : []);
  return [
    { name: `cliptally_stream_${suffix}`, help, labels: { stream: [JETSTREAM_STREAM] }, read },
  ];
}

function ofConsumers(
  suffix: string,
  help: string,
  pick: (consumer: ConsumerLag) => number,
): DomainMetric[] {
  const read: DomainMetric['read'] = (_, { lag }) =>
    (lag?.consumers ?? []).map((consumer): Sample => [
      pick(consumer),
      { consumer: consumer.durable },
    ]);
  return [{ name: `cliptally_consumer_${suffix}`, help, labels: { consumer: CONSUMERS }, read }];
}
