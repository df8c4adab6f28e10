import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { familyOf } from './processes.js';

/** What a disk is asked for. */
const CALLS = 'fsync,fdatasync,pwrite64,pwritev,ftruncate';

/** Holds back what a process, and all that it starts, asks of its disk (strace). */
export class SlowCalls {
  #held = 0;

  private constructor(private readonly tracer: ChildProcess) {
    tracer.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#held += text.split('(DELAYED)').length - 1;
    });
  }

  /** Why it cannot be done here; null if it can. */
  static impossible(): string | null {
    const { status, error } = spawnSync('strace', ['-e', 'inject=fsync:delay_exit=1ms', 'true']);
    return status === 0
      ? null
      : `strace does not run here (${error?.message ?? `status ${status}`})`;
  }

  static begin(pid: number, ms: number): SlowCalls {
    const pids = familyOf(pid).flatMap((one) => ['-p', String(one)]);
    const delay = ['-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:delay_exit=${ms}ms`];
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    return new SlowCalls(spawn('strace', ['-f', '-q', ...delay, ...pids], { stdio: [...stdio] }));
  }

  /** How many calls were held back. */
  async end(): Promise<number> {
    const ended = once(this.tracer, 'close');
    this.tracer.kill('SIGINT');
    await ended;
    return this.#held;
  }
}
