import type { Clock } from '@cliptally/contracts';
import type { LoggerService } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** A file that log lines are added to; written at once, so that a crash loses none. */
export const pinoFile = (path: string) => pino.destination({ dest: path, sync: true, mkdir: true, append: true });

export interface LoggerOptions {
  service: string;
  clock: Clock;
  level?: string;
  destination?: DestinationStream;
}

const SECRETS = ['authorization', 'token', 'password', 'secret', 'jwtSecret', 'apiKey', 'cookie'];
/** Secrets one and two levels down are removed as well: headers and configurations are logged as objects. */
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** JSON lines with the world's time, the service and, inside a span, its trace; known secrets are replaced. */
export function createLogger({ service, clock, level = 'info', destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: () => `,"time":"${clock.now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[secret]' },
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map((arg) => (typeof arg === 'string' ? withoutPasswords(arg) : arg)) as Parameters<typeof method>);
        },
      },
      mixin() {
        const context = trace.getActiveSpan()?.spanContext();
        return context ? { trace_id: context.traceId, span_id: context.spanId } : {};
      },
    },
    ...(destination ? [destination] : []),
  );
}

/** `postgres://user:password@host` without the password. */
export const withoutPasswords = (text: string): string => text.replaceAll(/(\w+:\/\/[^:@/\s]+):[^@/\s]+@/g, '$1:[secret]@');

/** Nest's own messages through the same logger; its start-up chatter is for debugging. */
export function nestLogger(logger: Logger): LoggerService {
  return {
    log: (message: unknown) => logger.debug(String(message)),
    error: (message: unknown) => logger.error(String(message)),
    warn: (message: unknown) => logger.warn(String(message)),
    debug: (message: unknown) => logger.debug(String(message)),
    verbose: (message: unknown) => logger.trace(String(message)),
  };
}
