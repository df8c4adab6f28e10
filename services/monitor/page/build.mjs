/** Bundles the live page into dist/page, where the monitor serves it from. */
import { build } from 'esbuild';
import { cp, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outdir = here('../dist/page');

await mkdir(outdir, { recursive: true });
await build({
  entryPoints: [here('src/main.tsx'), here('src/page.css')].map((path) => ({
    in: path,
    out: 'page',
  })),
  outdir,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
});
for (const file of ['index.html', 'icon.svg']) await cp(here(file), `${outdir}/${file}`);
