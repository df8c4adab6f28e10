import { Access, adminOf, type Keys } from '@cliptally/access';
import { longLived, systemTimers, type Clock } from '@cliptally/contracts';
import { LogSearch, openerOf, PersonalStore, whileConnecting } from '@cliptally/event-store';
import { PROJECTION_HANDLINGS, positionOf, type Log } from '@cliptally/messaging';
import {
  CLOSED,
  OperatorsGate,
  PortTaken,
  Readiness,
  createRegistry,
  keepOpenNoMore,
  observeHandlings,
  pageFiles,
  upGauge,
  type OperatorsAccess,
} from '@cliptally/telemetry';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ChangeFeed } from './changes/feed.js';
import { Commands } from './commands/commands.js';
import { sampleWorldOf, signInOf, type ConsoleOidc, type SampleWorld } from './console/settings.js';
import { Eraser } from './erasure/eraser.js';
import { PostChecker } from './eligibility/checker.js';
import { APIFY_HINTS, type ApifyHints } from './http/apify-webhook.controller.js';
import { createApplication } from './http/application.js';
import { CONSOLE, type ConsoleParts } from './http/console.controller.js';
import { Idempotency } from './http/idempotency.js';
import type { RateLimit } from './http/pace.js';
import { STRIPE, StripeConnection } from './http/stripe-webhook.controller.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import { CLOCK, ERASER, FOLLOW, LOG_SEARCH, PROVIDERS, READINESS, STORE } from './http/tokens.js';
import { manualProvider, type PayoutProviders } from './payouts/provider.js';
import { PayoutSender } from './payouts/sender.js';
import { StripeProvider, type StripeSettings } from './payouts/stripe-provider.js';
import { earningsProjection } from './projection/earnings-projection.js';
import { ledgerMetrics } from './projection/ledger-metrics.js';
import {
  startProjectorAndSettler,
  type ProjectorAndSettler,
  type ProjectorAndSettlerOptions,
} from './projector-and-settler.js';
import type { Queries } from './queries/queries.js';
import { Tables } from './queries/tables.js';
import { waitingMetrics } from './review/waiting-metrics.js';
import { Reviewer } from './review/reviewer.js';
import { waitingPayoutsMetric } from './payouts/waiting-metric.js';
import { unsettledMetrics } from './settlement/unsettled-metrics.js';
import { ShortLinkFollower, resolveShortLink, type FollowLink } from './short-links/index.js';
import { TaxProfiles, type TaxKeys } from './years/index.js';
import { waitingLinkMetrics } from './short-links/waiting-metrics.js';
import {
  Endpoints,
  openWebhooks,
  webhookMetrics,
  type MailSettings,
  type WebhookNetwork,
} from './webhooks/index.js';

export interface EarningsOptions extends ProjectorAndSettlerOptions {
  /** 0 picks a free one. */
  port: number;
  host?: string;
  /** Secret that Apify sends with its webhooks; without it none are taken. */
  apifyWebhookSecret?: string | undefined;
  /** How tokens are checked. */
  keys: Keys;
  /** Who reads the metrics, beside admins. */
  operators?: OperatorsAccess | undefined;
  rate?: RateLimit;
  /** What brands and creators may ask for. */
  limits?: Partial<Limits> | undefined;
  /** Where payouts may go by Stripe Connect. */
  stripe?: StripeSettings | undefined;
  /** What tax profiles are sealed with; without keys none is taken. */
  taxKeys?: TaxKeys | null | undefined;
  /** How short links are followed. */
  follow?: FollowLink | undefined;
  /** Server for webhooks that go to mailboxes. */
  mail?: MailSettings | undefined;
  /** How endpoints of outgoing webhooks are reached. */
  webhooks?: WebhookNetwork | undefined;
  /** Origin of the live page, whose retry button asks this API. */
  pageOrigin?: string | undefined;
  /** Of a launcher on this machine; production refuses it. */
  sampleWorld?: SampleWorld | undefined;
  /** How people sign in to the console, if there is an identity provider. */
  consoleOidc?: ConsoleOidc | undefined;
  /** Folder of the console's files; those of this package by default. */
  consoleFolder?: string | undefined;
}

