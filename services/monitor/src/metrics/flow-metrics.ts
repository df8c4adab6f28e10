import { JETSTREAM_STREAM } from '@cliptally/contracts';
import { CONSUMERS, type ConsumerFlow, type Flow } from '../flow.js';
import type { DomainMetric, Sample } from './metric.js';

const ofMonitor = { projection: 'monitor' };
const ofStream = { stream: JETSTREAM_STREAM };

/**
 * How far each follower is behind the log. Absent where JetStream does not answer: unknown is not
 * zero.
 */
export const FLOW_METRICS: readonly DomainMetric[] = [
  {
    name: 'cliptally_log_head_position',
    help: 'Position of the last event in the log.',
    read: (_, { head }) => [[head]],
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
    help: '1 while a projection stands still at an event that it cannot take over.',
    labels: { projection: ['monitor'] },
    read: (_, { halted }) => [[halted ? 1 : 0, ofMonitor]],
  },
  {
    name: 'cliptally_jetstream_up',
    help: '1 while JetStream answers the monitor.',
    read: (_, { flow }) => [[flow ? 1 : 0]],
  },
  {
    name: 'cliptally_unpublished_events',
    help: 'How far JetStream is behind the end of the log, in positions.',
    read: (_, { flow, head }) => (flow ? [[Math.max(0, head - flow.published)]] : []),
  },
  {
    name: 'cliptally_oldest_unpublished_seconds',
    help: 'Age of the oldest event that JetStream does not have yet; 0 where it has all.',
    read: (_, { flow }) => (flow ? [[flow.unpublishedSeconds]] : []),
  },
  ...ofJetStream('messages', 'Messages in the stream.', ({ messages }) => messages),
  ...ofJetStream('bytes', 'Bytes of the stream.', ({ bytes }) => bytes),
  ...ofJetStream(
    'max_bytes',
    'Bytes that the stream may have before its oldest messages are dropped.',
    ({ maxBytes }) => (maxBytes > 0 ? maxBytes : Infinity),
  ),
  ...ofConsumers('pending', 'Messages that no scraper has been given yet.', (c) => c.pending),
  ...ofConsumers(
    'ack_pending',
    'Messages that a scraper has and has not acknowledged.',
    (c) => c.ackPending,
  ),
  ...ofConsumers(
    'ack_pending_limit',
    'Messages that scrapers may have at once.',
    (c) => c.ackLimit,
  ),
  ...ofConsumers(
    'redelivered',
    'Messages under way that had been handed out before.',
    (c) => c.redelivered,
  ),
  ...ofConsumers(
    'oldest_pending_seconds',
    'Age of the oldest message that is not acknowledged.',
    (c) => c.oldestSeconds,
  ),
];

function ofJetStream(
  suffix: string,
  help: string,
  pick: (stream: Flow['stream']) => number,
): DomainMetric[] {
  const read: DomainMetric['read'] = (_, { flow }) => (flow ? [[pick(flow.stream), ofStream]] : []);
  return [
    { name: `cliptally_stream_${suffix}`, help, labels: { stream: [JETSTREAM_STREAM] }, read },
  ];
}

function ofConsumers(
  suffix: string,
  help: string,
  pick: (consumer: ConsumerFlow) => number,
): DomainMetric[] {
  const read: DomainMetric['read'] = (_, { flow }) =>
    (flow?.consumers ?? []).map((consumer): Sample => [
      pick(consumer),
      { consumer: consumer.durable },
    ]);
  return [{ name: `cliptally_consumer_${suffix}`, help, labels: { consumer: CONSUMERS }, read }];
}
