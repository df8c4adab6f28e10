import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MachineError } from './errors.js';
import { takeLock } from './lock.js';

export interface WorkspaceDir {
  /** Absolute. */
  path: string;
  /** Releases the folder for the next process; the end of this one does so too. */
  release: () => void;
}

/**
 * Makes the folder that holds the databases, and keeps it for this process alone.
 * @throws MachineError when it cannot be written, has less than `minFreeMb` left, or belongs to another
 *   running process
 */
export async function openWorkspaceDir(
  dir = '.cliptally',
  { minFreeMb = 200 } = {},
): Promise<WorkspaceDir> {
  const path = resolve(dir);
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new MachineError(
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code}); allow it or start from a folder of your own.`,
    );
  }
  const disk = statfsSync(path);
  const freeMb = Math.floor((disk.bavail * disk.bsize) / 1_000_000);
  if (freeMb < minFreeMb) {
    throw new MachineError(
      `The disk of ${path} has ${freeMb} MB left, and the databases need ${minFreeMb} MB; free some space.`,
    );
  }
  const release = await takeLock(
    join(path, 'lock'),
    (pid) =>
      `Cliptally already runs in ${path} (process ${pid}); stop that one first, or start from another copy of the project.`,
  );
  return { path, release };
}
