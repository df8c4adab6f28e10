import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { answerFile } from '@cliptally/telemetry';
import type { Request, Response } from 'express';
import { problem } from './problem.js';
import { PARTS, type Parts } from './parts.js';

const RETRY = { 'retry-after': '1' };

/** For machines: Prometheus, health checks, and programs that ask how tracking is. */
@Controller()
export class OperationsController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Get('healthz')
  healthz() {
    return { status: 'ok' };
  }

  @Get('readyz')
  async readyz(@Res({ passthrough: true }) response: Response) {
    const { status, body } = await this.parts.readiness.answer();
    response.status(status);
    return body;
  }

  @Get('metrics')
  async metrics(@Req() request: Request, @Res() response: Response) {
    const refused = await this.parts.gate.toMetrics(request);
    if (refused) return problem(response, refused.status, refused.detail, refused.headers);
    const unready = this.parts.unready();
    // Counters that grow while they are being rebuilt would seem to happen now.
    if (unready) return problem(response, 503, unready, RETRY);
    const text = await this.parts.metrics();
    response.writeHead(200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end(text);
  }

  @Get('status')
  async status(@Req() request: Request, @Res() response: Response) {
    const asked = await this.parts.gate.toFigures(request);
    if ('status' in asked) return problem(response, asked.status, asked.detail, asked.headers);
    const unready = this.parts.unready();
    if (unready) return problem(response, 503, unready, RETRY);
    response.set('cache-control', 'no-store').json(await this.parts.reading.status());
  }
}

/** For people: the live page and its sections. */
@Controller()
export class PageController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Get()
  index(@Req() request: Request, @Res() response: Response) {
    return this.#file('index.html', request, response);
  }

  @Get(['page.js', 'page.css', 'icon.svg'])
  asset(@Req() request: Request, @Res() response: Response) {
    return this.#file(request.path.slice(1), request, response);
  }

  @Get('config.json')
  configuration() {
    return { earningsUrl: this.parts.earningsUrl, open: this.parts.gate.isOpen };
  }

  @Get('events')
  async events(@Req() request: Request, @Res() response: Response) {
    const asked = await this.parts.gate.toFigures(request);
    if ('status' in asked) return problem(response, asked.status, asked.detail, asked.headers);
    // A HEAD has no body to wait for.
    if (request.method === 'HEAD') response.type('text/event-stream').end();
    else this.parts.live.attach(response, asked.caller);
  }

  async #file(name: string, request: Request, response: Response): Promise<void> {
    const file = this.parts.files.get(name);
    if (file) return answerFile(request, response, file);
    problem(
      response,
      503,
      'The page has not been built. Run `npm run build` and start the monitor again.',
    );
  }
}