export interface EarningsService extends Pick<
  ProjectorAndSettler,
  'projector' | 'settler' | 'settled'
> {
  url: string;
  port: number;
  readiness: Readiness;
  reviewer: Reviewer;
  checker: PostChecker;
  close(): Promise<void>;
}

const DEFAULT_RATE: RateLimit = { burst: 2_000, perSecond: 500 };
const SWEEP_MS = 3_600_000;
const CONSOLE_FOLDER = fileURLToPath(new URL('../dist/pages/console/', import.meta.url));

/**
 * The earnings service: projection, settlements, and the HTTP API for brands, creators and admins.
 */
export async function startEarnings(options: EarningsOptions): Promise<EarningsService> {
  const running = await startProjectorAndSettler(options);
  try {
    return await serve(running, options);
  } catch (error) {
    await running.close();
    throw error;
  }
}

async function serve(
  running: ProjectorAndSettler,
  {
    databaseUrl,
    clock,
    log,
    port,
    host = '0.0.0.0',
    keys,
    operators = CLOSED,
    rate = DEFAULT_RATE,
    limits: given = {},
    pageOrigin,
    sampleWorld,
    consoleOidc,
    consoleFolder = CONSOLE_FOLDER,
    stripe: settings,
    apifyWebhookSecret,
    webhooks: network,
    mail,
    taxKeys = null,
    follow = (url, signal) => resolveShortLink(url, signal ? { signal } : {}),
  }: EarningsOptions,
): Promise<EarningsService> {
  const queries = running.tables;
  const limits: Limits = { ...DEFAULT_LIMITS, ...given };
  const idempotency = new Idempotency(running.pool, clock);
  await whileConnecting(() => idempotency.prepare());
  const taxProfiles = new TaxProfiles(running.pool, clock, taxKeys, log);
  await whileConnecting(() => taxProfiles.prepare());
  const registry = createRegistry('earnings');
  upGauge(registry, 'cliptally_database_up', '1 while PostgreSQL answers.', () =>
    running.pool.query('select 1'),
  );
  ledgerMetrics(registry, running.pool, running.projector);
  unsettledMetrics(registry, running.pool, clock);
  waitingLinkMetrics(registry, running.pool, clock);
  waitingMetrics(registry, running.pool, clock);
  const observeBatch = observeHandlings(registry, ['earnings'], PROJECTION_HANDLINGS);
  running.projector.onHandled = (outcome, seconds) => observeBatch('earnings', outcome, seconds);
  // Not NATS: without it the tables are a second late, and nothing is wrong.
  const readiness = new Readiness({
    projection: () =>
      running.projector.halted ?? (running.projector.caughtUp ? null : 'still reading the log'),
    database: async () => ((await running.store.head()) >= 0 ? null : 'no answer'),
  });
  const commands = new Commands(running, clock, queries, limits);
  const stripe = settings
    ? await openStripe(settings, running, { commands, queries, clock, log })
    : null;
  waitingPayoutsMetric(registry, stripe?.sender);
  const providers: PayoutProviders = {
    manual: manualProvider,
    ...(stripe && { stripe: stripe.provider }),
  };
  const links = new ShortLinkFollower({
    follow,
    commands,
    queries,
    ready: () => running.complete(),
    clock,
    log,
  });
  running.afterBatch(() => links.wake());
  const { pool, store } = running;
  const webhooks = await openWebhooks({
    databaseUrl,
    pool,
    store,
    tables: queries,
    clock,
    log,
    network,
    mail,
  });
  webhookMetrics(registry, pool, clock);
  running.afterBatch(() => webhooks.delivery.wake());
  const reviewer = new Reviewer({ commands, queries, clock, log });
  const checker = new PostChecker({
    commands,
    tables: queries,
    ready: () => running.complete(),
    clock,
    log,
  });
  running.afterBatch(() => checker.wake());
  const { name: schema } = earningsProjection;
  const ready = () => running.complete();
  const personal = store instanceof PersonalStore ? store.keys : null;
  const eraser = personal ? new Eraser({ pool, schema, ready, clock, log }) : null;
  running.afterBatch(() => eraser?.wake());
  const publish: ApifyHints['publish'] = (subject, run) =>
    running.nats.connection.publish(subject, run);
  const hints: ApifyHints | null = apifyWebhookSecret
    ? { secret: apifyWebhookSecret, publish }
    : null;
  const feed = new ChangeFeed({
    store: running.store,
    tables: queries,
    position: () => positionOf(earningsProjection, pool),
    clock,
    log,
    timers: systemTimers,
  });
  const access = new Access(keys, clock);
  const gate = new OperatorsGate(operators, host, adminOf(access));
  const console: ConsoleParts = {
    files: pageFiles(consoleFolder),
    signIn: signInOf(consoleOidc, keys),
    access,
    sampleWorld: sampleWorldOf(sampleWorld),
    livePage: pageOrigin ?? null,
  };
  const app = await createApplication({
    providers: [
      { provide: CONSOLE, useValue: console },
      { provide: ChangeFeed, useValue: feed },
      { provide: STORE, useValue: store },
      {
        provide: LOG_SEARCH,
        useValue: store.kind === 'postgres' ? new LogSearch(pool, openerOf(store)) : null,
      },
      { provide: ERASER, useValue: eraser },
      { provide: CLOCK, useValue: clock },
      { provide: Tables, useValue: queries },
      { provide: TaxProfiles, useValue: taxProfiles },
      { provide: Commands, useValue: commands },
      { provide: FOLLOW, useValue: follow },
      { provide: PROVIDERS, useValue: providers },
      { provide: STRIPE, useValue: stripe },
      { provide: Endpoints, useValue: webhooks.endpoints },
      { provide: APIFY_HINTS, useValue: hints },
      { provide: READINESS, useValue: readiness },
      { provide: OperatorsGate, useValue: gate },
    ],
    registry,
    access,
    rate,
    idempotency,
    commands,
    log,
    pageOrigin,
  });
  const server = app.getHttpServer();
  await app.listen(port, host).catch((error: unknown) => {
    throw (error as { code?: string }).code === 'EADDRINUSE' ? new PortTaken(port) : error;
  });
  stripe?.sender.start();
  links.start();
  webhooks.delivery.start();
  reviewer.start();
  checker.start();
  eraser?.start();
  const stop = longLived();
  const sweeping = sweep(
    [() => idempotency.sweep(), () => taxProfiles.resealAll(), async () => personal?.rewrapAll()],
    clock,
    log,
    stop.signal,
  );
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${bound}`,
    port: bound,
    readiness,
    projector: running.projector,
    settler: running.settler,
    reviewer,
    checker,
    settled: (signal) => running.settled(signal),
    async close() {
      stop.abort();
      await sweeping;
      await stripe?.sender.stop();
      await links.stop();
      await webhooks.delivery.stop();
      await reviewer.stop();
      await checker.stop();
      await eraser?.stop();
      keepOpenNoMore(server);
      // After that: the connection of a stream ends with it, and is not kept for another request.
      feed.close();
      await app.close();
      await running.close();
    },
  };
}

async function openStripe(
  settings: StripeSettings,
  running: ProjectorAndSettler,
  parts: { commands: Commands; queries: Queries; clock: Clock; log: Log },
): Promise<StripeConnection> {
  const provider = await StripeProvider.open(settings, parts.clock);
  const sender = new PayoutSender({ provider, ...parts, ready: () => running.complete() });
  running.afterBatch(() => sender.wake());
  return new StripeConnection(provider, sender, parts.log);
}

async function sweep(
  tasks: readonly (() => Promise<unknown>)[],
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const task of tasks)
      await task().catch((error: Error) =>
        log.warn({ error: error.message }, 'old answers or seals could not be replaced'),
      );
    await clock.sleep(SWEEP_MS * Math.max(1, clock.speed / 60), signal);
  }
}
