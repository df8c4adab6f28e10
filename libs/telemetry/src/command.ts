import { printable } from '@cliptally/contracts';
import { explain } from './explain.js';
import { secretsOf, withoutSecrets } from './logger.js';

/** A wrong word on the command line; shown as one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly expected = true;
}

/**
 * Runs a command: whatever it throws, and wherever, is one sentence on stderr and exit status 1.
 */
export async function runCommand(main: (args: string[]) => Promise<number>): Promise<void> {
  const complain = (error: unknown) => {
    process.stderr.write(printable(`${withoutSecrets(explain(error), secretsOf(process.env))}\n`));
    process.exitCode = 1;
  };
  // A reader that has seen enough (head, less) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : 1),
  );
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error) => {
      complain(error);
      process.exit();
    });
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    complain(error);
  }
}
