import { Controller, Get, Header, Inject, Req, Res } from '@nestjs/common';
import { OperatorsGate, readMetrics, type Readiness } from '@cliptally/telemetry';
import type { Request, Response } from 'express';
import type { Registry } from 'prom-client';
import { pageOf, type ApiDocument } from './docs/page.js';
import { STYLE } from './docs/style.js';
import { Problem } from './problem.js';
import { DOCUMENT, READINESS, REGISTRY } from './tokens.js';

/** What the service says of itself; open to all but its metrics. */
@Controller()
export class InfoController {
  readonly #page: string;

  constructor(
    @Inject(DOCUMENT) private readonly document: ApiDocument,
    @Inject(READINESS) private readonly readiness: Readiness,
    @Inject(REGISTRY) private readonly registry: Registry,
    @Inject(OperatorsGate) private readonly gate: OperatorsGate,
  ) {
    this.#page = pageOf(document);
  }

  @Get('healthz')
  alive() {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) response: Response) {
    const { status, body } = await this.readiness.answer();
    response.status(status);
    return body;
  }

  @Get('metrics')
  async metrics(@Req() request: Request, @Res({ passthrough: true }) response: Response) {
    const refused = await this.gate.toMetrics(request);
    if (refused) {
      const code = ({ 401: 'unauthorized', 403: 'forbidden', 503: 'keys_unavailable' } as const)[refused.status]; // prettier-ignore
      throw new Problem(refused.status, code, refused.detail, [], refused.headers);
    }
    response.set('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    return readMetrics(this.registry);
  }

  @Get('openapi.json')
  openApi() {
    return this.document;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  docs() {
    return this.#page;
  }

  @Get('docs.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style() {
    return STYLE;
  }
}
