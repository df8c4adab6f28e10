import { JETSTREAM_STREAM } from '@cliptally/contracts';
import { testNats } from '@cliptally/dev/servers';
import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectNats } from './connection.js';

/** A server whose store is bounded as a small disk bounds it. */
async function withStore<T>(bytes: string, use: (url: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-small-disk-'));
  const store = `jetstream { store_dir: "${folder}", max_file_store: ${bytes} }`;
  const server = await testNats({ more: store });
  try {
    return await use(server.url);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('JetStream on a small disk', () => {
  it('has a stream of the size that there is room for', async () => {
    await withStore('700M', async (url) => {
      const nats = await connectNats(url, 'relay');
      const { config } = await nats.manager.streams.info(JETSTREAM_STREAM);
      expect(config.max_bytes).toBe(512 * 1024 ** 2);
      await nats.connection.close();
    });
  });

  it('says what is missing if there is room for none, and not that JetStream is off', async () => {
    await withStore('20M', async (url) => {
      const fault = await connectNats(url, 'relay').catch((error: Error) => error.message);
      expect(fault).toMatch(/less than the 64 MiB free .* larger disk, or raise max_file_store/);
    });
  });
});
