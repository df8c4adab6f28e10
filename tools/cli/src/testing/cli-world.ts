import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiWorld } from '../../../../services/earnings/src/testing/api-world.js';
import { runCli } from '../program.js';

/** The earnings service with its API, the command line as an admin, and a folder for files. */
export async function startCliWorld(options: Parameters<typeof startApiWorld>[0] = {}) {
  const world = await startApiWorld(options);
  const dir = mkdtempSync(join(tmpdir(), 'cliptally-cli-'));
  const env = {
    CLIPTALLY_API: world.service.url,
    CLIPTALLY_TOKEN: await world.tokenOf(['admin', 'root']),
  };

  async function run(line: string | string[], more: Record<string, string> = {}, piped = '') {
    let [out, err] = ['', ''];
    const status = await runCli(typeof line === 'string' ? line.split(' ') : line, {
      env: { ...env, ...more },
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      live: false,
      input: () => Buffer.from(piped),
      signal: new AbortController().signal,
    });
    return { status, out, err };
  }

  return {
    world,
    dir,
    run,
    async json(line: string | string[]) {
      const { status, out, err } = await run([
        ...(typeof line === 'string' ? line.split(' ') : line),
        '--json',
      ]);
      if (status !== 0) throw new Error(err);
      return JSON.parse(out);
    },
    file(name: string, content: string | Uint8Array) {
      writeFileSync(join(dir, name), content);
      return join(dir, name);
    },
    read: (name: string) => readFileSync(join(dir, name), 'utf8'),
    async close() {
      await world.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
