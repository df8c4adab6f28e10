import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { startOf } from '../processes.js';
import { until } from '../until.js';

/**
 * Node runs TypeScript sources as they are; only their imports of `./x.js` have to find `./x.ts`.
 */
const FIND_SOURCES = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(name, context, next) {
      return next(context.parentURL?.endsWith('.ts') && name.startsWith('.') ? name.replace(/[.]js$/, '.ts') : name, context);
    },
  });`)}`;

export interface Parent<T> {
  pid: number;
  answer: T;
  kill(): Promise<void>;
}

/**
 * A process of its own that uses this folder and then waits for ever, to be killed.
 * @param script the body of an async function with the exports of index.ts as `servers`; what it returns
 *   becomes `answer`
 */
export async function startParent<T>(script: string): Promise<Parent<T>> {
  const index = new URL('../index.ts', import.meta.url).href;
  const body = `const servers = await import(${JSON.stringify(index)});
    const answer = await (async () => { ${script} })();
    console.log(JSON.stringify(answer ?? null));
    setInterval(() => {}, 60_000);`;
  const child = spawn(
    process.execPath,
    ['--import', FIND_SOURCES, '--input-type=module', '--eval', body],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8'))
    if ((text += chunk).endsWith('\n')) break;
  if (!text) throw new Error('the parent process ended without an answer');
  return {
    pid: child.pid!,
    answer: JSON.parse(text) as T,
    async kill() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

export function parentOf(pid: number): number {
  if (process.platform !== 'linux')
    return Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** True once none of the processes exists. */
export const allGone = (pids: number[]): Promise<boolean> =>
  until(`the end of processes ${pids.join(', ')}`, () =>
    pids.every((pid) => startOf(pid) === null),
  );
