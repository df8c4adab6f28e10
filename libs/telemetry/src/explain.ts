import { isTransientInPostgres, isTransientSqlState } from '@cliptally/contracts';

/** Shows where a defect is, after the sentence about it. */
export const STACK_VARIABLE = 'CLIPTALLY_STACK';

/** Calls of the operating system whose errors are about a file. */
const FILE_CALLS = new Set([
  'open',
  'read',
  'write',
  'stat',
  'lstat',
  'access',
  'mkdir',
  'rename',
  'unlink',
  'scandir',
  'rm',
]);

interface Coded extends Error {
  code?: unknown;
  expected?: boolean;
  syscall?: string;
  path?: string;
}

/** One sentence with the way out for whatever ended a command or kept a process from starting. */
export function explain(
  error: unknown,
  env: Record<string, string | undefined> = process.env,
): string {
  if (!(error instanceof Error)) return defect(`it threw ${oneLine(String(error))}`);
  const known = mendable(error);
  if (known) return known;
  const sentence = defect(`${error.name}: ${oneLine(error.message)}`);
  return env[STACK_VARIABLE] ? `${sentence}\n${error.stack ?? ''}` : sentence;
}

/** What a person can mend; null for anything else. */
function mendable(error: Coded): string | null {
  if (error.expected === true) return error.message;
  const code = typeof error.code === 'string' ? error.code : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The host of a server is not known (${error.message}): is it written right in DATABASE_URL?`;
  if (code === '28P01' || code === '3D000')
    return `PostgreSQL refuses DATABASE_URL: ${error.message}.`;
  if (code === '42501')
    return `The role in DATABASE_URL may not do this (${error.message}): use the owner of the tables.`;
  if (code === '42P01' || code === '3F000')
    return `The database of DATABASE_URL is not of this form (${error.message}): run tools/ops/dist/main.js migrate on it first.`;
  if (isTransientSqlState(code))
    return `PostgreSQL did not carry it out (${error.message}), and nothing was changed: run the same command again.`;
  if (error.name === 'StoreUnavailable')
    return `The log does not answer (${error.message}): run the same command again once it does.`;
  if (code.startsWith('ERR_PARSE_ARGS'))
    return `${error.message.split('. ')[0]}: leave that out, or write it as the usage says.`;
  if (code === 'ENOENT' && error.path !== undefined && error.syscall !== 'connect')
    return `There is no file ${error.path}.`;
  if (isTransientInPostgres(error) || error.name === 'AggregateError')
    return `A server does not answer (${code || error.message}): is PostgreSQL running at DATABASE_URL?`;
  if (error.syscall !== undefined && FILE_CALLS.has(error.syscall))
    return `${error.path === undefined ? 'A file' : `The file ${error.path}`} cannot be used (${error.message}): name another one, or mend what is said there.`;
  if (code === 'EADDRINUSE')
    return `Another program listens there (${error.message}): stop it, or choose another port.`;
  if (code.startsWith('Z_'))
    return `The file is not a whole gzip file (${error.message}): make or fetch it again.`;
  return null;
}

const oneLine = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ');

const defect = (what: string) =>
  `A defect ended the command (${what}): run it again with ${STACK_VARIABLE}=1, which shows the place in the code, and report that.`;
