import { printable } from '@cliptally/contracts';
import type { Logger } from 'pino';
import { explain } from './explain.js';
import { secretsOf, withoutSecrets } from './logger.js';

/**
 * Status of a process whose configuration cannot be used (EX_CONFIG): starting it again changes
 * nothing.
 */
export const EXIT_CONFIGURATION = 78;
const CLOSE_TIMEOUT_MS = 30_000;

export interface Closable {
  close(): Promise<void>;
}

export interface Running {
  /** Learns of a stop at once, before it is closed: from then on it is not ready. */
  service: Closable & { readiness: { stop(): void } };
  log: Logger;
  tracing: Closable;
  /**
   * How long it goes on serving after that, in milliseconds of real time, so that the load balancer
   * has noticed.
   */
  shutdownDelayMs: number;
}

/**
 * The life of a service's process: start, run until SIGTERM or SIGINT, be unready, close within 30
 * s. What keeps it from starting is printed as one sentence; a defect later on is logged with its
 * stack. A second signal ends the process at once.
 */
export async function runService(start: () => Promise<Running>): Promise<void> {
  let running: Running;
  try {
    running = await start();
  } catch (error) {
    process.stderr.write(printable(`${withoutSecrets(explain(error), secretsOf(process.env))}\n`));
    process.exit(
      error instanceof Error && error.name === 'ConfigurationError' ? EXIT_CONFIGURATION : 1,
    );
  }
  const { service, log, tracing, shutdownDelayMs } = running;
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    const late = setTimeout(() => {
      log.error('could not stop within 30 s');
      process.exit(1);
    }, shutdownDelayMs + CLOSE_TIMEOUT_MS);
    const close = async () => {
      service.readiness.stop();
      await new Promise((resolve) => setTimeout(resolve, shutdownDelayMs));
      await service.close();
      await tracing.close();
    };
    close().then(
      () => {
        clearTimeout(late);
        log.info('stopped');
        process.exit(0);
      },
      (error: Error) => {
        log.error({ error: error.stack }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const defect = (error: unknown) => {
    log.fatal(
      { error: error instanceof Error ? error.stack : String(error) },
      'a defect ends this process; the next one goes on from the log',
    );
    process.exit(1);
  };
  process.on('uncaughtException', defect);
  process.on('unhandledRejection', defect);
  log.info('started');
}
