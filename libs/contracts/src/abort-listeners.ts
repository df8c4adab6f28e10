import { getEventListeners } from 'node:events';

/** Weak, so that being counted keeps no signal alive. */
let counted: WeakRef<AbortSignal>[] = [];

const living = () => counted.flatMap((ref) => ref.deref() ?? []).filter(({ aborted }) => !aborted);

/**
 * Gives the signal back, and counts its listeners from now on. For signals that live as long as a
 * service or longer than what waits for them: a listener that such a wait leaves behind is a leak.
 */
export function countListeners(signal: AbortSignal): AbortSignal {
  counted = [...living(), signal].map((one) => new WeakRef(one));
  return signal;
}

/** A controller whose signal is counted. */
export function longLived(): AbortController {
  const controller = new AbortController();
  countListeners(controller.signal);
  return controller;
}

/** How many listeners for an abort the counted signals have. */
export const abortListeners = (): number =>
  living().reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0);
