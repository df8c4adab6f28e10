import { status, type ServerWritableStream } from '@grpc/grpc-js';
import streamsPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  ReadReq,
  ReadResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { once } from 'node:events';
import type { Recorded, TestLog } from './log.js';
import { eventMessage, identifierOf, streamName } from './messages.js';

type Call = ServerWritableStream<ReadReq, ReadResp>;
type Options = ReadReq.Options;
type Allowed = (record: Recorded) => boolean;

const BACKWARDS = streamsPb.ReadReq.Options.ReadDirection.BACKWARDS;

/** Reads of streams and of everything, once or as a subscription. */
export async function read(log: TestLog, call: Call): Promise<void> {
  const options = call.request.getOptions()!;
  try {
    if (options.hasSubscription() && options.hasAll()) await subscribe(log, call, options);
    else if (options.hasStream())
      await sendAll(call, streamRecords(log, options), Number(options.getCount()));
    else await sendAll(call, allRecords(log, options), Number(options.getCount()));
    if (!call.cancelled) call.end();
  } catch (error) {
    call.emit('error', { code: status.INVALID_ARGUMENT, details: (error as Error).message });
  }
}

/** False once the caller has gone away. */
async function send(call: Call, message: ReadResp): Promise<boolean> {
  if (call.cancelled || call.destroyed) return false;
  if (!call.write(message)) {
    const gone = new AbortController();
    const end = () => gone.abort();
    call.once('cancelled', end).once('close', end);
    await once(call, 'drain', { signal: gone.signal }).catch(() => {});
    call.off('cancelled', end).off('close', end);
  }
  return !call.cancelled;
}

async function sendAll(
  call: Call,
  records: Iterable<Recorded> | null,
  count: number,
): Promise<void> {
  if (!records) {
    const stream = call.request.getOptions()!.getStream()!.getStreamIdentifier();
    await send(
      call,
      new streamsPb.ReadResp().setStreamNotFound(
        new streamsPb.ReadResp.StreamNotFound().setStreamIdentifier(
          identifierOf(streamName(stream)),
        ),
      ),
    );
    return;
  }
  let left = count;
  for (const record of records) {
    if (left-- <= 0 || !(await send(call, eventMessage(record)))) return;
  }
}

function streamRecords(log: TestLog, options: Options): Iterable<Recorded> | null {
  const wanted = options.getStream()!;
  const records = log.stream(streamName(wanted.getStreamIdentifier()));
  if (records.length === 0) return null;
  const last = records.length - 1;
  const from = wanted.hasStart() ? 0 : wanted.hasEnd() ? last : Number(wanted.getRevision());
  return options.getReadDirection() === BACKWARDS
    ? records.slice(0, from + 1).toReversed()
    : records.slice(from);
}

/**
 * From a position: forwards with the record at it, backwards with what is before
 * it.
 */
function* allRecords(log: TestLog, options: Options): Iterable<Recorded> {
  const all = options.getAll()!;
  const allowed = filterOf(options);
  const end = log.records.length;
  const from = all.hasStart()
    ? 0
    : all.hasEnd()
      ? end
      : log.indexOf(Number(all.getPosition()!.getCommitPosition()));
  const backwards = options.getReadDirection() === BACKWARDS;
  for (let i = backwards ? from - 1 : from; i >= 0 && i < end; i += backwards ? -1 : 1) {
    const record = log.records[i]!;
    if (allowed(record)) yield record;
  }
}

function filterOf(options: Options): Allowed {
  const filter = options.getFilter();
  if (!filter) return () => true;
  const byType = filter.hasEventType();
  const expression = (byType ? filter.getEventType() : filter.getStreamIdentifier())!;
  const regex = expression.getRegex() ? new RegExp(expression.getRegex()) : null;
  const prefixes = expression.getPrefixList();
  return (record) => {
    const value = byType ? record.type : record.stream;
    return regex ? regex.test(value) : prefixes.some((prefix) => value.startsWith(prefix));
  };
}

/**
 * Events after a position, for as long as the caller listens; with a filter also checkpoints, one
 * each search window.
 */
async function subscribe(log: TestLog, call: Call, options: Options): Promise<void> {
  const all = options.getAll()!;
  const filter = options.getFilter();
  const allowed = filterOf(options);
  const interval = filter
    ? (filter.hasMax() ? filter.getMax() : 32) * filter.getCheckpointintervalmultiplier()
    : Infinity;
  let next = all.hasStart()
    ? 0
    : all.hasEnd()
      ? log.records.length
      : log.indexOf(Number(all.getPosition()!.getCommitPosition()) + 1);
  const confirmation = new streamsPb.ReadResp.SubscriptionConfirmation().setSubscriptionId(
    crypto.randomUUID(),
  );
  await send(call, new streamsPb.ReadResp().setConfirmation(confirmation));
  const wake = () => log.wake();
  call.once('cancelled', wake).once('close', wake);
  for (let considered = 0; !call.cancelled && !call.destroyed;) {
    for (; next < log.records.length; next++) {
      const record = log.records[next]!;
      if (allowed(record) && !(await send(call, eventMessage(record)))) return;
      if (++considered % interval === 0 && !(await send(call, checkpoint(record)))) return;
    }
    if (filter && considered > 0) await send(call, checkpoint(log.records[next - 1]!));
    await log.change();
  }
}

function checkpoint({ position }: Recorded): ReadResp {
  const at = String(position);
  return new streamsPb.ReadResp().setCheckpoint(
    new streamsPb.ReadResp.Checkpoint().setCommitPosition(at).setPreparePosition(at),
  );
}
