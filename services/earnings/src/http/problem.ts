import { isTransient } from '@cliptally/event-store';
import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import { NotKnown } from '@cliptally/access';
import { RuleBroken, type RuleKind } from '../domain/rule-broken.js';
import { Refused, type RefusalCode } from '../commands/refused.js';
import { PROBLEMS } from './docs/problems.js';

export interface FieldFault {
  field: string;
  message: string;
}

/** An answer that is no success, as RFC 9457 wants it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    /** A fixed word for programs. */
    readonly code: string,
    detail: string,
    readonly errors: readonly FieldFault[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  body(instance: string): object {
    const errors = this.errors.length > 0 ? { errors: this.errors } : {};
    return {
      type: `urn:cliptally:problem:${this.code}`,
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      code: this.code,
      detail: this.message,
      instance,
      ...errors,
    };
  }
}

export const badRequest = (detail: string, errors: readonly FieldFault[] = []) =>
  new Problem(400, 'malformed', detail, errors);
export const unauthorized = (detail: string) =>
  problemOfRefusal(new NotKnown('unauthorized', detail));
export const forbidden = (detail: string) => problemOfRefusal(new Refused('forbidden', detail));
export const notFound = (detail: string) => new Problem(404, 'not_found', detail);
export const conflict = (code: string, detail: string) => new Problem(409, code, detail);
export const tooLarge = () => new Problem(413, 'too_large', PROBLEMS.too_large[1]);
/** `seconds` is when to ask again. */
export const tooMany = (detail: string, seconds: number) =>
  new Problem(429, 'too_many_requests', detail, [], { 'retry-after': String(seconds) });
export const ruleBroken = (code: string, detail: string, errors: readonly FieldFault[] = []) =>
  new Problem(422, code, detail, errors);

/**
 * The one place where what the code below says becomes a status: a broken rule by its kind, any
 * other refusal by its code.
 */
const ANSWERS: Record<
  RuleKind | RefusalCode | NotKnown['code'],
  readonly [status: number, headers?: Readonly<Record<string, string>>]
> = {
  malformed: [400],
  unauthorized: [401, { 'www-authenticate': 'Bearer' }],
  forbidden: [403],
  not_found: [404],
  conflict: [409],
  busy: [409],
  rule: [422],
  keys_unavailable: [503, { 'retry-after': '5' }],
  profile_sealed: [503],
};

function problemOfRefusal(error: RuleBroken | Refused | NotKnown): Problem {
  const [status, headers] = ANSWERS[error instanceof RuleBroken ? error.kind : error.code];
  return new Problem(
    status,
    error.code,
    error.message,
    error instanceof RuleBroken ? error.faults : [],
    headers,
  );
}

/** What to answer for anything that was thrown; null for a defect of ours. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof RuleBroken || error instanceof Refused || error instanceof NotKnown)
    return problemOfRefusal(error);
  // Nothing is half-done: an append is made whole or not at all.
  if (isTransient(error))
    return new Problem(503, 'unavailable', PROBLEMS.unavailable[1], [], { 'retry-after': '1' });
  const { status, statusCode } = error as { status?: number; statusCode?: number };
  const given = status ?? statusCode;
  if (given === 413) return tooLarge();
  // What express and its parsers refuse: an unknown encoding, a broken address, a length that does
  // not fit.
  if (given === 404)
    return notFound('There is nothing at this address; /openapi.json lists what there is.');
  return given !== undefined && given >= 400 && given < 500
    ? new Problem(
        given,
        'malformed',
        'The request cannot be read: its body is not JSON, or its address or headers are broken.',
      )
    : null;
}

/**
 * The same, but null also for what may go through when it is asked again: a refusal is an answer
 * that can be kept.
 */
export function refusalOf(error: unknown): Problem | null {
  const problem = problemOf(error);
  return problem && problem.status < 500 ? problem : null;
}

/** What zod says of a value of the wrong kind, as somebody would who wants to help. */
function inWords(message: string): string {
  const [, expected, received] =
    /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? [];
  if (!expected) return message;
  if (received === 'undefined') return 'is needed';
  const kind =
    { int: 'a whole number', object: 'an object', array: 'a list', boolean: 'true or false' }[
      expected
    ] ?? `a ${expected}`;
  return `must be ${kind}, not ${received}`;
}

/** Parses input with a schema. Throws a 400 problem that names every faulty field. */
export function parse<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        field: [...issue.path, key].join('.'),
        message: 'is not known here',
      }));
    return [{ field: issue.path.join('.') || what, message: inWords(issue.message) }];
  });
  throw badRequest(
    `The ${what} is not as it should be: ${errors.map(({ field, message }) => `${field}: ${message}`).join('; ')}.`,
    errors,
  );
}

/** What was given as a clip's link is none. */
export const notAClip = (message: string) =>
  ruleBroken('not_a_clip', message, [{ field: 'url', message }]);
