import { describe, expect, it } from '@jest/globals';
import type { Nats } from './connection.js';
import { NATS_GRACE_MS, natsFault } from './connection.js';

/** A connection whose server answers, refuses or is silent. */
const connected = (answer: () => Promise<number>, closed = false) =>
  ({
    connection: { isClosed: () => closed, rtt: answer },
  }) as unknown as Pick<Nats, 'connection'>;

describe('whether NATS answers', () => {
  it('is no fault during an outage of three seconds, and one after ten', async () => {
    let up = true;
    let now = 0;
    const nats = connected(() => (up ? Promise.resolve(1) : new Promise(() => {})));
    const fault = () => natsFault(nats, () => now);
    expect(await fault()).toBeNull();
    up = false;
    now = 3_000;
    expect(await fault()).toBeNull();
    now = NATS_GRACE_MS;
    expect(await fault()).toBe('no answer for over ten seconds');
    up = true;
    expect(await fault()).toBeNull();
  });

  it('is a fault at once if it has never answered, or the connection is closed', async () => {
    expect(await natsFault(connected(() => Promise.reject(new Error('gone'))))).toMatch(/ten/);
    expect(await natsFault(connected(() => Promise.resolve(1), true))).toMatch(/closed/);
  });
});
