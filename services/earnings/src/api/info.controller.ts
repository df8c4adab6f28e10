import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { Readiness } from '@cliptally/telemetry';
import type { Response } from 'express';
import type { Registry } from 'prom-client';
import type { openApiOf } from './openapi.js';
import { DOCUMENT, READINESS, REGISTRY } from './tokens.js';

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** What the service says of itself; open to all. */
@Controller()
export class InfoController {
  constructor(
    @Inject(DOCUMENT) private readonly document: ReturnType<typeof openApiOf>,
    @Inject(READINESS) private readonly readiness: Readiness,
    @Inject(REGISTRY) private readonly registry: Registry,
  ) {}

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
    return this.registry.metrics();
  }

  @Get('openapi.json')
  openApi() {
    return this.document;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  docs() {
    const operations = Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const { summary, description, requestBody } = operation as {
          summary: string;
          description: string;
          requestBody?: { content: Record<string, { schema: object }> };
        };
        const body = requestBody
          ? `<details><summary>Body</summary><pre>${escape(JSON.stringify(Object.values(requestBody.content)[0]?.schema, null, 2))}</pre></details>`
          : '';
        return `<article><h2><b>${method.toUpperCase()}</b> ${escape(path)}</h2><p>${escape(summary)}. ${escape(description)}</p>${body}</article>`;
      }),
    );
    return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Cliptally API</title><link rel="stylesheet" href="/docs.css"><main><h1>Cliptally API</h1><p>Amounts are integers in minor units, instants are UTC. The machine-readable form is <a href="/openapi.json">openapi.json</a>.</p>${operations.join('')}</main></html>`;
  }

  @Get('docs.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style() {
    return `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0}main{max-width:56rem;margin:auto;padding:1rem}h2{font:600 1rem/1.4 ui-monospace,monospace;margin:0}h2 b{display:inline-block;min-width:3.5rem}article{border-top:1px solid color-mix(in srgb,currentColor 20%,transparent);padding:.75rem 0}p{margin:.25rem 0}pre{overflow:auto;font-size:.85rem}`;
  }
}
