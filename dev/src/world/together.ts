import { countListeners } from '@cliptally/contracts';

/**
 * Runs all of it until `signal` aborts. If one fails, it stops the others, waits for them,
 * and throws the reason.
 */
export async function together(
  signal: AbortSignal,
  ...works: ((signal: AbortSignal) => Promise<void>)[]
): Promise<void> {
  const failed = new AbortController();
  const either = countListeners(AbortSignal.any([signal, failed.signal]));
  const ends = await Promise.allSettled(
    works.map((work) =>
      work(either).catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    ),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
