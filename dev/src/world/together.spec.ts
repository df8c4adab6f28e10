import { describe, expect, it } from '@jest/globals';
import { together } from './together.js';

const untilStopped = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

describe('works that go on together', () => {
  it('all end if one fails, and its reason is thrown', async () => {
    let stopped = 0;
    const patient = async (signal: AbortSignal) => {
      await untilStopped(signal);
      stopped++;
    };
    const failing = () => Promise.reject(new Error('the API refused it'));
    await expect(together(new AbortController().signal, patient, failing, patient)).rejects.toThrow(
      'the API refused it',
    );
    expect(stopped).toBe(2);
  });

  it('all end without a fault if they are stopped', async () => {
    const stop = new AbortController();
    const going = together(stop.signal, untilStopped, untilStopped);
    stop.abort();
    await going;
  });
});
