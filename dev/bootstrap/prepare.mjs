import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ENDS_WITH_US, interruption, run, say, Stop } from './child.mjs';

const INSTALL_MB = 1_500;

/** The dependencies of package-lock.json, installed unless they are there. */
export async function install(root) {
  checkMachine(root);
  if (isInstalled(root)) return;
  await alone(root, async () => {
    if (!isInstalled(root)) await installAnew(root);
  });
}

/**
 * tsc -b itself knows what is up to date, in half a second; guessing from file times could let an
 * old build win.
 * @returns the exit status of what failed first, and what it said
 */
export async function build(root) {
  return alone(root, async () => {
    for (const project of projectsIn(root)) removeOrphans(join(root, project));
    const options = { quiet: true, cwd: root, env: environment(root) };
    const compiled = await run(join(root, 'node_modules/.bin/tsc'), ['-b'], options);
    // Pages are bundled for browsers: their types are checked with the tests.
    return compiled.status === 0 ? run('node', [join(root, 'web/build.mjs')], options) : compiled;
  });
}

function checkMachine(root) {
  const { platform, arch, versions } = process;
  if (!['linux', 'darwin'].includes(platform))
    throw new Stop('Cliptally runs on Linux and macOS; on Windows, use WSL.');
  if (!['x64', 'arm64'].includes(arch))
    throw new Stop(`Cliptally runs on x64 and arm64 processors; this one is ${arch}.`);
  if (Number(versions.node.split('.')[0]) < 20)
    throw new Stop(`Node.js 20 or newer is needed to begin with; this is ${versions.node}.`);
  try {
    accessSync(root, constants.W_OK);
  } catch {
    throw new Stop(`${root} cannot be written by this user; take a copy of your own, or allow it.`);
  }
}

/**
 * Two first starts at once would install over each other: the second waits for the first. A lock
 * whose holder is gone is taken over.
 */
async function alone(root, work) {
  mkdirSync(join(root, '.cliptally'), { recursive: true });
  const lock = join(root, '.cliptally/preparing');
  for (let said = false; !create(lock);) {
    if (removeOfTheDead(lock)) {
      await pause(1_500); // Its npm, if it had one, needs half a second to notice.
      continue;
    }
    if (!said)
      say(
        `Another command is preparing this folder; waiting for it (if there is none, delete ${lock}) ...`,
      );
    said = true;
    await pause(300);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function create(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST')
      throw new Stop(
        `${lock} cannot be written (${error.code}); allow it, or delete the folder .cliptally.`,
      );
    return false;
  }
}

function removeOfTheDead(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')) || process.pid, 0);
    return false;
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(lock, { force: true });
    return error.code === 'ESRCH';
  }
}

const stampOf = (root) => join(root, 'node_modules/.cliptally');

/**
 * Of what is wanted and what npm wrote down as installed: a change of either needs a full check.
 */
function fingerprint(root) {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'node_modules/.package-lock.json'])
    hash.update(readFileSync(join(root, file)));
  return `${hash.digest('hex')} ${process.platform}-${process.arch}\n`;
}

function isInstalled(root) {
  const files = ['node_modules/.bin/node', 'node_modules/.package-lock.json'];
  if (!files.every((file) => existsSync(join(root, file)))) return false;
  const stamp = stampOf(root);
  return (
    (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root)) || matchesLock(root)
  );
}

/**
 * Somebody may have installed by hand: npm writes down what it installed once it has installed all
 * of it.
 */
function matchesLock(root) {
  try {
    const packagesOf = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
    const installed = packagesOf('node_modules/.package-lock.json');
    const same = (a, b) => a.version === b?.version && a.integrity === b?.integrity;
    return Object.entries(packagesOf('package-lock.json')).every(
      ([path, wanted]) =>
        path === '' || same(wanted, installed[path]) || (!installed[path] && wanted.optional),
    );
  } catch {
    return false; // It was interrupted while writing that down.
  }
}

