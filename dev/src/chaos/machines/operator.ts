import { fileURLToPath } from 'node:url';
import { spawn, type ChildProcess } from 'node:child_process';

const MAIN = fileURLToPath(new URL('../../../../tools/ops/dist/main.js', import.meta.url));
const WITH_US = new URL('../../../bootstrap/end-with-parent.mjs', import.meta.url).href;

export interface Command {
  child: ChildProcess;
  /** Its exit status; null if a signal ended it. */
  ended: Promise<number | null>;
  output: () => string;
}

/** One of the operators' commands, as a process of its own. */
export function operate(databaseUrl: string, ...args: string[]): Command {
  const child = spawn(process.execPath, ['--import', WITH_US, MAIN, ...args], {
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, output: () => output };
}

/** As {@link operate}, to its end. Throws if it fails. */
export async function operated(databaseUrl: string, ...args: string[]): Promise<string> {
  const { ended, output } = operate(databaseUrl, ...args);
  const status = await ended;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${output()}`);
  return output();
}
