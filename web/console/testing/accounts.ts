import { newEvent, streams, type Platform } from '@cliptally/contracts';
import { randomUUID } from 'node:crypto';
import type { ConsoleWorld } from './console-world.js';

/** A scrape has seen the clip on an account, and then holds are decided. */
export async function seenOn(
  { store, clock, service }: ConsoleWorld['api'],
  clipId: string,
  handle: string,
): Promise<void> {
  const time = clock.now();
  const platform = clipId.slice(0, clipId.indexOf('-')) as Platform;
  const account = { handle, externalId: null };
  const data = { clipId, platform, requestId: randomUUID(), account, codes: [], text: null };
  const context = { time, correlationId: 't', causationId: 't' };
  const event = newEvent('ClipPostSeen', randomUUID(), data, context);
  await store.append(streams.clip(clipId), [event], 'any');
  await service.settled(AbortSignal.timeout(60_000));
  await service.checker.check();
  await service.settled(AbortSignal.timeout(60_000));
}
