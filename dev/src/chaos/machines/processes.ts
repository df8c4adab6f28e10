import { readFileSync, readdirSync } from 'node:fs';

/** A process and all that it has started, parents first. */
export function familyOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /^PPid:\s*(\d+)$/m.exec(statusOf(Number(name)))?.[1];
    if (parent === undefined) continue;
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(name)]);
  }
  const family = [pid];
  for (const one of family) family.push(...(children.get(one) ?? []));
  return family;
}

/** Stops a process and all that it has started as a scheduler that gives them no time. */
export function freeze(pid: number): void {
  for (const one of familyOf(pid)) signal(one, 'SIGSTOP');
}
export function thaw(pid: number): void {
  for (const one of familyOf(pid).toReversed()) signal(one, 'SIGCONT');
}

/** Resident bytes; 0 if it has ended. */
export const residentBytes = (pid: number): number =>
  1_024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(statusOf(pid))?.[1] ?? 0);

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
