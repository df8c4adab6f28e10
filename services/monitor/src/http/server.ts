import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Log } from '@cliptally/messaging';
import { PROBES, listen, observeHttp, pageHeaders, type Route } from '@cliptally/telemetry';
import type { NextFunction, Request, Response } from 'express';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import 'reflect-metadata';
import { OperationsController, PageController } from './controllers.js';
import { PARTS, type Parts } from './parts.js';
import { ProblemFilter, problem } from './problem.js';

const ROUTES: Route[] = [
  ...PROBES,
  ...['/', '/page.js', '/page.css', '/icon.svg', '/config.json', '/status'].map(
    (path) => ['GET', path] as const,
  ),
];

/** What asks for these knows the pod, and no name. */
const OPEN_TO_ALL = ['/healthz', '/readyz'];

class MonitorModule {
  static of(parts: Parts): DynamicModule {
    return {
      module: MonitorModule,
      controllers: [OperationsController, PageController],
      providers: [{ provide: PARTS, useValue: parts }],
    };
  }
}
Module({})(MonitorModule);

/** The HTTP side, listening. Throws PortTaken. */
export async function startHttp(
  parts: Parts,
  registry: Registry,
  { port, host, log }: { port: number; host: string; log: Log },
) {
  const app = await NestFactory.create<NestExpressApplication>(MonitorModule.of(parts), {
    logger: false,
    abortOnError: false,
    bodyParser: false,
  });
  app.disable('x-powered-by');
  // The retry button asks the earnings API.
  const secure = pageHeaders(parts.earningsUrl ? [new URL(parts.earningsUrl).origin] : []);
  app.use((_: Request, response: Response, next: NextFunction) => {
    response.set(secure);
    next();
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const foreign = OPEN_TO_ALL.includes(request.path) ? null : parts.gate.foreignHost(request);
    if (foreign) problem(response, foreign.status, foreign.detail);
    else next();
  });
  // A stream lasts as long as a page is open: its length says nothing.
  const observe = observeHttp(registry, ROUTES, ['/events']);
  app.use((request: Request, response: Response, next: NextFunction) => {
    observe(request, response);
    next();
  });
  app.useGlobalFilters(new ProblemFilter(log));
  await app.init();
  const server = app.getHttpServer();
  await listen(server, port, host);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      parts.live.close();
      server.closeIdleConnections();
      const closed = app.close();
      // A client that has not read to the end by now is cut off.
      const late = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(late);
    },
  };
}
