import { openEventStore } from '@cliptally/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  startKurrentDbTestServer,
  type KurrentDbTestServer,
} from '../../../libs/event-store-kurrentdb/src/testing/kurrentdb-server/index.js';
import { expectSound } from './testing/sound.js';

const launcher = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

describe('one cycle with the log in KurrentDB', () => {
  let server: KurrentDbTestServer;
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-once-'));
  beforeAll(async () => {
    server = await startKurrentDbTestServer();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('submits, scrapes and settles as it does with PostgreSQL', async () => {
    const environment = {
      ...process.env,
      EVENT_STORE: 'kurrentdb',
      KURRENTDB_URL: server.url,
      NATS_SERVER: process.env['TEST_NATS_SERVER'],
    };
    const { stdout } = await promisify(execFile)(process.execPath, [launcher, '--once', '--json'], {
      cwd: folder,
      env: environment,
    });
    const report = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as {
      requested: number;
      recorded: number;
      failed: number;
      accrued: { USD: number };
    };
    expect(report.requested).toBe(120);
    expect(report.recorded + report.failed).toBe(120);
    expect(report.accrued.USD).toBeGreaterThan(0);
    const store = await openEventStore({
      eventStore: 'kurrentdb',
      databaseUrl: '',
      kurrentdbUrl: server.url,
    });
    try {
      await expectSound(store);
    } finally {
      await store.close();
    }
  });
});
