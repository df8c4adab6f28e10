import { SetMetadata, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { z } from 'zod';
import type { ProblemCode } from './docs/problems.js';
import type { Caller, Role } from '@cliptally/contracts/api';

/**
 * What a route is for, who may call it, and what it takes: the guard, the validation and the
 * OpenAPI document are made from this.
 */
export interface OperationSpec {
  summary: string;
  roles: readonly Role[];
  status: number;
  /** A POST that only answers, and changes nothing. */
  reads?: true;
  body?: z.ZodObject;
  /** Takes a file of this type instead of JSON; its text is the body's `text`. */
  consumes?: 'text/csv';
  /** Of an answer that is no JSON; a stream is answered by its handler. */
  produces?: 'text/csv' | 'text/event-stream' | 'application/x-ndjson';
  query?: z.ZodObject;
  /** What it may be refused for, beside what any route may be. */
  refusals?: readonly ProblemCode[];
  /** Of a 202 that says more than a location. */
  accepted?: z.ZodObject;
  /** Schema of the answer, named by its `meta({ id })`; for the document. */
  answer?: z.ZodObject;
}

export const OPERATION = 'cliptally:operation';

/** What a person uploads instead of JSON. */
export interface UploadedFile {
  text: string;
}

type Empty = Record<string, never>;
type BodyOf<S extends OperationSpec> = S extends { consumes: string }
  ? UploadedFile
  : S extends { body: infer B extends z.ZodObject }
    ? z.output<B>
    : Empty;
type QueryOf<S extends OperationSpec> = S extends { query: infer Q extends z.ZodObject }
  ? z.output<Q>
  : Empty;

/** A handler that reads from its request what the schemas do not promise does not compile. */
export const Operation =
  <const S extends OperationSpec>(spec: S) =>
  <Handler extends (asked: Asked<BodyOf<S>, QueryOf<S>>) => unknown>(
    controller: object,
    name: string,
    handler: TypedPropertyDescriptor<Handler>,
  ): void =>
    void SetMetadata(OPERATION, spec)(controller, name, handler);

/** What the guard has found out about a request: its body and query are as the schemas say. */
export interface Asked<Body extends object = object, Query extends object = object> {
  caller: Caller;
  body: Body;
  query: Query;
  params: Record<string, string>;
  /**
   * The same for a request that is sent again with its Idempotency-Key: events derive their ids
   * from it.
   */
  commandId: string;
}

export type AskedRequest = Request & { asked?: Asked };

/** The request as the guard has checked it. */
export const Ask = createParamDecorator(
  (_: unknown, context: ExecutionContext): Asked =>
    context.switchToHttp().getRequest<AskedRequest>().asked!,
);

/** An answer whose status or headers are not the operation's own. */
export class Answer {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}