async function installAnew(root) {
  // npm deletes the folder of the Node.js that may be running this; the one it needs itself must be
  // another.
  const env = { ...process.env, PATH: (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== join(root, 'node_modules/.bin')).join(delimiter) }; // prettier-ignore
  if (process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime) {
    throw new Stop(
      'The embedded PostgreSQL needs glibc, which this Linux (Alpine?) lacks; use Debian, Ubuntu, Fedora or the like.',
    );
  }
  const npm = npmCommand(root);
  await checkNpm(npm, env);
  const disk = statfsSync(root);
  const freeMb = Math.floor((disk.bavail * disk.bsize) / 1e6);
  if (freeMb < INSTALL_MB)
    throw new Stop(
      `Installing needs about ${INSTALL_MB} MB of disk, and ${root} has ${freeMb} MB left; free some.`,
    );
  say('Installing (about a minute, once)...');
  rmSync(stampOf(root), { force: true });
  const flags = [
    '--include=dev',
    '--ignore-scripts=false',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=error',
  ];
  const { status, output } = await run(npm[0], [...npm.slice(1), 'ci', ...flags], {
    quiet: true,
    cwd: root,
    env,
  });
  if (interruption())
    throw new Stop('Installing was interrupted; the next command begins it again.', interruption());
  if (status !== 0) {
    const lines = output
      .trimEnd()
      .split('\n')
      // Where npm failed within npm helps nobody.
      .filter((line) => !/^npm error\s+at /.test(line));
    say(lines.slice(-15).join('\n'));
    throw new Stop(
      'Installing failed; the lines above are the end of what npm said. Check the connection and the disk, then run it again.',
    );
  }
  if (!existsSync(join(root, 'node_modules/.bin/node')))
    throw new Stop(
      'npm installed no Node.js 24 (package "node"); delete node_modules and run it again.',
    );
  writeFileSync(stampOf(root), fingerprint(root));
}

/** The npm that runs us, else the one on the PATH. */
function npmCommand(root) {
  const npm = process.env.npm_execpath ?? '';
  const node = process.execPath.startsWith(join(root, 'node_modules')) ? 'node' : process.execPath;
  return basename(npm) === 'npm-cli.js' ? [node, ...ENDS_WITH_US, npm] : ['npm'];
}

async function checkNpm(npm, env) {
  const { status, output } = await run(npm[0], [...npm.slice(1), '--version'], {
    quiet: true,
    env,
  }).catch(() => ({
    status: 127,
    output: '',
  }));
  const version = /^\d+\.\d+\.\d+.*$/m.exec(output)?.[0];
  if (status !== 0 || !version)
    throw new Stop('npm is needed to install the dependencies, and there is none; install npm 11.');
  if (Number(version.split('.')[0]) < 11)
    throw new Stop(
      `npm 11 or newer is needed, and this is ${version}; run: npm install --global npm@11`,
    );
}

function projectsIn(root) {
  const below = (folder) => readdirSync(join(root, folder)).map((name) => join(folder, name));
  return [...['libs', 'services', 'tools'].flatMap(below), 'dev'].filter((project) =>
    existsSync(join(root, project, 'tsconfig.json')),
  );
}

/**
 * tsc never deletes: what it once made of a source that is gone could still be imported. Only files
 * that have its declaration beside them are its own.
 */
function removeOrphans(project) {
  const dist = join(project, 'dist');
  if (!existsSync(dist)) return;
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue;
    const name = file.slice(0, -'.d.ts'.length);
    if (existsSync(join(project, 'src', `${name}.ts`)) || !existsSync(join(dist, `${name}.js`)))
      continue;
    for (const extension of ['.d.ts', '.js', '.js.map'])
      rmSync(join(dist, name + extension), { force: true });
  }
}

/** Node.js 24 for everything that is started. */
export function environment(root) {
  return {
    ...process.env,
    PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
  };
}
