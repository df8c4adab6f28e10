/**
 * Two people add money to one campaign. Each says which revision the decision rests on, so the
 * second is refused, reads again, and decides again.
 */
import { newEvent, streams, type NewEvent } from '@cliptally/contracts';
import { PostgresEventStore, WrongExpectedRevision } from '@cliptally/event-store';
import { randomUUID } from 'node:crypto';

const url = process.env['DATABASE_URL']!;
await PostgresEventStore.migrate(url); // Makes the tables of the log if they are missing.
const store = new PostgresEventStore({ url });

const campaignId = 'spring-drop';
const stream = streams.campaign(campaignId);

/** An event has an id of its own, a time, and causes: here the command itself. */
function toppedUp(amount: number, by: string): NewEvent {
  const id = randomUUID();
  const context = { time: new Date(), correlationId: id, causationId: id };
  return newEvent('CampaignToppedUp', id, { campaignId, amount, by }, context);
}

/** What a decision rests on: the last revision, and the money added so far. */
async function read() {
  let [revision, sum] = [-1, 0];
  for await (const event of store.readStream(stream)) {
    revision = event.revision;
    if (event.type === 'CampaignToppedUp') sum += event.data.amount;
  }
  return { revision, sum };
}

// 'none': the stream must not exist. Of two processes that begin it, one succeeds.
const first = await store.append(stream, [toppedUp(50_000, 'ann')], 'none');
console.log(`begun: revision ${first.revision}`);

// Ann and Bob read the same state. Each would add 30,000, and the campaign may have 100,000.
const [ann, bob] = [await read(), await read()];
const ofAnn = toppedUp(30_000, 'ann');
await store.append(stream, [ofAnn], ann.revision);
console.log(`ann: 30000 after revision ${ann.revision}`);

try {
  await store.append(stream, [toppedUp(30_000, 'bob')], bob.revision);
} catch (error) {
  if (!(error instanceof WrongExpectedRevision)) throw error;
  console.log(`bob: refused, expected ${error.expected}, found ${error.actual}`);
  // What he decided is void. He reads again, and there is room for less now.
  const now = await read();
  const room = 100_000 - now.sum;
  await store.append(stream, [toppedUp(room, 'bob')], now.revision);
  console.log(`bob: ${room} after revision ${now.revision}`);
}

// Ann's answer was lost and she sends the same event again: its id is known, nothing changes.
const { added } = await store.append(stream, [ofAnn], ann.revision);
console.log(`ann again: ${added} events added`);

for await (const event of store.readStream(stream))
  if (event.type === 'CampaignToppedUp')
    console.log(`${event.revision} ${event.type} ${event.data.amount} by ${event.data.by}`);

await store.close();
