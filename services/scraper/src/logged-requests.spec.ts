import { newEvent, type NewEvent } from '@cliptally/contracts';
import { MemoryEventStore } from '@cliptally/event-store';
import { describe, expect, it } from '@jest/globals';
import { LoggedRequests } from './logged-requests.js';
import { StreamTails } from './stream-tails.js';

const context = { time: '2026-05-10T00:00:00Z', correlationId: 'c', causationId: 'c' };
const event = (): NewEvent =>
  newEvent(
    'CampaignToppedUp',
    crypto.randomUUID(),
    { campaignId: 'a', amount: 1, by: 'b' },
    context,
  );

describe('requests that are in the log', () => {
  it('end their stream or stand before its end; others belong to a log that was set back, and are named', async () => {
    const store = new MemoryEventStore();
    for (const stream of ['tracking-run-1', 'tracking-run-1', 'tracking-run-2'])
      await store.append(stream, [event()], 'any');
    let asked = 0;
    const named: unknown[] = [];
    const tails = new StreamTails({ tails: (streams) => (asked++, store.tails(streams)) });
    const requests = new LoggedRequests(tails, { warn: (fields) => void named.push(fields) });
    const has = (stream: string, position: number) =>
      requests.has({ id: `${stream} ${position}`, stream, position });
    const all = [has('tracking-run-1', 1), has('tracking-run-1', 2), has('tracking-run-2', 3), has('tracking-run-2', 4), has('tracking-run-3', 1)]; // prettier-ignore
    expect(await Promise.all(all)).toEqual([true, true, true, false, false]);
    expect(asked).toBe(1);
    expect(named).toMatchObject([{ requestId: 'tracking-run-2 4' }, { requestId: 'tracking-run-3 1' }]); // prettier-ignore
  });
});
