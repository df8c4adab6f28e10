import { transformFile } from '@swc/core';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/**
 * The oldest commit whose services may run beside today's. A release names its own commit here;
 * `UPGRADE_FROM` names another one.
 */
const LAST_RELEASE = process.env['UPGRADE_FROM'] || 'e79e350776d3';
/** Workspaces that services are made of. */
const PARTS = ['libs', 'services', 'tools'];

const git = (...args: string[]) =>
  spawnSync('git', args, { cwd: ROOT, encoding: 'buffer', maxBuffer: 1 << 30 });

/** Whether this checkout has the history that the release is in: a shallow clone has not. */
export const hasLastRelease = git('cat-file', '-e', `${LAST_RELEASE}^{commit}`).status === 0;

/**
 * The code of the last release as its images have it, beside today's: taken from the history and
 * transpiled once, over today's dependencies. Gives its folder.
 */
export async function lastRelease(): Promise<string> {
  const commit = git('rev-parse', LAST_RELEASE).stdout.toString().trim();
  const folder = join(ROOT, '.cliptally/cache', `release-${commit.slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const there = PARTS.filter((part) => git('cat-file', '-e', `${commit}:${part}`).status === 0);
  const archive = git('archive', commit, '--', ...there, 'package.json', '.swcrc');
  const unpacked = spawnSync('tar', ['-x', '-C', unfinished], { input: archive.stdout });
  if (archive.status !== 0 || unpacked.status !== 0)
    throw new Error(`The release cannot be read: ${archive.stderr.toString()}`);
  await transpile(unfinished);
  linkDependencies(unfinished);
  refuseMissing(unfinished);
  // Another process may have made it meanwhile.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
  return folder;
}

async function transpile(folder: string): Promise<void> {
  const sources = globSync('{libs,services,tools}/*/src/**/*.{ts,json}', { cwd: folder }).filter(
    (path) => !/\.(spec|d)\.ts$/.test(path),
  );
  for (const path of sources) {
    const to = join(folder, path.replace('/src/', '/dist/').replace(/\.ts$/, '.js'));
    mkdirSync(dirname(to), { recursive: true });
    const source = join(folder, path);
    const code = path.endsWith('.json')
      ? readFileSync(source, 'utf8')
      : (await transformFile(source, { configFile: join(folder, '.swcrc'), sourceMaps: false })).code; // prettier-ignore
    writeFileSync(to, code);
  }
}

/** Its own packages by their names, and all others as they are installed here. */
function linkDependencies(folder: string): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@cliptally'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (name !== '@cliptally' && !name.startsWith('.'))
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  for (const path of globSync('{libs,services,tools}/*/package.json', { cwd: folder })) {
    const { name } = JSON.parse(readFileSync(join(folder, path), 'utf8')) as { name: string };
    symlinkSync(join('../..', dirname(path)), join(modules, name));
    const own = join(dirname(path), 'node_modules');
    if (existsSync(join(ROOT, own))) symlinkSync(join(ROOT, own), join(folder, own));
  }
}

/** What the release imports and nobody has installed any more refuses to be called. */
function refuseMissing(folder: string): void {
  const names = new Map<string, Set<string>>();
  for (const path of globSync('{libs,services,tools}/*/dist/**/*.js', { cwd: folder })) {
    const text = readFileSync(join(folder, path), 'utf8');
    for (const [, named, from] of text.matchAll(
      /import \{([^}]*)\} from ['"]([^.'"][^'"]*)['"]/g,
    )) {
      const [name] = /^(@[^/]+\/)?[^/]+/.exec(from!)!;
      if (from!.startsWith('node:') || existsSync(join(folder, 'node_modules', name))) continue;
      const known = names.get(from!) ?? names.set(from!, new Set()).get(from!)!;
      for (const one of named!.split(',')) known.add(one.trim().split(/\s+as\s+/)[0]!);
    }
  }
  for (const [from, exported] of names) {
    const file = join(folder, 'node_modules', from, 'index.js');
    mkdirSync(dirname(file), { recursive: true });
    const refuse = `throw new Error('${from} is not installed any more.');`;
    writeFileSync(
      file,
      [...exported]
        .filter(Boolean)
        .map((name) => `export function ${name}() { ${refuse} }\n`)
        .join(''),
    );
    const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(from)!;
    const manifest = join(folder, 'node_modules', name!, 'package.json');
    const before = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { exports: object }) : { exports: {} }; // prettier-ignore
    const exports = { ...before.exports, [`.${rest ?? ''}`]: `.${rest ?? ''}/index.js` };
    writeFileSync(manifest, JSON.stringify({ name, type: 'module', exports }));
  }
}
