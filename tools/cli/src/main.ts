import { printable } from '@cliptally/contracts';
import { runCli } from './program.js';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
// A reader that has seen enough (head, less) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : 1),
);

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  // Names that people chose shall command no terminal. Progress goes back to the line's beginning.
  out: (text) => void process.stdout.write(printable(text)),
  err: (text) => void process.stderr.write(text.split('\r').map(printable).join('\r')),
  live: process.stderr.isTTY,
  signal: stop.signal,
});
