import { parseClock, systemClock, type Clock } from '@cliptally/contracts';
import {
  DEVELOPMENT_CALLERS,
  ROLES,
  developmentToken,
  type Caller,
} from '@cliptally/contracts/api';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliFailure, EXIT, wrongUse } from './failure.js';

export type Environment = Record<string, string | undefined>;

/** Where `npm start` listens, as it leaves it in .cliptally/running.json while it runs. */
interface RunningWorld {
  pid: number;
  databaseUrl: string;
  apiUrl: string;
  clock: string;
}

const FOLDER = '.cliptally';

export function runningWorld(): RunningWorld | null {
  try {
    const world = JSON.parse(readFileSync(join(FOLDER, 'running.json'), 'utf8')) as RunningWorld;
    process.kill(world.pid, 0);
    return world;
  } catch {
    return null;
  }
}

/** The clock of the running sample world, which may be fast; the machine's own elsewhere. */
export const clockHere = (): Clock => parseClock(runningWorld()?.clock) ?? systemClock;

export interface ConnectionOptions {
  api?: string;
  token?: string;
  as?: string;
}

export interface Connection {
  api: string;
  token: string;
}

/**
 * Flags, else the environment, else what a running `npm start` of this folder leaves; in that,
 * everybody is an admin unless `as` says who.
 */
export function connect({ api, token, as }: ConnectionOptions, env: Environment): Connection {
  const address = api ?? env['CLIPTALLY_API'] ?? runningWorld()?.apiUrl;
  if (!address) {
    throw new CliFailure(
      EXIT.unavailable,
      'No API is known here: run npm start in this folder, or name one with --api or CLIPTALLY_API.',
    );
  }
  if (!URL.canParse(address) || !address.startsWith('http'))
    throw wrongUse(`"${address}" is not the address of an API, for example http://127.0.0.1:8081.`);
  const given = token ?? env['CLIPTALLY_TOKEN'];
  if (given && as === undefined) return { api: address.replace(/\/+$/, ''), token: given };
  return { api: address.replace(/\/+$/, ''), token: madeToken(callerOf(as ?? 'admin'), env) };
}

/** "creator:ann", "brand:acme", or a role alone for the sample world's own. */
export function callerOf(text: string): Caller {
  const [name, subject] = text.split(/:(.*)/s, 2) as [string, string?];
  const role = ROLES.find((one) => one === name);
  if (!role || subject === '')
    throw wrongUse(
      `"${text}" is nobody: write a role (${ROLES.join(', ')}), or a role and an id, for example creator:ann.`,
    );
  return {
    role,
    subject: subject ?? DEVELOPMENT_CALLERS.find((caller) => caller.role === role)!.subject,
  };
}

/** Signed with the secret of this machine. */
export function madeToken(caller: Caller, env: Environment, days?: number): string {
  const secret = env['JWT_SECRET'] || secretHere();
  if (!secret) {
    throw new CliFailure(
      EXIT.access,
      'There is no token: give one with --token or CLIPTALLY_TOKEN, or set JWT_SECRET to make one for development.',
    );
  }
  if (env['NODE_ENV'] === 'production') {
    throw new CliFailure(
      EXIT.access,
      'Tokens are not made if NODE_ENV is "production": give one of your identity provider with --token or CLIPTALLY_TOKEN.',
    );
  }
  return developmentToken(secret, clockHere(), caller, days);
}

function secretHere(): string | null {
  try {
    return readFileSync(join(FOLDER, 'jwt-secret'), 'utf8');
  } catch {
    return null;
  }
}
