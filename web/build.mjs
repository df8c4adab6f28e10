/**
 * Bundles each page into the dist of the service that serves it, so that its image has it. A page
 * whose files are as they were is left alone: a server may be serving it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

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
  const stamp = `${outdir}.built.json`;
  if (existsSync(`${outdir}/index.html`) && isBuilt(stamp)) continue;
  await rm(stamp, { force: true });
  if (hashed) await rm(`${outdir}/assets`, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: root,
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
  const files = [...Object.keys(metafile.inputs), `web/${page}/index.html`, `web/${page}/icon.svg`];
  const inputs = [...files, 'web/build.mjs', 'package-lock.json'];
  await writeFile(stamp, JSON.stringify({ inputs, hash: hashOf(inputs) }));
}

/** Whether the last build ended, and each file that it read is as it was. */
function isBuilt(stamp) {
  try {
    const { inputs, hash } = JSON.parse(readFileSync(stamp, 'utf8'));
    return hashOf(inputs) === hash;
  } catch {
    return false;
  }
}

/** Of the text of the files. */
function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(root, file))).update('\0');
  return hash.digest('hex');
}
