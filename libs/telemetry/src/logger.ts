import { printable, type Clock } from '@cliptally/contracts';
import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** A file that log lines are added to; written at once, so that a crash loses none. */
export const pinoFile = (path: string) =>
  pino.destination({ dest: path, sync: true, mkdir: true, append: true });

export interface LoggerOptions {
  service: string;
  clock: Clock;
  level?: string;
  destination?: DestinationStream;
  /**
   * Values that no line may hold, wherever they come from: a server's answer may quote what it was
   * sent.
   */
  secrets?: readonly string[];
}

const SECRETS = ['authorization', 'token', 'password', 'secret', 'jwtSecret', 'apiKey', 'cookie'];
/**
 * Secrets one and two levels down are removed as well: headers and configurations are logged as
 * objects.
 */
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/**
 * JSON lines with the simulated clock, the service and, inside a span, its trace; secrets are
 * replaced.
 */
export function createLogger({
  service,
  clock,
  level = 'info',
  destination,
  secrets = [],
}: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: () => `,"time":"${clock.now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[secret]' },
      // On the whole line, so that the text of an error, and of the error that caused it, is looked
      // through as well.
      hooks: { streamWrite: (line) => printable(withoutSecrets(line, secrets)) },
      mixin() {
        const context = trace.getActiveSpan()?.spanContext();
        return context ? { trace_id: context.traceId, span_id: context.spanId } : {};
      },
    },
    ...(destination ? [destination] : []),
  );
}

/**
 * Where texts hold secrets: what is around one is kept. None reaches over a quote, so that a line
 * stays JSON.
 */
const PATTERNS: [RegExp, string][] = [
  [/(\w+:\/\/[^:@/\s"]*):[^@/\s"]+@/g, '$1:[secret]@'],
  [/([?&](?:\w*token|\w*key|secret|password|signature)=)[^&\s"'\\]+/gi, '$1[secret]'],
  [/\b((?:Bearer|Basic) )[\w.~+/=-]{6,}/gi, '$1[secret]'],
  [/\b(?:apify_api|[rs]k_live|[rs]k_test|whsec)_\w+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[secret]'],
];

/**
 * The text without passwords and tokens in addresses, credentials, keys of known form, and
 * `values`.
 */
export function withoutSecrets(text: string, values: readonly string[] = []): string {
  const named = values.reduce(
    (left, value) => left.replaceAll(JSON.stringify(value).slice(1, -1), '[secret]'),
    text,
  );
  return PATTERNS.reduce((left, [pattern, instead]) => left.replaceAll(pattern, instead), named);
}

/**
 * Values of variables that are secrets by their name, and of several keys (`ID:KEY,ID:KEY`) each; a
 * value that short would be found in any text.
 */
export const secretsOf = (environment: NodeJS.ProcessEnv): string[] =>
  Object.entries(environment)
    .flatMap(([name, value = '']) => {
      if (/(TOKEN|SECRET|KEY|PASSWORD)$/.test(name)) return [value];
      return name.endsWith('_KEYS')
        ? value.split(/[\s,]+/).map((one) => one.slice(one.indexOf(':') + 1))
        : [];
    })
    .filter((value) => value.length >= 6);
