import { isNativeError } from 'node:util/types';

/** Faults by the client's own names, after which the same call may succeed. */
const AWAY = new Set(['unavailable', 'cancelled', 'deadline-exceeded', 'timeout', 'not-leader']);

/**
 * gRPC's codes under the client's name "unknown" that also mean "not now": no leader (2, 9),
 * overloaded (8), timed out (10). Reads go through the client's native part, whose failed
 * connections come without any code.
 */
const UNKNOWN_BUT_AWAY = new Set([undefined, 2, 8, 9, 10]);

/**
 * gRPC's codes on errors that the client hands on as they are: cancelled, deadline, overloaded,
 * internal, unavailable.
 */
const RAW_AWAY = new Set([1, 4, 8, 13, 14]);

interface ClientFault extends Error {
  type?: string;
  code?: number | string;
}

/**
 * Whether the server is away, or not the leader, for now. Never true for what the server has judged
 * and refused.
 */
export function isAway(error: unknown): boolean {
  // Not by its class: Node's own errors may be of another realm.
  if (!isNativeError(error)) return false;
  const { type, code, message } = error as ClientFault;
  // A stream of the client that was closed before its end: the connection under it went away
  // without a word.
  if (code === 'ERR_STREAM_PREMATURE_CLOSE') return true;
  if (typeof code === 'string') return false;
  if (type === 'unknown') return UNKNOWN_BUT_AWAY.has(code);
  if (type !== undefined) return AWAY.has(type);
  // If a cluster is named and none of its members answers, the client has no type for it.
  return code === undefined ? message.startsWith('Failed to discover') : RAW_AWAY.has(code);
}

export const hasType = (error: unknown, type: string): boolean =>
  error instanceof Error && (error as ClientFault).type === type;
