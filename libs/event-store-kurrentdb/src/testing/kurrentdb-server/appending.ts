import {
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import sharedPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import statusPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import streamsPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import errorsPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb.js';
import sessionsPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import type {
  AppendRecord,
  AppendRequest,
  AppendSessionResponse,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import {
  ANY,
  NO_STREAM,
  RevisionConflict,
  STREAM_EXISTS,
  type Proposed,
  type TestLog,
  type Write,
} from './log.js';
import { failure, idOf, identifierOf, packed, streamName, unavailable } from './messages.js';

/**
 * What the server does with an append: as asked, refuse it as a server that starts up does, write
 * it and lose the answer, or point at another leader.
 */
export type Treatment = 'answer' | 'refuse' | 'lose-answer' | 'not-leader';

export interface Limits {
  /** Bytes of one append. */
  maxAppendBytes: number;
  /** Bytes of one event. */
  maxEventBytes: number;
}

const sizeOf = ({ type, data, metadata }: Proposed) =>
  Buffer.byteLength(type) + data.length + metadata.length;

type ProposedMessage = AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage;

function proposedOf(message: ProposedMessage): Proposed {
  const attributes = message.getMetadataMap();
  return {
    id: idOf(message.getId()!),
    type: attributes.get('type')!,
    isJson: attributes.get('content-type') === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

interface NamesExpectation {
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

const expectedOf = (options: NamesExpectation, revision: string | null) =>
  revision !== null
    ? Number(revision)
    : options.hasNoStream()
      ? NO_STREAM
      : options.hasStreamExists()
        ? STREAM_EXISTS
        : ANY;

/** The first protocol's append of one stream: a header, then an event a message. */
export async function append(
  log: TestLog,
  call: ServerReadableStream<AppendReq, AppendResp>,
  reply: sendUnaryData<AppendResp>,
): Promise<void> {
  const write: Write = { stream: '', expected: ANY, events: [] };
  for await (const request of call as AsyncIterable<AppendReq>) {
    const options = request.getOptions();
    if (options) {
      write.stream = streamName(options.getStreamIdentifier());
      write.expected = expectedOf(options, options.hasRevision() ? options.getRevision() : null);
    } else write.events.push(proposedOf(request.getProposedMessage()!));
  }
  const response = new streamsPb.AppendResp();
  try {
    const { revisions, position } = log.write([write]);
    const at = new streamsPb.AppendResp.Position()
      .setCommitPosition(String(position))
      .setPreparePosition(String(position));
    reply(
      null,
      response.setSuccess(
        new streamsPb.AppendResp.Success().setCurrentRevision(String(revisions[0])).setPosition(at),
      ),
    );
  } catch (error) {
    const conflict = new streamsPb.AppendResp.WrongExpectedVersion();
    const { actual } = error as RevisionConflict;
    if (actual >= 0) conflict.setCurrentRevision(String(actual));
    else conflict.setCurrentNoStream(new sharedPb.Empty());
    reply(null, response.setWrongExpectedVersion(conflict));
  }
}

/** The first protocol's batches: many appends share one call, each known by its correlation id. */
export function batchAppend(
  log: TestLog,
  call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>,
): void {
  const pending = new Map<string, Write>();
  call.on('data', (request: BatchAppendReq) => {
    const id = idOf(request.getCorrelationId()!);
    const options = request.getOptions();
    if (options) {
      const expected = expectedOf(
        options,
        options.hasStreamPosition() ? options.getStreamPosition() : null,
      );
      pending.set(id, { stream: streamName(options.getStreamIdentifier()), expected, events: [] });
    }
    const write = pending.get(id)!;
    write.events.push(...request.getProposedMessagesList().map(proposedOf));
    if (!request.getIsFinal()) return;
    pending.delete(id);
    const response = new streamsPb.BatchAppendResp()
      .setCorrelationId(request.getCorrelationId())
      .setStreamIdentifier(identifierOf(write.stream));
    try {
      const { revisions, position } = log.write([write]);
      const at = new sharedPb.AllStreamPosition()
        .setCommitPosition(String(position))
        .setPreparePosition(String(position));
      call.write(
        response.setSuccess(
          new streamsPb.BatchAppendResp.Success()
            .setCurrentRevision(String(revisions[0]))
            .setPosition(at),
        ),
      );
    } catch (error) {
      const conflict = new sharedPb.WrongExpectedVersion();
      const { actual } = error as RevisionConflict;
      if (actual >= 0) conflict.setCurrentStreamRevision(String(actual));
      else conflict.setCurrentNoStream(new emptyPb.Empty());
      call.write(
        response.setError(
          new statusPb.Status().setDetails(
            packed('event_store.client.WrongExpectedVersion', conflict),
          ),
        ),
      );
    }
  });
  call.on('end', () => call.end());
}

/** The second protocol's session: a request a stream, all of them written as one. */
export async function appendSession(
  log: TestLog,
  limits: Limits,
  treat: () => Treatment,
  call: ServerReadableStream<AppendRequest, AppendSessionResponse>,
  reply: sendUnaryData<AppendSessionResponse>,
): Promise<void> {
  const writes: Write[] = [];
  for await (const request of call as AsyncIterable<AppendRequest>)
    writes.push({
      stream: request.getStream(),
      expected: Number(request.getExpectedRevision() ?? ANY),
      events: request.getRecordsList().map(recordOf),
    });
  const treatment = treat();
  if (treatment === 'refuse') return reply(unavailable);
  if (treatment === 'not-leader') return reply(notLeader);
  const fault = faultOf(writes, limits);
  if (fault) return reply(fault);
  try {
    const { revisions, position } = log.write(writes);
    if (treatment === 'lose-answer') return reply(unavailable);
    const response = new sessionsPb.AppendSessionResponse().setPosition(String(position));
    writes.forEach(({ stream }, i) =>
      response.addOutput(
        new sessionsPb.AppendResponse().setStream(stream).setStreamRevision(String(revisions[i])),
      ),
    );
    return reply(null, response);
  } catch (error) {
    if (!(error instanceof RevisionConflict)) throw error;
    const details = new errorsPb.StreamRevisionConflictErrorDetails()
      .setStream(error.stream)
      .setExpectedRevision(String(error.expected))
      .setActualRevision(String(error.actual));
    return reply(
      streamsFailure(
        status.FAILED_PRECONDITION,
        error.message,
        'StreamRevisionConflictErrorDetails',
        details,
      ),
    );
  }
}

/**
 * Properties of a record become its metadata, to which the server adds what it knows of the schema.
 */
function recordOf(record: AppendRecord): Proposed {
  const schema = record.getSchema()!;
  const properties: Record<string, string> = {};
  record.getPropertiesMap().forEach((value, key) => (properties[key] = value.getStringValue()));
  const metadata = { ...properties, '$schema.name': schema.getName(), '$schema.format': 'Json' };
  return {
    id: record.getRecordId()!,
    type: schema.getName(),
    isJson: schema.getFormat() === sessionsPb.SchemaFormat.SCHEMA_FORMAT_JSON,
    data: record.getData_asU8(),
    metadata: Buffer.from(JSON.stringify(metadata)),
  };
}

function faultOf(
  writes: Write[],
  { maxAppendBytes, maxEventBytes }: Limits,
): Partial<ServiceError> | null {
  const names = new Set<string>();
  let total = 0;
  for (const { stream, events } of writes) {
    // The server compares the names of one session without regard to case.
    if (names.has(stream.toLowerCase())) {
      const details = new errorsPb.StreamAlreadyInAppendSessionErrorDetails().setStream(stream);
      return streamsFailure(
        status.ABORTED,
        `Stream '${stream}' already is in this session.`,
        'StreamAlreadyInAppendSessionErrorDetails',
        details,
      );
    }
    names.add(stream.toLowerCase());
    for (const event of events) {
      const size = sizeOf(event);
      if (size > maxEventBytes) {
        const details = new errorsPb.AppendRecordSizeExceededErrorDetails()
          .setStream(stream)
          .setRecordId(event.id)
          .setSize(size)
          .setMaxSize(maxEventBytes);
        return streamsFailure(
          status.INVALID_ARGUMENT,
          `The size of record ${event.id} is exceeded`,
          'AppendRecordSizeExceededErrorDetails',
          details,
        );
      }
      total += size;
      if (total > maxAppendBytes) {
        const details = new errorsPb.AppendTransactionSizeExceededErrorDetails()
          .setSize(total)
          .setMaxSize(maxAppendBytes);
        return streamsFailure(
          status.ABORTED,
          'Transaction size exceeded',
          'AppendTransactionSizeExceededErrorDetails',
          details,
        );
      }
    }
  }
  return null;
}

const streamsFailure = (
  code: status,
  message: string,
  type: string,
  details: { serializeBinary(): Uint8Array },
) => failure(code, message, packed(`kurrentdb.protocol.v2.streams.errors.${type}`, details));

const notLeader = failure(
  status.FAILED_PRECONDITION,
  'The server is not the leader node and cannot handle the request.',
  packed('kurrentdb.protocol.v2.errors.NotLeaderNodeErrorDetails', new emptyPb.Empty()),
);
