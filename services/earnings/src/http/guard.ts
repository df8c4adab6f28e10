import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { UNKEEPABLE, derivedId, isText, systemTimers, type Timers } from '@cliptally/contracts';
import { FileFault, decode, type Encoding } from '@cliptally/spreadsheets';
import type { Access, Caller } from './auth/access.js';
import {
  OPERATION,
  type AskedRequest,
  type OperationSpec,
  type UploadedFile,
} from './operation.js';
import { isWrite } from './methods.js';
import { Nothing } from './schemas.js';
import { Problem, badRequest, forbidden, parse } from './problem.js';

const PARAMETER = /^[A-Za-z0-9_-]{1,96}$/;
/** Callers with a token bucket at most: some ten megabytes. */
const MOST_BUCKETS = 10_000;
const KEY = /^[\x21-\x7e]{1,200}$/;

/** Requests that a caller may make at once, and how many it gets back in a second of real time. */
export interface RateLimit {
  burst: number;
  perSecond: number;
}

/**
 * Lets a request in: the caller is known, has the role, is not too fast, and has sent what the
 * operation takes.
 */
export class OperationGuard implements CanActivate {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(
    private readonly reflector: Reflector,
    private readonly access: Access,
    private readonly rate: RateLimit,
    private readonly timers: Timers = systemTimers,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const spec = this.reflector.get<OperationSpec | undefined>(OPERATION, context.getHandler());
    if (!spec) return true;
    const request = context.switchToHttp().getRequest<AskedRequest>();
    const caller = await this.access.callerOf(request.headers.authorization);
    this.#slowDown(caller);
    if (!spec.roles.includes(caller.role))
      throw forbidden(`A ${caller.role} may not do this; it takes ${spec.roles.join(' or ')}.`);
    const params = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    for (const [name, value] of Object.entries(params))
      if (!PARAMETER.test(value)) throw badRequest(`"${name}" in the address is not an id.`);
    const body = isWrite(request.method) ? bodyOf(request, spec) : {};
    const query = parse(spec.query ?? Nothing, request.query, 'query');
    request.asked = {
      caller,
      params,
      body,
      query,
      commandId: commandIdOf(request, caller, this.timers),
    };
    return true;
  }

  #slowDown({ role, subject }: Caller): void {
    const now = this.timers.now();
    const key = `${role} ${subject}`;
    const bucket = this.#buckets.get(key) ?? { tokens: this.rate.burst, at: now };
    const tokens = Math.min(
      this.rate.burst,
      bucket.tokens + ((now - bucket.at) / 1000) * this.rate.perSecond,
    );
    if (tokens < 1) {
      const seconds = Math.ceil((1 - tokens) / this.rate.perSecond);
      throw new Problem(
        429,
        'too_many_requests',
        `Too many requests: the next one is taken in ${seconds} s.`,
        [],
        {
          'retry-after': String(seconds),
        },
      );
    }
    // In the order of their last use.
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: tokens - 1, at: now });
    if (this.#buckets.size > MOST_BUCKETS) this.#forget();
  }

  /**
   * Those that are full again say nothing; if all are in use, the one that was used longest ago
   * goes.
   */
  #forget(): void {
    const full = this.timers.now() - (this.rate.burst / this.rate.perSecond) * 1000;
    for (const [key, { at }] of this.#buckets) {
      if (at > full) break;
      this.#buckets.delete(key);
    }
    if (this.#buckets.size > MOST_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value!);
  }
}

function bodyOf(request: AskedRequest, { body, consumes }: OperationSpec): object {
  if (consumes) {
    const file: unknown = request.body;
    if (!request.is(consumes) || !(Buffer.isBuffer(file) || isEmpty(file)))
      throw new Problem(415, 'wrong_type', `Send the file as ${consumes}.`);
    return { text: textOf(file, request.headers['content-type']!) } satisfies UploadedFile;
  }
  // A body of no length has no type that matters: some clients name one all the same.
  if (request.headers['content-length'] !== '0' && request.is('application/json') === false)
    throw new Problem(415, 'not_json', 'Send the body as application/json.');
  return parse(body ?? Nothing, request.body ?? {}, 'body');
}

const isEmpty = (body: unknown): body is undefined =>
  body === undefined || (typeof body === 'object' && Object.keys(body!).length === 0);

const CHARSETS: Readonly<Record<string, Encoding | undefined>> = {
  'utf-8': undefined,
  'utf-16': undefined,
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
  'windows-1252': 'windows-1252',
  'iso-8859-1': 'windows-1252',
};

function textOf(file: Buffer | undefined, type: string): string {
  const charset = (/;\s*charset="?([^\s";]+)/i.exec(type)?.[1] ?? 'utf-8').toLowerCase();
  if (!Object.hasOwn(CHARSETS, charset))
    throw new Problem(
      415,
      'wrong_type',
      `The encoding ${charset} is not known; send the file as ${Object.keys(CHARSETS).join(', ')}.`,
    );
  try {
    const text = decode(file ?? Buffer.alloc(0), CHARSETS[charset]);
    requireText(text);
    return text;
  } catch (error) {
    if (error instanceof FileFault) throw badRequest(`The file ${error.message}.`);
    throw error;
  }
}

/** Of a file, the field is the line. */
function requireText(file: string): void {
  if (isText(file)) return;
  const field = `line ${file.split('\n').findIndex((line) => !isText(line)) + 1}`;
  throw badRequest(`The file is not as it should be: ${field} ${UNKEEPABLE}.`, [
    { field, message: UNKEEPABLE },
  ]);
}

function commandIdOf(request: AskedRequest, caller: Caller, timers: Timers): string {
  const key = request.headers['idempotency-key'];
  if (!isWrite(request.method) || key === undefined) return timers.uuid();
  if (typeof key !== 'string' || !KEY.test(key))
    throw badRequest(
      'The header Idempotency-Key must have 1 to 200 printable characters without spaces.',
    );
  return derivedId('command', caller.role, caller.subject, request.path, key);
}
