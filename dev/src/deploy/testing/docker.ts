import { describe } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../../../', import.meta.url));

// The helper that testcontainers starts beside each test is one image more to have; every test here
// stops what it started.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
const execute = promisify(execFile);

/** What a docker command prints, without the last line's end. Fails with what it said. */
export async function docker(args: string[], env: Record<string, string> = {}): Promise<string> {
  // The classic builder needs no plugin; the file builds on both.
  const options = {
    cwd: root,
    env: { ...process.env, DOCKER_BUILDKIT: '0', COMPOSE_BAKE: 'false', ...env },
    maxBuffer: 64 * 1024 * 1024,
  };
  return (await execute('docker', args, options)).stdout.trim();
}

function answers(...args: string[]): boolean {
  try {
    execFileSync('docker', args, { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

export const hasCompose = (): boolean => answers('compose', 'version');

/**
 * `describe` if TEST_DOCKER=1 and an engine answers, else `describe.skip` and the reason in
 * square brackets, for the name.
 */
export function dockerLane(
  needs: 'engine' | 'compose',
): [typeof describe | typeof describe.skip, string] {
  if (process.env['TEST_DOCKER'] !== '1')
    return [describe.skip, ' [needs TEST_DOCKER=1 and a Docker engine]'];
  if (!answers('info')) return [describe.skip, ' [needs a Docker engine that answers]'];
  if (needs === 'compose' && !hasCompose())
    return [describe.skip, ' [needs the compose plugin of docker]'];
  return [describe, ''];
}
