import { longLived, type Clock } from '@cliptally/contracts';
import { PROJECTION_HANDLINGS, type Log } from '@cliptally/messaging';
import {
  PROBES,
  PortTaken,
  Readiness,
  createRegistry,
  keepOpen,
  keepOpenNoMore,
  observeHandlings,
  observeHttp,
  type Route,
} from '@cliptally/telemetry';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { AddressInfo } from 'node:net';
import { AnswerInterceptor, ProblemFilter } from './http/answering.js';
import {
  APIFY_HINTS,
  ApifyWebhookController,
  type ApifyHints,
} from './http/apify-webhook.controller.js';
import { CampaignsController } from './http/campaigns.controller.js';
import { ClipBatchController } from './http/clip-batch.controller.js';
import { ClipsController } from './http/clips.controller.js';
import { FailedScrapesController } from './http/failed-scrapes.controller.js';
import type { AskedRequest } from './http/operation.js';
import { OperationGuard, type RateLimit } from './http/guard.js';
import { Idempotency } from './http/idempotency.js';
import { InfoController } from './http/info.controller.js';
import { openApiOf, routesOf } from './http/openapi.js';
import { PayoutsController } from './http/payouts.controller.js';
import { ShortLinksController } from './http/short-links.controller.js';
import {
  STRIPE,
  StripeConnection,
  StripeWebhookController,
} from './http/stripe-webhook.controller.js';
import { recordRequest } from './http/tracing.js';
import { CLOCK, DOCUMENT, FOLLOW, PROVIDERS, READINESS, REGISTRY } from './http/tokens.js';
import { Access } from './http/auth/access.js';
import { bookMetrics } from './projection/ledger-metrics.js';
import { Commands } from './commands/commands.js';
import { startCore, type CoreOptions, type EarningsCore } from './projector-and-settler.js';
import { manualProvider, type PayoutProviders } from './payouts/provider.js';
import { PayoutSender } from './payouts/sender.js';
import { StripeProvider, type StripeSettings } from './payouts/stripe-provider.js';
import { Tables, type Queries } from './queries/queries.js';
import { ShortLinkFollower, resolveShortLink, type FollowLink } from './short-links/index.js';
import { unsettledMetrics } from './settlement/unsettled-metrics.js';

export interface EarningsOptions extends CoreOptions {
  /** 0 picks a free one. */
  port: number;
  host?: string;
  /** Secret that Apify sends with its webhooks; without it none are taken. */
  apifyWebhookSecret?: string | undefined;
  jwtSecret?: string | undefined;
  jwksUrl?: string | undefined;
  /** Of tokens by JWKS: who must have made them, and for whom. */
  jwtIssuer?: string | undefined;
  jwtAudience?: string | undefined;
  rate?: RateLimit;
  /** Where payouts may go by Stripe Connect. */
  stripe?: StripeSettings | undefined;
  /** How short links are followed. */
  follow?: FollowLink | undefined;
  /** Origin of the live page, whose retry button asks this API. */
  pageOrigin?: string | undefined;
}

export interface EarningsService extends Pick<EarningsCore, 'projector' | 'settler' | 'settled'> {
  url: string;
  port: number;
  readiness: Readiness;
  close(): Promise<void>;
}

const DEFAULT_RATE: RateLimit = { burst: 2_000, perSecond: 500 };
export const API_CONTROLLERS: Type[] = [
  CampaignsController,
  ClipsController,
  ClipBatchController,
  FailedScrapesController,
  ShortLinksController,
  PayoutsController,
];
const ROUTES: Route[] = [
  ...PROBES,
  ...['/openapi.json', '/docs', '/docs.css'].map((path) => ['GET', path] as const),
  ...routesOf(API_CONTROLLERS).map(({ method, path }) => [method.toUpperCase(), path] as const),
];
const SWEEP_MS = 3_600_000;

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
      ],
      providers,
    };
  }
}

/**
 * The earnings service: projection, settlements, and the HTTP API for brands, creators and admins.
 */
export async function startEarnings(options: EarningsOptions): Promise<EarningsService> {
  const core = await startCore(options);
  try {
    return await serve(core, options);
  } catch (error) {
    await core.close();
    throw error;
  }
}

