import { newEvent } from '@cliptally/contracts';
import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { MemoryEventStore, WrongExpectedRevision } from './index.js';

const at = { time: '2026-01-01T00:00:00.000Z', correlationId: 'c', causationId: 'c' };
const paused = newEvent(
  'CampaignPaused',
  randomUUID(),
  { campaignId: 'a', reason: 'r', by: 'me' },
  at,
);
const resumed = newEvent('CampaignResumed', randomUUID(), { campaignId: 'a', by: 'me' }, at);

/** The example of README.md. */
it('an append says what it expects, and a decision that missed an event is refused', async () => {
  const store = new MemoryEventStore();
  const { revision } = await store.append('campaign-a', [paused], 'none');
  await store.append('campaign-a', [resumed], revision);

  // Somebody who has seen only the first event decides too late.
  const late = { ...paused, id: randomUUID() };
  await expect(store.append('campaign-a', [late], revision)).rejects.toThrow(WrongExpectedRevision);

  const events = await Array.fromAsync(store.readStream('campaign-a'));
  expect(events.map(({ type, position }) => [type, position])).toEqual([
    ['CampaignPaused', 1],
    ['CampaignResumed', 2],
  ]);
});
