import { until } from '@cliptally/dev/servers';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../servers/ports.js';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const WITH_US = fileURLToPath(new URL('../../../bootstrap/end-with-parent.mjs', import.meta.url));
/** Of a starved machine. */
const READY_MS = 240_000;

export type SampleWorld = Awaited<ReturnType<typeof startSampleWorld>>;

/** What `npm start` runs once it has built everything, in a folder of its own. */
export async function startSampleWorld(args: readonly string[] = []) {
  const cwd = mkdtempSync(join(tmpdir(), 'cliptally-start-'));
  const port = await twoFreePorts();
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', WITH_US, '--enable-source-maps', MAIN, '--port', String(port), ...args],
    {
      cwd,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NATS_SERVER: process.env['TEST_NATS_SERVER'],
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGINT');
    await ended;
    rmSync(cwd, { recursive: true, force: true });
  };
  const said = () => output;
  try {
    await until('npm start to be ready', () => /Ctrl-C stops/.test(output), { withinMs: READY_MS, said }); // prettier-ignore
  } catch (error) {
    await close();
    throw error;
  }
  return {
    /** All that it has printed. */
    said,
    startedMs: performance.now() - began,
    pid: child.pid!,
    url: `http://127.0.0.1:${port + 1}`,
    pageUrl: `http://127.0.0.1:${port}`,
    /** The address that it prints for somebody. */
    linkOf: (role: 'creator' | 'brand' | 'admin'): string => {
      const link = new RegExp(`^ +${role} +(http\\S+)$`, 'm').exec(output)?.[1];
      if (!link) throw new Error(`npm start prints no link for a ${role}:\n${output}`);
      return link;
    },
    close,
  };
}

/** The API listens on the port after that of the live page. */
async function twoFreePorts(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const next = port + 1;
    const taken = await fetch(`http://127.0.0.1:${next}`).then(
      () => true,
      () => false,
    );
    if (!taken && next < 65_536) return port;
  }
}
