import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { UNKEEPABLE, derivedId, isText, systemTimers, type Timers } from '@cliptally/contracts';
import { FileFault, decode, type Encoding } from '@cliptally/spreadsheets';
import type { Response } from 'express';
import type { Access, Caller } from '@cliptally/access';
import type { Bodies } from './bodies.js';
import {
  OPERATION,
  type AskedRequest,
  type OperationSpec,
  type UploadedFile,
} from './operation.js';
import { isWrite } from './methods.js';
import type { Pace } from './pace.js';
import { Nothing } from './schemas.js';
import { Problem, badRequest, forbidden, parse } from './problem.js';
import type { Turns } from './turns.js';

const PARAMETER = /^[A-Za-z0-9_-]{1,96}$/;
const KEY = /^[\x21-\x7e]{1,200}$/;

/** What one caller may take from the others. */
export interface Shares {
  pace: Pace;
  bodies: Bodies;
  turns: Turns;
}

/**
 * Lets a request in: the caller is known, has the role, is not too fast, and has sent what the
 * operation takes. Its body is read after that, and a read waits for its turn.
 */
export class OperationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly access: Access,
    private readonly shares: Shares,
    private readonly timers: Timers = systemTimers,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const spec = this.reflector.get<OperationSpec | undefined>(OPERATION, context.getHandler());
    if (!spec) return true;
    const request = context.switchToHttp().getRequest<AskedRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    const caller = await this.access.callerOf(request.headers.authorization);
    const sender = `${caller.role} ${caller.subject}`;
    this.shares.pace.take(sender);
    if (!spec.roles.includes(caller.role))
      throw forbidden(`A ${caller.role} may not do this; it takes ${spec.roles.join(' or ')}.`);
    const params = paramsOf(request);
    const query = parse(spec.query ?? Nothing, request.query, 'query');
    const commandId = commandIdOf(request, caller, this.timers);
    if (isWrite(request.method))
      await this.shares.bodies.read(spec.consumes ? 'csv' : 'json', sender, request, response);
    const body = isWrite(request.method) ? bodyOf(request, spec) : {};
    if (isRead(request.method, spec)) await this.#turn(sender, response);
    request.asked = { caller, params, body, query, commandId };
    return true;
  }

  /** Until the answer is sent, or its reader has gone. */
  async #turn(sender: string, response: Response): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Problem(499, 'gone', 'The caller has gone.')));
    const end = await this.shares.turns.take(sender, gone.signal);
    if (response.closed) end();
    else response.once('close', end);
  }
}

/** A stream would keep its turn for as long as a page is open. */
const isRead = (method: string, { reads, produces }: OperationSpec): boolean =>
  (!isWrite(method) || reads === true) && produces !== 'text/event-stream';

/**
 * The ids in the address. It has one spelling: what an Idempotency-Key was sent to is known by it.
 */
function paramsOf(request: AskedRequest): Record<string, string> {
  const params = Object.fromEntries(
    Object.entries(request.params).map(([name, value]) => [name, String(value)]),
  );
  for (const [name, value] of Object.entries(params))
    if (!PARAMETER.test(value)) throw badRequest(`"${name}" in the address is not an id.`);
  if (request.path.includes('%'))
    throw badRequest('An id in the address is written as it is, without "%".');
  return params;
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
