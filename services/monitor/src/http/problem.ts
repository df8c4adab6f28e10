import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Log } from '@cliptally/messaging';
import type { Response } from 'express';
import { STATUS_CODES } from 'node:http';

/** Answers with an RFC 9457 problem. */
export function problem(
  response: Response,
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
  response.end(
    JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail }),
  );
}

/** Whatever goes wrong in a request becomes a problem; only what is our own fault is logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const given =
      error instanceof HttpException ? error.getStatus() : (error as { status?: unknown }).status;
    const status = typeof given === 'number' && given >= 400 && given < 500 ? given : 500;
    if (status === 500)
      this.#log.error(
        { error: error instanceof Error ? error.stack : String(error) },
        'a request failed',
      );
    if (response.headersSent) return void response.end();
    problem(
      response,
      status,
      status === 500 ? 'The monitor could not answer; its log says why.' : (error as Error).message,
    );
  }
}
