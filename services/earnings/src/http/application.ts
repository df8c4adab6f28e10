import { PROBES, keepOpen, observeHttp, type Route } from '@cliptally/telemetry';
import type { Log } from '@cliptally/messaging';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Registry } from 'prom-client';
import type { Commands } from '../commands/commands.js';
import { AnswerInterceptor, ProblemFilter } from './answering.js';
import { AccountsController } from './accounts.controller.js';
import { ApifyWebhookController } from './apify-webhook.controller.js';
import type { Access } from '@cliptally/access';
import { Bodies, OF_WEBHOOKS } from './bodies.js';
import { CampaignsController } from './campaigns.controller.js';
import { AppealsController } from './appeals.controller.js';
import { ChangesController } from './changes.controller.js';
import { CatalogueController } from './catalogue.controller.js';
import { ClipBatchController } from './clip-batch.controller.js';
import { ClipReviewsController } from './clip-reviews.controller.js';
import { ClipTrackingController } from './clip-tracking.controller.js';
import { ClipsController } from './clips.controller.js';
import { ConsoleController } from './console.controller.js';
import { CreatorsController } from './creators.controller.js';
import { ErasureController } from './erasure.controller.js';
import { EventsController } from './events.controller.js';
import { FailedScrapesController } from './failed-scrapes.controller.js';
import { OperationGuard } from './guard.js';
import { FundingController } from './funding.controller.js';
import { HistoryController } from './history.controller.js';
import type { Idempotency } from './idempotency.js';
import { InfoController } from './info.controller.js';
import { MeController } from './me.controller.js';
import { openApiOf } from './openapi.js';
import type { AskedRequest } from './operation.js';
import { Pace, type RateLimit } from './pace.js';
import { PayoutsController } from './payouts.controller.js';
import { PreviewsController } from './previews.controller.js';
import { routesOf } from './routes.js';
import { ScrapeBudgetController } from './scrape-budget.controller.js';
import { ShortLinksController } from './short-links.controller.js';
import { StripeWebhookController } from './stripe-webhook.controller.js';
import { DOCUMENT, REGISTRY } from './tokens.js';
import { recordRequest } from './tracing.js';
import { Turns } from './turns.js';
import { YearsController } from './years.controller.js';
import { WhyController } from './why.controller.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';

/** In the order of the API's document. */
export const API_CONTROLLERS: Type[] = [
  CampaignsController,
  CatalogueController,
  ClipsController,
  ClipReviewsController,
  ClipTrackingController,
  ClipBatchController,
  AppealsController,
  FailedScrapesController,
  ScrapeBudgetController,
  ShortLinksController,
  CreatorsController,
  AccountsController,
  PayoutsController,
  FundingController,
  ErasureController,
  YearsController,
  WebhookEndpointsController,
  PreviewsController,
  EventsController,
  HistoryController,
  WhyController,
  ChangesController,
  MeController,
];
const ROUTES: Route[] = [
  ...PROBES,
  ...[
    '/openapi.json',
    '/docs',
    '/docs.css',
    '/console',
    '/console/config.json',
    '/console/*path',
  ].map((path) => ['GET', path] as const),
  ...routesOf(API_CONTROLLERS).map(({ method, path }) => [method.toUpperCase(), path] as const),
];

export interface ApplicationOptions {
  /** What the controllers are given, beside the document and the registry. */
  providers: NonNullable<DynamicModule['providers']>;
  registry: Registry;
  access: Access;
  rate: RateLimit;
  idempotency: Idempotency;
  commands: Commands;
  log: Log;
  /** Origin of the live page, whose retry button asks this API. */
  pageOrigin: string | undefined;
}

@Module({})
class ApiModule {
  static with(providers: NonNullable<DynamicModule['providers']>): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        ...API_CONTROLLERS,
        StripeWebhookController,
        ApifyWebhookController,
        InfoController,
        ConsoleController,
      ],
      providers,
    };
  }
}

/** The HTTP API, which does not listen yet. */
export async function createApplication({
  providers,
  registry,
  access,
  rate,
  idempotency,
  commands,
  log,
  pageOrigin,
}: ApplicationOptions): Promise<NestExpressApplication> {
  const module = ApiModule.with([
    ...providers,
    { provide: DOCUMENT, useValue: openApiOf(API_CONTROLLERS) },
    { provide: REGISTRY, useValue: registry },
    { provide: Bodies, useValue: new Bodies(OF_WEBHOOKS) },
  ]);
  // Each address has one spelling, by which an Idempotency-Key knows what it was sent to.
  const program = express().enable('strict routing').enable('case sensitive routing');
  const app = await NestFactory.create<NestExpressApplication>(
    module,
    new ExpressAdapter(program),
    { logger: false, bodyParser: false },
  );
  app.disable('x-powered-by');
  app.use(consoleOf);
  app.use(headers);
  // A stream lasts as long as a page is open: its length says nothing.
  const observe = observeHttp(registry, ROUTES, ['/changes']);
  app.use((request: AskedRequest, response: Response, next: NextFunction) => {
    observe(request, response, (served) => recordRequest(request, served));
    next();
  });
  if (pageOrigin)
    app.enableCors({
      origin: pageOrigin,
      methods: ['GET', 'POST'],
      allowedHeaders: ['authorization', 'content-type', 'idempotency-key'],
      maxAge: 600,
    });
  const shares = { pace: new Pace(rate), bodies: new Bodies(), turns: new Turns() };
  app.useGlobalGuards(new OperationGuard(new Reflector(), access, shares));
  app.useGlobalInterceptors(new AnswerInterceptor(new Reflector(), idempotency, commands));
  app.useGlobalFilters(new ProblemFilter(log));
  const server = app.getHttpServer();
  keepOpen(server);
  // A caller that first asks whether a body is wanted is answered when the body is read.
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  return app;
}

/** The console's address as people type it; the API's have one spelling. */
function consoleOf(request: Request, _: Response, next: NextFunction): void {
  request.url = request.url.replace(/^\/console\/(?=$|\?)/, '/console');
  next();
}

/** What a caller may keep it must ask about again, with the ETag that express gives each answer. */
function headers(request: Request, response: Response, next: NextFunction): void {
  // Node's fetch adds "no-cache" to what it revalidates, and express would then send everything
  // again; there is no cache here to bypass.
  if (request.headers['if-none-match']) delete request.headers['cache-control'];
  response.set({
    'content-security-policy':
      "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': request.method === 'GET' ? 'private, no-cache' : 'no-store',
    vary: 'authorization',
  });
  next();
}
