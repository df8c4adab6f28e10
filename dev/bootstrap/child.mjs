import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { onParentGone } from './parent.mjs';

/** Ends the command with one plain sentence. */
export class Stop extends Error {
  constructor(sentence, status = 1) {
    super(sentence);
    this.status = status;
  }
}

/** Our own words go to stderr, so that stdout belongs to the command. */
export const say = (text) => process.stderr.write(`${text}\n`);

let child = null;
let interruptedBy = null;
const lastSeen = new Map();

/**
 * The exit status for the signal that was sent to us, 0 if none was: after one nothing further is
 * started.
 */
export const interruption = () => (interruptedBy ? statusOf(interruptedBy) : 0);

const statusOf = (signal) => 128 + constants.signals[signal];

/**
 * One Ctrl-C arrives several times: from the terminal, and again from npm, which passes on what it
 * gets. The command sees it once, because the second one it sees means "at once". To that end it
 * runs in a process group of its own.
 */
function forward(signal) {
  const now = performance.now();
  if (now - (lastSeen.get(signal) ?? -Infinity) < 500) return;
  lastSeen.set(signal, now);
  interruptedBy ??= signal;
  if (child) signalGroup(signal);
  else process.exit(statusOf(signal));
}

function signalGroup(signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => forward(signal));

/** What started us without npm, nohup for instance, may go away. */
if (process.env.npm_lifecycle_event) {
  onParentGone(() => {
    if (!interruptedBy) forward('SIGTERM');
    setTimeout(() => (child ? signalGroup('SIGKILL') : process.exit(1)), 30_000).unref();
  });
}

/** Arguments for Node.js with which a program ends when we are killed. */
export const ENDS_WITH_US = ['--import', new URL('./end-with-parent.mjs', import.meta.url).href];

/**
 * Runs one program to its end, passing signals on.
 * @returns its exit status (128 + signal if it was killed by one) and, with `quiet`, what it wrote
 */
export function run(command, args, { quiet = false, cwd, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      signalGroup('SIGKILL'); // Whatever it left behind.
      child = null;
      resolve({ status: code ?? statusOf(signal), output });
    });
  });
}
