import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from './index.js';
import { startOf } from './processes.js';
import { allGone, parentOf, startParent } from './testing/parent.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliptally-servers-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fast = (name: string) => ({ dataDir: join(folder, name), durable: false });
const postmasterOf = (name: string) =>
  Number(readFileSync(join(folder, name, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
const startIn = (name: string) =>
  `const { url } = await servers.startPostgres(${JSON.stringify(fast(name))}); return url;`;

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

describe('PostgreSQL for this machine', () => {
  it('keeps its data from one start to the next, and is reachable from this machine alone', async () => {
    const first = await startPostgres(fast('one'));
    await ask(first.url, `create table kept as select 'ärgerlich' as word`);
    expect(await ask(first.url, 'show server_version_num')).toMatch(/^18/);
    expect(await ask(first.url, 'show listen_addresses')).toBe('127.0.0.1');
    expect(await ask(first.url, 'show timezone')).toBe('UTC');
    expect(await ask(first.url, 'show server_encoding')).toBe('UTF8');
    await expect(startPostgres(fast('one'))).rejects.toThrow(
      `are in use by process ${process.pid}`,
    );
    await first.stop();
    expect(await first.ended).toBeNull();

    const second = await startPostgres({ ...fast('one'), port: first.port });
    expect(second.url).toBe(first.url);
    expect(await ask(second.url, 'select upper(word) from kept')).toBe('ÄRGERLICH');
    await second.stop();
  });

  it('forces every commit to the disk unless a setting says that the data may be lost', async () => {
    const durable = await startPostgres({ dataDir: join(folder, 'one') });
    expect(
      await ask(
        durable.url,
        `select current_setting('fsync') || current_setting('synchronous_commit') || current_setting('full_page_writes')`,
      ),
    ).toBe('ononon');
    await durable.stop();
  });

  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startPostgres({ ...fast('taken'), port })).rejects.toThrow(
      `Port ${port} is in use by another program; stop it or set`,
    );
    other.close();
  });

  it('begins anew when the first start was interrupted within initdb', async () => {
    const parent = await startParent<string[]>(`
      void servers.startPostgres(${JSON.stringify(fast('half'))});
      const { existsSync, readdirSync } = await import('node:fs');
      const names = () => (existsSync(${JSON.stringify(join(folder, 'half'))}) ? readdirSync(${JSON.stringify(join(folder, 'half'))}) : []);
      while (!names().some((name) => name.startsWith('data.new-'))) await new Promise((resolve) => setTimeout(resolve, 5));
      return names();`);
    expect(parent.answer).not.toContain('data');
    await parent.kill();
    const { url, stop } = await startPostgres(fast('half'));
    expect(await ask(url, 'select 1')).toBe(1);
    expect(readdirSync(join(folder, 'half')).sort()).toEqual(['data', 'lock', 'password']);
    await stop();
  });

  it('ends with a parent that was killed, and leaves the data to the next one', async () => {
    const parent = await startParent<string>(startIn('one'));
    await ask(parent.answer, 'create table if not exists kept_as_well as select 42 as n');
    const postmaster = postmasterOf('one');
    const guard = parentOf(postmaster);
    expect(startOf(postmaster)).not.toBeNull();
    await parent.kill();
    expect(await allGone([postmaster, guard])).toBe(true);

    const next = await startPostgres(fast('one'));
    expect(await ask(next.url, 'select n from kept_as_well')).toBe(42);
    await next.stop();
  });

  it('stops a leftover server whose parent and guard were both killed', async () => {
    const parent = await startParent<string>(startIn('one'));
    await ask(parent.answer, 'create table if not exists kept_as_well as select 42 as n');
    const leftover = postmasterOf('one');
    process.kill(parentOf(leftover), 'SIGKILL');
    await parent.kill();
    expect(startOf(leftover)).not.toBeNull();

    const next = await startPostgres(fast('one'));
    expect(startOf(leftover)).toBeNull();
    expect(await ask(next.url, 'select n from kept_as_well')).toBe(42);
    await next.stop();
  });

  it('starts although the number of its killed predecessor belongs to another program by now', async () => {
    const { stop } = await startPostgres(fast('one'));
    const file = join(folder, 'one/data/postmaster.pid');
    const content = readFileSync(file, 'utf8');
    await stop();
    writeFileSync(file, content.replace(/^\d+/, String(process.pid)));
    const next = await startPostgres(fast('one'));
    await next.stop();
  });

  it('tells when the server ends by itself', async () => {
    const { ended, stop } = await startPostgres(fast('one'));
    process.kill(postmasterOf('one'), 'SIGKILL');
    expect(await ended).toBe('it ended by itself (SIGKILL)');
    await stop();
  });
});
