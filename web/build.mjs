/** Bundles each page into the dist of the service that serves it, so that its image has it. */
import { build } from 'esbuild';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `hashed`: files below assets/ are named by their content, and index.html names them so. */
const PAGES = [
  { page: 'live', server: 'monitor', hashed: false },
  { page: 'console', server: 'earnings', hashed: true },
];

for (const { page, server, hashed } of PAGES) {
  const from = (name) => fileURLToPath(new URL(`${page}/${name}`, import.meta.url));
  const outdir = fileURLToPath(
    new URL(`../services/${server}/dist/pages/${page}`, import.meta.url),
  );
  if (hashed) await rm(`${outdir}/assets`, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const { metafile } = await build({
    entryPoints: hashed
      ? ['main.tsx', 'page.css'].map(from)
      : ['main.tsx', 'page.css'].map((name) => ({ in: from(name), out: 'page' })),
    outdir,
    ...(hashed && {
      entryNames: 'assets/[name]-[hash]',
      chunkNames: 'assets/[name]-[hash]',
      splitting: true,
    }),
    bundle: true,
    minify: true,
    metafile: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'warning',
  });
  await cp(from('icon.svg'), `${outdir}/icon.svg`);
  let html = await readFile(from('index.html'), 'utf8');
  if (hashed)
    for (const [path, { entryPoint = '' }] of Object.entries(metafile.outputs)) {
      const name = basename(entryPoint).replace(/\.tsx$/, '.js');
      html = html.replaceAll(`"/${page}/${name}"`, `"/${page}/assets/${basename(path)}"`);
    }
  await writeFile(`${outdir}/index.html`, html);
}
