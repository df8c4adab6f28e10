/** Bundles each page into the dist of the service that serves it, so that its image has it. */
import { build } from 'esbuild';
import { cp, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const PAGES = [{ page: 'live', server: 'monitor' }];

for (const { page, server } of PAGES) {
  const from = (name) => fileURLToPath(new URL(`${page}/${name}`, import.meta.url));
  const outdir = fileURLToPath(
    new URL(`../services/${server}/dist/pages/${page}`, import.meta.url),
  );
  await mkdir(outdir, { recursive: true });
  await build({
    entryPoints: ['main.tsx', 'page.css'].map((name) => ({ in: from(name), out: 'page' })),
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
  for (const name of ['index.html', 'icon.svg']) await cp(from(name), `${outdir}/${name}`);
}
