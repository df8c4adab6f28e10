import { globSync, readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Folders that are made, not written. */
const MADE = new Set(['.git', '.cliptally', 'node_modules', 'dist', 'coverage']);

/** The files of a checkout by their paths from its root, whether git knows them yet or not. */
export class Tree {
  readonly files: ReadonlySet<string>;
  readonly folders = new Set<string>(['.']);
  readonly #names = new Set<string>();

  constructor(readonly root: string) {
    const files = [...walk(root, '')];
    this.files = new Set(files);
    for (const file of files) {
      this.#names.add(posix.basename(file));
      for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder))
        this.folders.add(folder);
    }
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), 'utf8');
  }

  has(path: string): boolean {
    const plain = posix.normalize(path).replace(/\/$/, '');
    return this.files.has(plain) || this.folders.has(plain);
  }

  /** Whether a file has this name, in whatever folder. */
  hasName(name: string): boolean {
    return this.#names.has(name);
  }

  /** Whether a path from some folder on is one of this tree's. */
  hasEnd(path: string): boolean {
    const end = `/${posix.normalize(path).replace(/\/$/, '')}`;
    for (const each of [...this.files, ...this.folders]) if (each.endsWith(end)) return true;
    return false;
  }

  matches(pattern: string): boolean {
    return globSync(pattern, { cwd: this.root, exclude: (name) => MADE.has(name) }).length > 0;
  }
}

function* walk(root: string, under: string): Generator<string> {
  for (const entry of readdirSync(join(root, under), { withFileTypes: true })) {
    if (MADE.has(entry.name)) continue;
    const path = posix.join(under, entry.name);
    if (entry.isDirectory()) yield* walk(root, path);
    else yield path;
  }
}
