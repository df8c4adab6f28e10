import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertPortFree, freePort, openWorkspaceDir } from './index.js';
import { startParent } from './testing/parent.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliptally-workspace-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the workspace's folder", () => {
  it('belongs to one process at a time, and is free again once that one releases it or is killed', async () => {
    const dir = join(folder, 'one');
    const parent = await startParent<string>(
      `return (await servers.openWorkspaceDir(${JSON.stringify(dir)})).path`,
    );
    expect(parent.answer).toBe(dir);
    await expect(openWorkspaceDir(dir)).rejects.toThrow(
      `Cliptally already runs in ${dir} (process ${parent.pid}); stop that one first`,
    );
    await parent.kill();

    const { release } = await openWorkspaceDir(dir);
    await expect(openWorkspaceDir(dir)).rejects.toThrow(`(process ${process.pid})`);
    release();
    (await openWorkspaceDir(dir)).release();
  });

  it('is taken over from a lock whose number belongs to another process by now, and from an empty one', async () => {
    const dir = join(folder, 'two');
    (await openWorkspaceDir(dir)).release();
    for (const left of [
      `${process.pid} 12345`,
      `${process.ppid} Thu Jan  1 00:00:00 1970`,
      '',
      'nonsense',
    ]) {
      writeFileSync(join(dir, 'lock'), left);
      const { release } = await openWorkspaceDir(dir);
      expect(readFileSync(join(dir, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
      release();
    }
  });

  it('goes to exactly one of many who open it at once, even past a stale lock', async () => {
    const dir = join(folder, 'three');
    (await openWorkspaceDir(dir)).release();
    writeFileSync(join(dir, 'lock'), '999999999 1');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => openWorkspaceDir(dir)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('says what is wrong with a folder that cannot be written or has too little room', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(openWorkspaceDir(join(folder, 'file/below'))).rejects.toThrow(
      /file\/below cannot be written \(ENOTDIR\)/,
    );
    await expect(openWorkspaceDir(join(folder, 'full'), { minFreeMb: 1e12 })).rejects.toThrow(
      /has \d+ MB left, and the databases need 1000000000000 MB/,
    );
  });
});

describe('ports', () => {
  it('a free port can be listened on; a taken one is named with the setting to change', async () => {
    const port = await freePort();
    await assertPortFree(port, 'PORT');
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const server = createServer().listen(0, host);
      await new Promise((resolve) => server.once('listening', resolve));
      const taken = (server.address() as AddressInfo).port;
      await expect(assertPortFree(taken, 'PORT')).rejects.toThrow(
        `Port ${taken} is in use by another program; stop it or set PORT to another number`,
      );
      server.close();
    }
  });
});
