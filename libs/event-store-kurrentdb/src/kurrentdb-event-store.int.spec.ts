import { afterAll, describe, it } from '@jest/globals';
import { describeEventStore } from '../../event-store/src/testing/conformance.js';
import { startKurrentDbContainer } from './testing/kurrentdb-container.js';
import {
  startKurrentDbTestServer,
  type KurrentDbTestServer,
} from './testing/kurrentdb-server/index.js';
import { KurrentDbEventStore } from './kurrentdb-event-store.js';

/** The test server is ours and slow; the official image does it all at full size. */
const SMALL = { races: 200, writers: 8, events: 20_000, run: 20_000, halted: 12_000 };

describe('the test server', () => {
  let server: KurrentDbTestServer | undefined;
  afterAll(() => server?.stop());
  const open = async () => {
    server = await startKurrentDbTestServer();
    return new KurrentDbEventStore({ url: server.url });
  };
  describeEventStore('KurrentDB', open, SMALL);
});

const container = await startKurrentDbContainer();
describe('the official image', () => {
  // One line for the whole suite, so that the list of what was skipped stays readable.
  if ('missing' in container) {
    const skipped = it.skip;
    skipped(`does all that an event store must do [${container.missing}]`, () => {});
    return;
  }
  afterAll(() => container.stop());
  describeEventStore('KurrentDB', async () => new KurrentDbEventStore({ url: container.url }));
});
