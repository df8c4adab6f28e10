import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/**
 * The release and the SHA-256 of its archives. Linux: as in the official image definitions
 * (github.com/nats-io/nats-docker, 2.14.x). macOS: as several public projects pin them alike;
 * compare with the release's SHA256SUMS when moving on, and change all five together.
 */
const VERSION = '2.14.5';
const SHA256: Record<string, string> = {
  'linux-amd64': '5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355',
  'linux-arm64': '673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c',
  'darwin-amd64': 'f95c98d6b6ed2b63c5681b46b092c9585c99767d547cf495730c329234625e96',
  'darwin-arm64': 'ddd907854d9a2de834af133fa396915fe6442fe6d8909ae31390d1ea7a0fea50',
};

/** Whether a connection comes about within five seconds. */
export function isGithubReachable(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: 'github.com', port: 443, timeout: 5_000 });
    const answer = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}

/**
 * Downloads the release for this platform, refuses it unless it is byte for byte the pinned one,
 * and unpacks it. Returns the program's path.
 */
export async function downloadRelease(into: string): Promise<string> {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const expected = SHA256[platform];
  if (!expected) throw new Error(`there is no release for ${platform}`);
  const name = `nats-server-v${VERSION}-${platform}`;
  const archive = await download(
    `https://github.com/nats-io/nats-server/releases/download/v${VERSION}/${name}.tar.gz`,
  );
  const actual = createHash('sha256').update(archive).digest('hex');
  if (actual !== expected)
    throw new Error(`${name}.tar.gz has the checksum ${actual}, not the pinned ${expected}`);
  const file = join(into, `${name}.tar.gz`);
  writeFileSync(file, archive);
  const { status, stderr } = spawnSync('tar', ['-xzf', file, '-C', into], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar could not unpack it: ${stderr ?? 'there is no tar'}`);
  return join(into, name, 'nats-server');
}

async function download(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(180_000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(
      `${url} could not be downloaded (${cause instanceof Error ? cause.message : message})`,
      { cause: error },
    );
  }
}
