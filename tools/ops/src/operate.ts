import { UsageError } from '@cliptally/telemetry';
import type { OpenDatabase } from './connection.js';

type Command = (args: string[], openDatabase: OpenDatabase) => Promise<number>;

/** Each one loads only what it needs. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  events: async () => (await import('./events.js')).events,
  migrate: async () => (await import('./migrate.js')).migrateCommand,
  rebuild: async () => (await import('./rebuild.js')).rebuild,
};

/** Runs one of the operators' commands; the first argument is its name. Gives the exit status. */
export async function operate(
  [name = '', ...args]: string[],
  openDatabase: OpenDatabase,
): Promise<number> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load)
    throw new UsageError(`Name a command first: one of ${Object.keys(COMMANDS).join(', ')}.`);
  return (await load())(args, openDatabase);
}
