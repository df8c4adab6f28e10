import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * When a process started, in whatever form this system tells it; null if there is none. Together
 * with the number it names one process for good: numbers come round again, and a killed process
 * would otherwise be mistaken for its successor.
 */
export function startOf(pid: number): string | null {
  if (process.platform !== 'linux') return ps(pid, 'lstart');
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; in a container whose first process collects nobody it would stay for
    // ever.
    return state === 'Z' || state === 'X' ? null : (rest[18] ?? null);
  } catch {
    return null;
  }
}

export function commandLineOf(pid: number): string | null {
  if (process.platform !== 'linux') return ps(pid, 'command');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return null;
  }
}

function ps(pid: number, column: string): string | null {
  return (
    spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ||
    null
  );
}

/**
 * Ends a server that outlived the process it belonged to: each signal in turn, five seconds for
 * each. True once it is gone.
 */
export async function endLeftover(pid: number, signals: NodeJS.Signals[]): Promise<boolean> {
  const start = startOf(pid);
  for (const signal of signals) {
    if (start === null || startOf(pid) !== start) return true;
    process.kill(pid, signal);
    for (let waited = 0; waited < 5_000; waited += 50) {
      if (startOf(pid) !== start) return true;
      await pause(50);
    }
  }
  return false;
}
