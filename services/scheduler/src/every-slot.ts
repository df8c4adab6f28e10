import type { Clock } from '@cliptally/contracts';
import type { Log } from '@cliptally/messaging';

/** Runs every slot as it comes until `signal` aborts. Missed slots stay missed. */
export async function everySlot(
  run: (slot: Date) => Promise<unknown>,
  intervalMs: number,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const now = clock.now().getTime();
    const slot = Math.floor(now / intervalMs) * intervalMs;
    try {
      await run(new Date(slot));
    } catch (error) {
      log.error(
        { error: (error as Error).message },
        'a tracking run failed; the next slot tries again',
      );
    }
    await clock.sleep(slot + intervalMs - clock.now().getTime(), signal);
  }
}
