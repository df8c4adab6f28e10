import { setTimeout as pause } from 'node:timers/promises';

/**
 * Longer than anything takes on a machine that is starved, and shorter than a test may last
 * (jest.config.mjs).
 */
const WITHIN_MS = 120_000;

export interface UntilOptions {
  /** Whole milliseconds; two minutes if it is left out. */
  withinMs?: number | undefined;
  /** What to add to the failure, such as the output of a process. */
  said?: (() => string) | undefined;
}

/**
 * For tests: waits for a state. Asks until the answer is neither false, null, undefined, 0 nor '',
 * and gives that answer. A question that throws counts as not yet: a server that is away at this
 * moment may be back at the next.
 * @throws after {@link UntilOptions.withinMs}, with the last fault as its cause
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  { withinMs = WITHIN_MS, said }: UntilOptions = {},
): Promise<Exclude<Awaited<T>, false | null | undefined | 0 | '' | void>> {
  let cause: unknown;
  for (const end = Date.now() + withinMs; ; await pause(25)) {
    try {
      const answer = await ask();
      if (answer) return answer as Exclude<Awaited<T>, false | null | undefined | 0 | '' | void>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) {
      const fault = cause instanceof Error ? ` ${cause.message}` : '';
      throw new Error(
        `Waited ${withinMs / 1000} s in vain for ${what}.${fault}${said ? `\n${said()}` : ''}`,
        { cause },
      );
    }
  }
}
