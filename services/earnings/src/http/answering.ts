import {
  Catch,
  type ArgumentsHost,
  type CallHandler,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { within, type Log } from '@cliptally/messaging';
import type { Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Commands } from '../commands/commands.js';
import { leaveUnread } from './bodies.js';
import type { Idempotency } from './idempotency.js';
import { Answer, OPERATION, type AskedRequest, type OperationSpec } from './operation.js';
import { conflict, problemOf } from './problem.js';
import { isWrite } from './methods.js';
import { requestSpanOf } from './tracing.js';

/**
 * Gives each answer its status; a write that is sent again with its Idempotency-Key gets the
 * answer of the first time.
 */
export class AnswerInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly idempotency: Idempotency,
    private readonly commands: Commands,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const spec = this.reflector.get<OperationSpec | undefined>(OPERATION, context.getHandler());
    if (!spec || spec.produces === 'text/event-stream') return next.handle();
    const request = context.switchToHttp().getRequest<AskedRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    const once = async () => {
      const result: unknown = await within(requestSpanOf(request.asked!.commandId), () =>
        lastValueFrom(next.handle()),
      );
      return result instanceof Answer ? result : new Answer(spec.status, result);
    };
    const work = isWrite(request.method) ? () => this.#upToDate(once) : once;
    const answered =
      isWrite(request.method) && request.headers['idempotency-key'] !== undefined
        ? this.idempotency.once(request, work)
        : work();
    return from(
      answered.then(({ status, body, headers }) => {
        response.status(status).set(headers);
        return body;
      }),
    );
  }

  /**
   * What is refused because of what the tables say is decided again if they were behind the log:
   * what was accepted with a 202 is there.
   */
  async #upToDate(work: () => Promise<Answer>): Promise<Answer> {
    const progress = this.commands.progress;
    const { position } = progress;
    try {
      return await work();
    } catch (error) {
      const status = problemOf(error)?.status;
      if (status !== 404 && status !== 409) throw error;
      const reached = await progress.head();
      if (reached <= position) throw error;
      if (await progress.waitFor(reached)) return work();
      throw conflict(
        'busy',
        'What was written before is still being taken over here; send the request again in a second.',
      );
    }
  }
}

/**
 * Everything that goes wrong, as a problem document; a defect of ours says nothing of itself to the
 * outside.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<AskedRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) return;
    leaveUnread(request, response);
    const problem = problemOf(error);
    const instance = request.path;
    if (!problem)
      this.log.error(
        { error: error instanceof Error ? error.stack : String(error), path: instance },
        'a request failed by a defect',
      );
    const body = problem?.body(instance) ?? {
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'This is a defect of ours; it has been logged.',
      instance,
    };
    response
      .status(problem?.status ?? 500)
      .set(problem?.headers ?? {})
      .type('application/problem+json')
      .send(JSON.stringify(body));
  }
}
