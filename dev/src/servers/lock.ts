import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { MachineError } from './errors.js';
import { startOf } from './processes.js';

/**
 * Takes a lock file for as long as this process lives; the file of a process that is gone is taken
 * over. Returns what releases it.
 * @param inUse the sentence for the person whose lock is held by the process of this number
 */
export async function takeLock(file: string, inUse: (pid: number) => string): Promise<() => void> {
  const mine = `${process.pid} ${startOf(process.pid)}`;
  // Each round either ends or removes one lock of the dead; more than a few of those means others
  // are racing for the same folder.
  for (let round = 0; round < 5; round++) {
    if (create(file, mine)) return () => release(file, mine);
    const held = await readHolder(file);
    if (held === null) continue;
    const [pid, ...start] = held.split(' ');
    if (startOf(Number(pid)) === start.join(' ')) throw new MachineError(inUse(Number(pid)));
    removeStale(file, held);
  }
  throw new MachineError(
    `${file} changes hands all the time; wait a moment and try again, or delete it.`,
  );
}

function create(file: string, content: string): boolean {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, content);
    closeSync(handle);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new MachineError(
      `${file} cannot be written (${code}): its folder belongs to another user; run this as that user, or delete the folder.`,
    );
  }
}

/**
 * The holder may be between creating its lock and writing its number: an empty file is given 200
 * ms.
 */
async function readHolder(file: string): Promise<string | null> {
  for (let attempt = 0; ; attempt++) {
    try {
      const content = readFileSync(file, 'utf8');
      if (content || attempt === 10) return content;
    } catch {
      return null;
    }
    await pause(20);
  }
}

/**
 * Moved aside before it is deleted: between reading and deleting, a third process may have taken it
 * over.
 */
function removeStale(file: string, content: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') === content) rmSync(aside);
    else renameSync(aside, file);
  } catch {
    // Somebody else removed it first; the next round sees who holds it now.
  }
}

function release(file: string, mine: string): void {
  try {
    if (readFileSync(file, 'utf8') === mine) rmSync(file);
  } catch {
    // The folder is gone already, and the lock with it.
  }
}