async function serve(
  core: EarningsCore,
  {
    clock,
    log,
    port,
    host = '0.0.0.0',
    jwtSecret,
    jwksUrl,
    jwtIssuer,
    jwtAudience,
    rate = DEFAULT_RATE,
    pageOrigin,
    stripe: settings,
    apifyWebhookSecret,
    follow = (url, signal) => resolveShortLink(url, signal ? { signal } : {}),
  }: EarningsOptions,
): Promise<EarningsService> {
  const queries = core.tables;
  const idempotency = new Idempotency(core.pool, clock);
  await idempotency.prepare();
  const registry = createRegistry('earnings');
  bookMetrics(registry, core.pool, core.projector);
  unsettledMetrics(registry, core.pool, clock);
  const observeBatch = observeHandlings(registry, ['earnings'], PROJECTION_HANDLINGS);
  core.projector.onHandled = (outcome, seconds) => observeBatch('earnings', outcome, seconds);
  // Not NATS: without it the tables are a second late, and nothing is wrong.
  const readiness = new Readiness({
    projection: () =>
      core.projector.halted ?? (core.projector.caughtUp ? null : 'still reading the log'),
    database: async () => ((await core.store.head()) >= 0 ? null : 'no answer'),
  });
  const commands = new Commands(core, clock, queries);
  const stripe = settings
    ? await openStripe(settings, core, { commands, queries, clock, log })
    : null;
  const providers: PayoutProviders = {
    manual: manualProvider,
    ...(stripe && { stripe: stripe.provider }),
  };
  const links = new ShortLinkFollower({ follow, commands, queries, clock, log });
  core.afterBatch(() => links.wake());
  const publish: ApifyHints['publish'] = (subject, run) =>
    core.nats.connection.publish(subject, run);
  const hints: ApifyHints | null = apifyWebhookSecret
    ? { secret: apifyWebhookSecret, publish }
    : null;
  const module = ApiModule.with([
    { provide: CLOCK, useValue: clock },
    { provide: Tables, useValue: queries },
    { provide: Commands, useValue: commands },
    { provide: FOLLOW, useValue: follow },
    { provide: PROVIDERS, useValue: providers },
    { provide: STRIPE, useValue: stripe },
    { provide: APIFY_HINTS, useValue: hints },
    { provide: DOCUMENT, useValue: openApiOf(API_CONTROLLERS) },
    { provide: READINESS, useValue: readiness },
    { provide: REGISTRY, useValue: registry },
  ]);
  // Raw bodies, because a webhook is signed byte by byte.
  const parsing = { logger: false, bodyParser: false, rawBody: true } as const;
  const app = await NestFactory.create<NestExpressApplication>(
    module,
    new ExpressAdapter(),
    parsing,
  );
  app.disable('x-powered-by');
  app.use(headers);
  const observe = observeHttp(registry, ROUTES);
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
  app.useBodyParser('json', { limit: '100kb' });
  app.useBodyParser('text', { limit: '2mb', type: 'text/csv' });
  const access = new Access(
    jwksUrl ? { jwksUrl, issuer: jwtIssuer, audience: jwtAudience } : { secret: jwtSecret ?? '' },
    clock,
  );
  app.useGlobalGuards(new OperationGuard(new Reflector(), access, rate));
  app.useGlobalInterceptors(new AnswerInterceptor(new Reflector(), idempotency, commands));
  app.useGlobalFilters(new ProblemFilter(log));
  const server = app.getHttpServer();
  keepOpen(server);
  await app.listen(port, host).catch((error: unknown) => {
    throw (error as { code?: string }).code === 'EADDRINUSE' ? new PortTaken(port) : error;
  });
  stripe?.sender.start();
  links.start();
  const stop = longLived();
  const sweeping = sweep(idempotency, clock, log, stop.signal);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${bound}`,
    port: bound,
    readiness,
    projector: core.projector,
    settler: core.settler,
    settled: (signal) => core.settled(signal),
    async close() {
      stop.abort();
      await sweeping;
      await stripe?.sender.stop();
      await links.stop();
      keepOpenNoMore(server);
      await app.close();
      await core.close();
    },
  };
}

async function openStripe(
  settings: StripeSettings,
  core: EarningsCore,
  parts: { commands: Commands; queries: Queries; clock: Clock; log: Log },
): Promise<StripeConnection> {
  const provider = await StripeProvider.open(settings, parts.clock);
  const sender = new PayoutSender({ provider, ...parts });
  core.afterBatch(() => sender.wake());
  return new StripeConnection(provider, sender);
}

async function sweep(
  idempotency: Idempotency,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await idempotency
      .sweep()
      .catch((error: Error) =>
        log.warn({ error: error.message }, 'old answers could not be removed'),
      );
    await clock.sleep(SWEEP_MS * Math.max(1, clock.speed / 60), signal);
  }
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
