import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that are made, not written. */
const MADE = ['.git', '.cliptally', 'node_modules', 'dist', 'coverage'];

/** Paths from the root of all files below a folder, but for folders that are made or left out. */
export function* filesUnder(root, folder = '', leftOut = []) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && ![...MADE, ...leftOut].includes(entry.name))
      yield* filesUnder(root, path, leftOut);
  }
}
