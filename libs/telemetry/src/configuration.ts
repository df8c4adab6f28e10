import { parseClock } from '@cliptally/contracts';
import { z } from 'zod';
import { plaintextFaults } from './encryption.js';

/** One message that names every faulty variable; never a value, which may be a secret. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly expected = true;
  constructor(readonly faults: readonly string[]) {
    super(`The configuration cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/**
 * Reads environment variables through a schema whose keys are their names. An empty variable counts
 * as absent. Throws {@link ConfigurationError} with all faults at once.
 */
export function readConfiguration<S extends z.ZodObject>(
  schema: S,
  env: Record<string, string | undefined>,
): z.output<S> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) =>
      env[name]?.trim() ? [[name, env[name].trim()]] : [],
    ),
  );
  const result = schema.safeParse(given);
  if (given['CLOCK'] && env['NODE_ENV'] === 'production')
    throw new ConfigurationError([
      'CLOCK is set: in production services go by the clock of the machine, or money would be dated as somebody likes. Take it away.',
    ]);
  const open =
    env['NODE_ENV'] === 'production'
      ? plaintextFaults({ ...given, PLAINTEXT_HOSTS: env['PLAINTEXT_HOSTS'] })
      : [];
  if (result.success && open.length === 0) return result.data;
  const faults = (result.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0] ?? '');
    const field = schema.shape[name] as z.ZodType | undefined;
    const meaning = field?.description ? ` (${field.description})` : '';
    return given[name] === undefined && name
      ? `${name} is not set${meaning}.`
      : `${name || 'The configuration'}: ${message}${meaning}.`;
  });
  throw new ConfigurationError([...faults, ...open]);
}

const canBe = (text: string, protocols: readonly string[]) =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);

const url = (protocols: readonly string[], what: string) =>
  z
    .string()
    .refine(
      (text) => canBe(text, protocols),
      `must be an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    )
    .describe(what);

const whole = (from: number, to: number) =>
  z
    .string()
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= from && Number(text) <= to,
      `must be a whole number from ${from} to ${to}`,
    )
    .transform(Number);

const LEAST_ACK_WAIT_MS = 1_000;

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Fields that several services share, each with the sentence that its documentation and its faults
 * show.
 */
export const fields = {
  databaseUrl: () =>
    url(
      ['postgres:', 'postgresql:'],
      'PostgreSQL, for example postgres://user:password@host:5432/cliptally',
    ),
  natsUrl: () =>
    z
      .string()
      .refine(
        (text) =>
          text.split(',').every((server) => canBe(server, ['nats:', 'tls:', 'ws:', 'wss:'])),
        'must be one address or several with commas between them, each beginning with nats://, tls://, ws:// or wss://',
      )
      .describe('NATS, for example nats://user:password@host:4222'),
  /** What the operators' command makes consumers with, and the scraper must agree to. */
  scrapeFlow: (maxAckPending: number) => ({
    MAX_ACK_PENDING: whole(1, 100_000)
      .default(maxAckPending)
      .describe('scrapes of a platform in flight over all replicas'),
    // Below it a process on a busy machine is taken for dead, and its claims grow old, while it is
    // at work.
    ACK_WAIT: fields
      .duration('30s')
      .refine((ms) => ms >= LEAST_ACK_WAIT_MS, 'must be at least 1s')
      .describe(
        'after which the scrapes of a dead process go to another, who pays for them anew after twice that; 30s by default',
      ),
  }),
  natsReplicas: () =>
    whole(1, 5)
      .default(1)
      .describe(
        'servers of a NATS cluster that keep a copy each; 1 by default, 3 if there are three',
      ),
  /** Where the log is; KURRENTDB_URL is needed if it is in KurrentDB. Spread into a schema. */
  eventStore: () => ({
    EVENT_STORE: z
      .enum(['postgres', 'kurrentdb'])
      .default('postgres')
      .describe('where the log is: postgres (the default) or kurrentdb'),
    KURRENTDB_URL: url(
      ['kurrentdb:', 'kurrentdb+discover:', 'esdb:', 'esdb+discover:'],
      'KurrentDB, for example kurrentdb://host:2113?tls=false',
    ).optional(),
  }),
  webUrl: (what: string) => url(['http:', 'https:'], what),
  /** 0 picks a free port. */
  port: (standard: number) =>
    whole(0, 65_535).default(standard).describe(`port to listen on; ${standard} by default`),
  host: () => z.string().default('0.0.0.0').describe('address to listen on; all by default'),
  clock: () =>
    z
      .string()
      .optional()
      .transform((text, context) => {
        try {
          return parseClock(text);
        } catch (error) {
          context.addIssue({
            code: 'custom',
            message: (error as Error).message.replace(/^CLOCK /, '').replace(/\.$/, ''),
          });
          return z.NEVER;
        }
      })
      .describe('the world clock of a sample world; the machine clock by default'),
  whole,
  /** "30s", "15m", "48h": milliseconds. */
  duration: (standard: string) =>
    z
      .string()
      .regex(
        /^\d+(ms|s|m|h|d)$/,
        'must be a number with ms, s, m, h or d behind it, for example 30s',
      )
      .default(standard)
      .transform((text) => Number.parseInt(text, 10) * UNITS[text.replace(/^\d+/, '')]!),
  /** What every service has beside its own: spread into a schema. */
  operation: () => ({
    CLOCK: fields.clock(),
    LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('least severity that is logged; info by default'),
    OTEL_EXPORTER_OTLP_ENDPOINT: url(
      ['http:', 'https:'],
      'where traces go: a collector that takes OTLP over HTTP; nowhere by default',
    ).optional(),
    OTEL_TRACES_SAMPLER_ARG: z
      .string()
      .refine((text) => /^(0?\.\d+|0|1|1\.0+)$/.test(text), 'must be a number from 0 to 1')
      .transform(Number)
      .default(1)
      .describe('share of the traces that are exported; all by default'),
  }),
  /** What a service that is asked over HTTP has beside that. */
  listening: (port: number) => ({
    PORT: fields.port(port),
    HOST: fields.host(),
    SHUTDOWN_DELAY: fields
      .duration('0s')
      .describe('how long a service that is to stop goes on while /readyz says no; 0s by default'),
  }),
  secret: (least: number, what: string) =>
    z.string().min(least, `must have at least ${least} characters`).describe(what),
};
