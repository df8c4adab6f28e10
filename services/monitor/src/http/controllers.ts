import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { problem } from './problem.js';
import { MONITOR, type Monitor } from './monitor.js';

const RETRY = { 'retry-after': '1' };

/** For machines: Prometheus, health checks, and programs that ask how tracking is. */
@Controller()
export class OperationsController {
  constructor(@Inject(MONITOR) private readonly monitor: Monitor) {}

  @Get('healthz')
  healthz() {
    return { status: 'ok' };
  }

  @Get('readyz')
  async readyz(@Res({ passthrough: true }) response: Response) {
    const { status, body } = await this.monitor.readiness.answer();
    response.status(status);
    return body;
  }

  @Get('metrics')
  async metrics(@Res() response: Response) {
    const unready = this.monitor.unready();
    // Counters that grow while they are being rebuilt would look like things happening now.
    if (unready) return problem(response, 503, unready, RETRY);
    const text = await this.monitor.metrics();
    response.writeHead(200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end(text);
  }

  @Get('status')
  async status(@Res() response: Response) {
    const unready = this.monitor.unready();
    if (unready) return problem(response, 503, unready, RETRY);
    response.set('cache-control', 'no-store').json(await this.monitor.reading.status());
  }
}

/** For people: the live page and what it is told. */
@Controller()
export class PageController {
  constructor(@Inject(MONITOR) private readonly monitor: Monitor) {}

  @Get()
  index(@Req() request: Request, @Res() response: Response) {
    this.#file('index.html', request, response);
  }

  @Get(['page.js', 'page.css', 'icon.svg'])
  asset(@Req() request: Request, @Res() response: Response) {
    this.#file(request.path.slice(1), request, response);
  }

  @Get('config.json')
  configuration() {
    return { earningsUrl: this.monitor.earningsUrl };
  }

  @Get('events')
  events(@Req() request: Request, @Res() response: Response) {
    // A HEAD has no body to wait for.
    if (request.method === 'HEAD') response.type('text/event-stream').end();
    else if (!this.monitor.live.attach(response))
      problem(response, 503, 'Too many pages are open; close one, or try again later.', RETRY);
  }

  #file(name: string, request: Request, response: Response): void {
    const file = this.monitor.files.get(name);
    if (!file)
      return problem(
        response,
        503,
        'The page has not been built. Run `npm run build` and start the monitor again.',
      );
    const headers = { etag: file.etag, 'cache-control': 'no-cache' };
    if (request.headers['if-none-match'] === file.etag) response.writeHead(304, headers).end();
    else
      response
        .writeHead(200, {
          ...headers,
          'content-type': file.type,
          'content-length': file.body.length,
        })
        .end(file.body);
  }
}
