import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../dist/pages/live/', import.meta.url));
const TYPES: Record<string, string> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

export interface PageFile {
  type: string;
  etag: string;
  body: Buffer;
}

/** The live page as web/build.mjs has bundled it; empty if it has not been built. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  const built = Object.entries(TYPES).filter(([name]) => existsSync(FOLDER + name));
  return new Map(
    built.map(([name, type]) => {
      const body = readFileSync(FOLDER + name);
      return [
        name,
        {
          type,
          body,
          etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
        },
      ];
    }),
  );
}
