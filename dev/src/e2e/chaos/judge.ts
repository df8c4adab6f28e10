import { JETSTREAM_STREAM, type AnyEvent } from '@cliptally/contracts';
import { eventOfMessage, type Nats } from '@cliptally/messaging';
import { idsOf, stepOf, type Acknowledged } from './history.js';

/** What is wrong with the log, given what was acknowledged; empty if nothing is. */
export function faultsOfLog(
  log: readonly AnyEvent[],
  acknowledged: readonly Acknowledged[],
): string[] {
  const faults: string[] = [];
  const placeOf = new Map(log.map((event) => [event.id, event]));
  if (placeOf.size !== log.length) faults.push(`${log.length - placeOf.size} events stand twice`);
  const next = new Map<string, number>();
  log.forEach(({ position, stream, revision, id }, i) => {
    if (position !== i + 1) faults.push(`the event ${id} has position ${position}, not ${i + 1}`);
    if (revision !== (next.get(stream) ?? 0))
      faults.push(`${stream} continues with revision ${revision}`);
    next.set(stream, revision + 1);
  });
  const last = new Map<number, number>();
  for (const { lane, step, ...at } of acknowledged) {
    const { run, outcomes } = stepOf(lane, step);
    const places = [...idsOf(run), ...outcomes.flatMap(idsOf)].map(
      (id) => placeOf.get(id)?.position ?? NaN,
    );
    if (places.some(Number.isNaN))
      faults.push(`step ${step} of lane ${lane} was acknowledged and is missing in part`);
    const ordered = [last.get(lane) ?? 0, ...places];
    if (ordered.some((place, i) => i > 0 && place <= ordered[i - 1]!))
      faults.push(`step ${step} of lane ${lane} is out of order`);
    if (at.run !== places[run.events.length - 1] || at.outcomes !== places.at(-1))
      faults.push(`step ${step} of lane ${lane} is at another place than its append answered`);
    last.set(lane, places.at(-1)!);
  }
  return faults;
}

/** Every event in JetStream, in its order. */
export async function published({ client, manager }: Nats): Promise<AnyEvent[]> {
  const { state } = await manager.streams.info(JETSTREAM_STREAM);
  const events: AnyEvent[] = [];
  if (state.messages === 0) return events;
  const consumer = await client.consumers.get(JETSTREAM_STREAM);
  const messages = await consumer.consume({ max_messages: 1_000 });
  for await (const message of messages) {
    events.push(eventOfMessage(message)!);
    if (message.seq >= state.last_seq) break;
  }
  await messages.close();
  return events;
}
