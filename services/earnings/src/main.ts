import {
  ConfigurationError,
  fields,
  personalDataKeys,
  operatorsOf,
  operatorsVariables,
  readConfiguration,
  runService,
  startTelemetry,
} from '@cliptally/telemetry';
import { z } from 'zod';
import { consoleOidcOf, consoleVariables } from './console/settings.js';
import { limitsOf, limitVariables } from './limits.js';
import { keysOf, tokenVariables } from '@cliptally/access';
import type { StripeSettings } from './payouts/stripe-provider.js';
import { startEarnings } from './service.js';
import type { MailSettings } from './webhooks/index.js';
import { taxKeyVariables, taxKeysOf } from './years/index.js';

const Configuration = z.object({
  DATABASE_URL: fields.databaseUrl(),
  ...fields.eventStore(),
  NATS_URL: fields.natsUrl(),
  ...tokenVariables(),
  ...fields.operation(),
  ...fields.listening(8080),
  ...operatorsVariables(),
  STRIPE_SECRET_KEY: fields
    .secret(8, 'secret key of the Stripe account that pays creators through Connect')
    .optional(),
  STRIPE_WEBHOOK_SECRET: fields
    .secret(8, 'secret that Stripe signs the webhook POST /webhooks/stripe with')
    .optional(),
  STRIPE_BASE_URL: fields.webUrl("another address than Stripe's own, for a stand-in").optional(),
  APIFY_WEBHOOK_SECRET: fields
    .secret(16, 'secret that Apify sends with its webhooks; the scraper needs the same')
    .optional(),
  SMTP_URL: fields
    .secret(8, 'mail server for webhooks to mailboxes, as smtp://user:password@host:587')
    .optional(),
  MAIL_FROM: z.string().optional().describe('with SMTP_URL: the sender of these mails'),
  ...taxKeyVariables(),
  ...personalDataKeys.variables,
  ...limitVariables(),
  PAGE_ORIGIN: fields
    .webUrl('origin of the live page, whose retry button asks this API')
    .optional(),
  ...consoleVariables(),
});

await runService(async () => {
  const c = readConfiguration(Configuration, process.env);
  const keys = keysOf(c);
  const stripe = stripeOf(c.STRIPE_SECRET_KEY, c.STRIPE_WEBHOOK_SECRET, c.STRIPE_BASE_URL);
  const consoleOidc = consoleOidcOf(c, c.JWKS_URL);
  const taxKeys = taxKeysOf(c);
  const personalKeys = personalDataKeys.read(c);
  const { log, tracing } = await startTelemetry('earnings', c);
  const service = await startEarnings({
    databaseUrl: c.DATABASE_URL,
    eventStore: c.EVENT_STORE,
    kurrentdbUrl: c.KURRENTDB_URL,
    natsUrl: c.NATS_URL,
    clock: c.CLOCK,
    log,
    port: c.PORT,
    host: c.HOST,
    apifyWebhookSecret: c.APIFY_WEBHOOK_SECRET,
    keys,
    limits: limitsOf(c),
    operators: operatorsOf(c),
    pageOrigin: c.PAGE_ORIGIN,
    consoleOidc,
    stripe,
    taxKeys,
    personalKeys,
    mail: mailOf(c.SMTP_URL, c.MAIL_FROM),
  });
  return { service, log, tracing, shutdownDelayMs: c.SHUTDOWN_DELAY };
});

function stripeOf(
  secretKey: string | undefined,
  webhookSecret: string | undefined,
  baseUrl: string | undefined,
): StripeSettings | undefined {
  if (baseUrl && process.env['NODE_ENV'] === 'production' && !baseUrl.startsWith('https://'))
    throw new ConfigurationError(['STRIPE_BASE_URL must begin with https:// in production.']);
  if (secretKey && webhookSecret) return { secretKey, webhookSecret, baseUrl };
  if (secretKey || webhookSecret)
    throw new ConfigurationError([
      'STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET go together: set both, or neither to pay by hand only.',
    ]);
  return undefined;
}

function mailOf(url: string | undefined, from: string | undefined): MailSettings | undefined {
  if (url && from && /^smtps?:\/\//.test(url)) return { url, from };
  if (url || from)
    throw new ConfigurationError([
      'SMTP_URL, which begins with smtp:// or smtps://, and MAIL_FROM go together: set both, or neither to send no mail.',
    ]);
  return undefined;
}
