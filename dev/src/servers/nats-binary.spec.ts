import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer, versionOf } from './nats-binary.js';
import { aptSource } from './nats-from-apt.js';
import { downloadRelease } from './nats-from-github.js';

let folder: string;
const { PATH, NATS_SERVER } = process.env;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cliptally-find-'));
  delete process.env['NATS_SERVER'];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  process.env['PATH'] = PATH;
  if (NATS_SERVER !== undefined) process.env['NATS_SERVER'] = NATS_SERVER;
  else delete process.env['NATS_SERVER'];
});

/** A program that answers --version as nats-server does. */
function pretend(version: string, path: string): string {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "nats-server: v${version}"\n`, { mode: 0o755 });
  return file;
}

describe('finding a nats-server', () => {
  it('takes the one that NATS_SERVER names, and refuses it when it is too old, missing or something else', async () => {
    const cacheDir = join(folder, 'cache');
    process.env['NATS_SERVER'] = pretend('2.12.0', 'named');
    expect(await findNatsServer({ cacheDir })).toBe(join(folder, 'named'));
    process.env['NATS_SERVER'] = pretend('2.11.9', 'old');
    await expect(findNatsServer({ cacheDir })).rejects.toThrow(
      `NATS_SERVER names ${join(folder, 'old')}, which is 2.11.9; name a nats-server of at least 2.12`,
    );
    process.env['NATS_SERVER'] = join(folder, 'nowhere');
    await expect(findNatsServer({ cacheDir })).rejects.toThrow('which is missing');
    process.env['NATS_SERVER'] = import.meta.filename;
    await expect(findNatsServer({ cacheDir })).rejects.toThrow('which is not a nats-server');
  });

  it('passes over an old one on the PATH for a newer one later on it, then for the one downloaded before', async () => {
    pretend('2.9.10', 'a/nats-server');
    const newer = pretend('2.14.5', 'b/nats-server');
    const cached = pretend('3.0.1', 'cache/nats-server');
    process.env['PATH'] = `${join(folder, 'a')}:${join(folder, 'b')}:${PATH}`;
    expect(await findNatsServer({ cacheDir: join(folder, 'cache') })).toBe(newer);
    rmSync(newer);
    process.env['PATH'] = `${join(folder, 'a')}:/bin`;
    expect(await findNatsServer({ cacheDir: join(folder, 'cache') })).toBe(cached);
  });

  it('reads the version a program says it has', () => {
    expect(versionOf(pretend('2.15.1', 'one'))).toEqual([2, 15, 1]);
    expect(versionOf(join(folder, 'none'))).toBeNull();
  });

  it('refuses a release that is not the pinned one, byte for byte', async () => {
    const { fetch } = globalThis;
    globalThis.fetch = () => Promise.resolve(new Response('not a server'));
    try {
      await expect(downloadRelease(folder)).rejects.toThrow(
        /has the checksum [0-9a-f]{64}, not the pinned [0-9a-f]{64}/,
      );
    } finally {
      globalThis.fetch = fetch;
    }
    expect(existsSync(join(folder, 'nats-server'))).toBe(false);
  });
});

describe("the distribution's mirror", () => {
  function configure(id: string, file: string, content: string): string {
    mkdirSync(join(folder, 'apt/sources.list.d'), { recursive: true });
    writeFileSync(join(folder, 'os-release'), `NAME="Some Linux"\nVERSION_ID=12\nID=${id}\n`);
    writeFileSync(join(folder, 'apt', file), content);
    return folder;
  }
  const source = (id: string, file: string, content: string) =>
    aptSource(configure(id, file, content))?.mirror ?? null;

  it('is read out of either format of the configuration', () => {
    const fields =
      'Types: deb\n# URIs: http://old.example/debian\nURIs: http://security.example/debian-security http://mirror.example/debian/\nSuites: bookworm\n';
    expect(source('debian', 'sources.list.d/debian.sources', fields)).toBe(
      'http://mirror.example/debian/',
    );
  });

  it('is read out of lines with options, and third-party repositories are left alone', () => {
    const lines =
      '# deb http://old.example/debian x main\ndeb http://apt.example/postgres x main\ndeb [arch=amd64 signed-by=/k] http://mirror.example/ubuntu noble main\n';
    expect(source('ubuntu', 'sources.list', lines)).toBe('http://mirror.example/ubuntu');
    expect(source('debian', 'sources.list', lines)).toBeNull();
    expect(source('fedora', 'sources.list', lines)).toBeNull();
  });
});
