import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { readMetrics, type Readiness } from '@cliptally/telemetry';
import type { Response } from 'express';
import type { Registry } from 'prom-client';
import { pageOf, type ApiDocument } from './docs/page.js';
import { STYLE } from './docs/style.js';
import { DOCUMENT, READINESS, REGISTRY } from './tokens.js';

/** What the service says of itself; open to all. */
@Controller()
export class InfoController {
  readonly #page: string;

  constructor(
    @Inject(DOCUMENT) private readonly document: ApiDocument,
    @Inject(READINESS) private readonly readiness: Readiness,
    @Inject(REGISTRY) private readonly registry: Registry,
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
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics() {
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
