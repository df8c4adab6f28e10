import { instantOf } from '@cliptally/spreadsheets';
import { InvalidArgumentError, type Command } from 'commander';
import { ApiClient } from './api-client.js';
import { connect, type ConnectionOptions, type Environment } from './connection.js';
import type { ExitStatus } from './failure.js';
import type { Output } from './output.js';

/** What the commands share. */
export interface Context {
  env: Environment;
  output: Output;
  /** The API as the caller that the options name. */
  api: (command: Command) => Promise<ApiClient>;
  /** Ends the process with another status than 0, though nothing was thrown. */
  exit: (status: ExitStatus) => void;
  /** All of what is piped into the process. */
  input: () => Buffer;
  signal: AbortSignal;
}

export const apiOf = async (command: Command, env: Environment): Promise<ApiClient> =>
  new ApiClient(connect(command.optsWithGlobals<ConnectionOptions>(), env));

/** Amounts have one form everywhere: a decimal point would be read as a hundredfold by somebody. */
export function amount(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new InvalidArgumentError(
      'Write an amount in minor units, a whole number: 1500 is 15.00 USD, or 1500 JPY.',
    );
  return Number(text);
}

export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}

export function instant(text: string): string {
  const reading = instantOf(text);
  if ('fault' in reading) throw new InvalidArgumentError(`${reading.fault}.`);
  return reading.value;
}

/** A path's part: an id with a slash in it must not lead elsewhere. */
export const at = (strings: TemplateStringsArray, ...ids: string[]): string =>
  String.raw({ raw: strings }, ...ids.map((id) => encodeURIComponent(id)));

/** The options that were given, without those that were left out. */
export const given = <T extends object>(options: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<T>;

export const LIMIT = ['--limit <n>', 'show at most so many', whole, 50] as const;
