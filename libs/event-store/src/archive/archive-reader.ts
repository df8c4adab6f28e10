import type { AnyEvent } from '@cliptally/contracts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Pool } from 'pg';
import { linesOfExport } from '../export/export.js';
import type { EventRow } from '../postgres/rows.js';

/** A file of the archive: a row of the table `archives`. */
export interface ArchiveFile {
  first: number;
  last: number;
  /** The types of events that it has. */
  types: readonly string[];
  folder: string;
  file: string;
  /** Last hash of its chain. */
  hash: string;
}

/**
 * An archive file that is not where it was put, or not as it was written; shown as one sentence.
 */
export class ArchiveUnreadable extends Error {
  override readonly name = 'ArchiveUnreadable';
  readonly expected = true;
  constructor({ first, last, folder, file }: ArchiveFile, fault: string, cause?: unknown) {
    super(
      `Events between positions ${first} and ${last} are in the archive file ${join(folder, file)}, which ${fault}. Put it back as it was, or name its folder as it is now: npm run events -- archived-at FOLDER.`,
      { cause },
    );
  }
}

/**
 * Events that are kept unpacked, about 12 MB: those of twice the positions that a file covers.
 * Reading in order needs the files of the same positions at once, one for each age.
 */
const KEPT_EVENTS = 20_000;

/** Gives archived events their data back from the files that hold them. */
export class ArchiveReader {
  readonly #pool: Pool;
  #files: ArchiveFile[] = [];
  readonly #unpacked = new Map<string, Map<number, string>>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Throws {@link ArchiveUnreadable}. */
  async fill(rows: readonly EventRow[]): Promise<void> {
    for (const row of rows) {
      if (row[9] !== null) continue;
      const position = row[0];
      const file = await this.#fileOf(position, row[4]);
      const text = (await this.#linesOf(file)).get(position);
      if (text === undefined) throw new ArchiveUnreadable(file, `lacks the event at ${position}`);
      const { correlationId, causationId, data } = JSON.parse(text) as AnyEvent;
      row.splice(7, 3, correlationId, causationId, data);
    }
  }

  async #fileOf(position: number, type: string): Promise<ArchiveFile> {
    const covers = ({ first, last, types }: ArchiveFile) =>
      first <= position && position <= last && types.includes(type);
    const known = this.#files.find(covers);
    if (known) return known;
    this.#files = await archiveFiles(this.#pool);
    const file = this.#files.find(covers);
    if (!file)
      throw new Error(`The event at position ${position} has no data, and no archive has it.`);
    return file;
  }

  async #linesOf(file: ArchiveFile): Promise<Map<number, string>> {
    const path = join(file.folder, file.file);
    const lines = this.#unpacked.get(path) ?? (await this.#unpack(file, path));
    this.#unpacked.delete(path);
    this.#unpacked.set(path, lines);
    let events = [...this.#unpacked.values()].reduce((sum, { size }) => sum + size, 0);
    for (const [oldest, { size }] of this.#unpacked) {
      if (events <= KEPT_EVENTS || oldest === path) break;
      this.#unpacked.delete(oldest);
      events -= size;
    }
    return lines;
  }

  async #unpack(file: ArchiveFile, path: string): Promise<Map<number, string>> {
    const packed = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      // It may have moved since the list was read.
      this.#files = [];
      throw new ArchiveUnreadable(file, `cannot be read (${error.code})`, error);
    });
    const lines = new Map<number, string>();
    let hash = '';
    try {
      for (const line of linesOfExport((await unzip(packed)).toString('utf8'))) {
        lines.set(line.position, line.text);
        hash = line.hash;
      }
    } catch (error) {
      throw new ArchiveUnreadable(file, 'is damaged', error);
    }
    if (hash !== file.hash) throw new ArchiveUnreadable(file, 'is not as it was written');
    return lines;
  }
}

const unzip = promisify(gunzip);

/** All files of the archive, in the order of the log. */
export async function archiveFiles(pool: Pool): Promise<ArchiveFile[]> {
  const { rows } = await pool.query<ArchiveFile>(
    'select first_position::float8 as first, last_position::float8 as last, types, folder, file, hash from archives order by first_position',
  );
  return rows;
}
