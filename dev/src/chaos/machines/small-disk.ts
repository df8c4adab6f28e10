import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PIECE = Buffer.alloc(1_000_000, 1);

/** A disk of a few megabytes, in memory; only root may mount it. */
export class SmallDisk {
  readonly #filler: string;

  private constructor(readonly path: string) {
    this.#filler = join(path, 'what-fills-the-disk');
  }

  static mount(path: string, megabytes: number): SmallDisk {
    mkdirSync(path, { recursive: true });
    mount('-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', path);
    return new SmallDisk(path);
  }

  /** Why none can be mounted here; null if one can. */
  static impossible(): string | null {
    const path = mkdtempSync(join(tmpdir(), 'cliptally-disk-'));
    try {
      SmallDisk.mount(path, 1).unmount();
      return null;
    } catch (error) {
      return (error as Error).message;
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  }

  /** To the last byte. */
  fill(): void {
    const file = openSync(this.#filler, 'w');
    try {
      for (let size = PIECE.length; size > 0;) {
        try {
          writeSync(file, PIECE, 0, size);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size >>= 1;
        }
      }
    } finally {
      closeSync(file);
    }
  }
  free(): void {
    rmSync(this.#filler, { force: true });
  }

  /** Nobody may have a file open to write to. */
  readOnly(): void {
    mount('-o', 'remount,ro', this.path);
  }
  writable(): void {
    mount('-o', 'remount,rw', this.path);
    writeFileSync(this.#filler, '');
    this.free();
  }

  unmount(): void {
    spawnSync('umount', ['-l', this.path]);
  }
}

function mount(...args: string[]): void {
  const { status, stderr, error } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`no small disk can be mounted: ${error?.message ?? stderr.trim()}`);
}
