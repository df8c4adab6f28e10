import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, testDatabase, testNats } from './index.js';
import { startOf } from './processes.js';
import { allGone, parentOf, startParent } from './testing/parent.js';

let folder: string;
const binary = process.env['TEST_NATS_SERVER'] ?? 'TEST_NATS_SERVER is not set';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliptally-servers-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const optionsFor = (name: string) => ({ binary, dataDir: join(folder, name) });
const serverOf = (name: string) => Number(readFileSync(join(folder, name, 'nats.pid'), 'utf8'));
const startIn = (name: string) =>
  `const { url } = await servers.startNats(${JSON.stringify(optionsFor(name))}); return url;`;

async function publish(url: string): Promise<void> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'kept', subjects: ['kept.>'] });
  await jetstream(connection).publish('kept.one', 'hello');
  await connection.close();
}

async function messages(url: string): Promise<number> {
  const connection = await connect({ servers: url });
  const { state } = await (await jetstreamManager(connection)).streams.info('kept');
  await connection.close();
  return state.messages;
}

describe('NATS for this machine', () => {
  it('keeps its streams from one start to the next, on the port it is given', async () => {
    const first = await startNats(optionsFor('kept'));
    await publish(first.url);
    await expect(startNats(optionsFor('kept'))).rejects.toThrow(
      `are in use by process ${process.pid}`,
    );
    await first.stop();
    expect(await first.ended).toBeNull();

    const second = await startNats({ ...optionsFor('kept'), port: first.port });
    expect(second.url).toBe(first.url);
    expect(await messages(second.url)).toBe(1);
    await second.kill();

    const third = await startNats(optionsFor('kept'));
    expect(await messages(third.url)).toBe(1);
    await third.stop();
  });

  it('takes the largest message and the sync interval from its configuration', async () => {
    const { url, monitorUrl, stop } = await startNats({
      ...optionsFor('configured'),
      config: { maxPayload: 4096, syncInterval: '7s' },
    });
    const connection = await connect({ servers: url });
    expect(connection.info?.max_payload).toBe(4096);
    await connection.close();
    const varz = (await (await fetch(`${monitorUrl}/varz`)).json()) as {
      host: string;
      jetstream: { config: { sync_interval: number } };
    };
    expect(varz.host).toBe('127.0.0.1');
    expect(varz.jetstream.config.sync_interval).toBe(7_000_000_000);
    await stop();
  });

  it('says which port is taken, and what the server said when it did not start', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startNats({ ...optionsFor('taken'), port })).rejects.toThrow(
      `Port ${port} is in use by another program; stop it or set`,
    );
    other.close();
    await expect(
      startNats({ ...optionsFor('wrong'), config: { syncInterval: 'soon' } }),
    ).rejects.toThrow(/NATS did not start: .*\n.*soon/s);
  });

  it('ends with a parent that was killed, and leaves the streams to the next one', async () => {
    const parent = await startParent<string>(startIn('orphan'));
    await publish(parent.answer);
    const server = serverOf('orphan');
    const guard = parentOf(server);
    expect(startOf(server)).not.toBeNull();
    await parent.kill();
    expect(await allGone([server, guard])).toBe(true);

    const next = await startNats(optionsFor('orphan'));
    expect(await messages(next.url)).toBe(1);
    await next.stop();
  });

  it('stops a leftover server whose parent and guard were both killed', async () => {
    const parent = await startParent<string>(startIn('leftover'));
    await publish(parent.answer);
    const leftover = serverOf('leftover');
    process.kill(parentOf(leftover), 'SIGKILL');
    await parent.kill();
    expect(startOf(leftover)).not.toBeNull();

    const next = await startNats(optionsFor('leftover'));
    expect(startOf(leftover)).toBeNull();
    expect(await messages(next.url)).toBe(1);
    await next.stop();
  });
});

describe('servers for tests', () => {
  it('a killed test server comes back on the same address with the same streams', async () => {
    const nats = await testNats();
    await publish(nats.url);
    await nats.kill();
    await expect(connect({ servers: nats.url, reconnect: false })).rejects.toThrow('refused');
    await nats.restart();
    expect(await messages(nats.url)).toBe(1);
    await nats.stop();
  });

  it('every test database is a new and empty one', async () => {
    const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
    expect(one.url).not.toBe(two.url);
    await one.drop();
    await two.drop();
    await two.drop();
  });
});
