import {
  ClipId,
  Label,
  Platform,
  Text,
  assertReadable,
  newEvent,
  streams,
  type EventType,
  type NewEvent,
  type Upcaster,
} from '@cliptally/contracts';
import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { MemoryEventStore, PostgresEventStore, type EventStore } from '@cliptally/event-store';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { jsonSchemaOf } from '../../../libs/contracts/src/documents/json-schema.js';
import { addEvent } from '../../../libs/contracts/src/testing/add-event.js';

/** An admin asks for a second review of a clip. */
const ClipFlagged = z.object({
  clipId: ClipId,
  platform: Platform,
  reasons: z.array(Text.min(1).max(500)).min(1),
  by: Label,
});

/** Version 1 had one reason. */
const oneReason: Upcaster = ({ reason, ...data }) => ({ ...data, reasons: [reason] });

/** As it was before. */
const { reasons: _, ...unchanged } = ClipFlagged.shape;
const FirstClipFlagged = z.object({ ...unchanged, reason: Text.min(1).max(500) });

const TYPE = 'ClipFlagged' as EventType;
const clipId = 'youtube-dQw4w9WgXcQ';
const old = { clipId, platform: 'youtube', reason: 'too many views', by: 'admin' };
const now = { clipId, platform: 'youtube', reasons: ['too many views'], by: 'admin' };
const at = { time: '2026-01-01T00:00:00.000Z', correlationId: 'c', causationId: 'c' };
const flagged = (data: object): NewEvent => newEvent(TYPE, randomUUID(), data as never, at);

describe('the recipe of an event', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  });
  const add = (...[schema, upcasters]: [z.ZodType, Upcaster[]?]) =>
    undo.push(addEvent(TYPE, 'clip', schema, upcasters));

  async function postgres(): Promise<EventStore> {
    const database: TestDatabase = await testDatabase();
    await PostgresEventStore.migrate(database.url);
    const store = new PostgresEventStore({ url: database.url });
    undo.push(
      () => database.drop(),
      () => store.close(),
    );
    return store;
  }

  it.each([
    ['memory', async (): Promise<EventStore> => new MemoryEventStore()],
    ['PostgreSQL', postgres],
  ])('makes one that the log on %s keeps, and reads as its newest version', async (__, open) => {
    const store = await open();
    add(FirstClipFlagged);
    const first = flagged(old);
    expect(first).toMatchObject({ version: 1, data: old });
    await store.append(streams.clip(clipId), [first], 'none');
    undo.pop()!();
    add(ClipFlagged, [oneReason]);
    const second = flagged({ ...now, reasons: ['too many views', 'no comments'] });
    await store.append(streams.clip(clipId), [second], 0);
    const read = await Array.fromAsync(store.readAll(0, { types: [TYPE] }));
    expect(read.map(({ id, version, data }) => ({ id, version, data }))).toEqual([
      { id: first.id, version: 2, data: now },
      { id: second.id, version: 2, data: second.data },
    ]);
  });

  it('refuses data of the version before, by the names of the fields', () => {
    add(ClipFlagged, [oneReason]);
    expect(() => flagged(old)).toThrow(/"reasons"/);
  });

  it('gives a schema that an example is checked against', () => {
    add(ClipFlagged, [oneReason]);
    expect(jsonSchemaOf(TYPE)).toMatchObject({ title: 'ClipFlagged, version 2' });
    const validate = formats.default(new Ajv({ strict: false })).compile(jsonSchemaOf(TYPE));
    expect([validate(now), validate(old)]).toEqual([true, false]);
  });

  it('lets a program that does not know the new version stop', async () => {
    const store = new MemoryEventStore();
    add(ClipFlagged, [oneReason]);
    await store.append(streams.clip(clipId), [flagged(now)], 'none');
    undo.pop()!();
    add(FirstClipFlagged);
    const [event] = await Array.fromAsync(store.readAll(0));
    expect(() => assertReadable(event!)).toThrow('is of version 2, and this program knows 1');
  });
});
