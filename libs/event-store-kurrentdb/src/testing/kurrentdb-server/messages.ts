import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import sharedPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import type {
  StreamIdentifier,
  UUID,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import statusPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import streamsPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type { ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import type { Any } from 'google-protobuf/google/protobuf/any_pb.js';
import type { Recorded } from './log.js';

/**
 * .NET's ticks of 100 ns, counted from 1970, in which the protocol states when a record was made.
 */
const TICKS_PER_MS = 10_000;

export const streamName = (identifier: StreamIdentifier | undefined) =>
  Buffer.from(identifier!.getStreamName_asU8()).toString('utf8');

export const identifierOf = (stream: string) =>
  new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream));

export const uuidOf = (id: string) => new sharedPb.UUID().setString(id);

/** The two ways in which the protocol writes a UUID. */
export function idOf(uuid: UUID): string {
  if (uuid.hasString()) return uuid.getString();
  const { mostSignificantBits, leastSignificantBits } = uuid.getStructured()!.toObject();
  const hex = [mostSignificantBits, leastSignificantBits]
    .map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function eventMessage(record: Recorded): ReadResp {
  const position = String(record.position);
  const recorded = new streamsPb.ReadResp.ReadEvent.RecordedEvent()
    .setId(uuidOf(record.id))
    .setStreamIdentifier(identifierOf(record.stream))
    .setStreamRevision(String(record.revision))
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(record.data)
    .setCustomMetadata(record.metadata);
  recorded
    .getMetadataMap()
    .set('type', record.type)
    .set('content-type', record.isJson ? 'application/json' : 'application/octet-stream')
    .set('created', String(BigInt(record.created.getTime()) * BigInt(TICKS_PER_MS)));
  return new streamsPb.ReadResp().setEvent(
    new streamsPb.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(position),
  );
}

/** A message packed with its type, as error details travel. */
export function packed(type: string, message: { serializeBinary(): Uint8Array }): Any {
  const any = new anyPb.Any();
  any.setTypeUrl(`type.googleapis.com/${type}`);
  any.setValue(message.serializeBinary());
  return any;
}

/**
 * An error of the second protocol: the details are a google.rpc.Status in the trailers, after
 * a general ErrorInfo.
 */
export function failure(code: status, message: string, details: Any): Partial<ServiceError> {
  const info = new anyPb.Any();
  info.setTypeUrl('type.googleapis.com/google.rpc.ErrorInfo');
  // The client's own Status has one detail; on the wire a second one is simply another field of the
  // same number.
  const general = new statusPb.Status()
    .setCode(code as number)
    .setMessage(message)
    .setDetails(info)
    .serializeBinary();
  const special = new statusPb.Status().setDetails(details).serializeBinary();
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.concat([general, special]));
  return { code, details: message, metadata };
}

export const unavailable: Partial<ServiceError> = {
  code: status.UNAVAILABLE,
  details: 'Server Is Not Ready',
};
