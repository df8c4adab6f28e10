import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const EXAMPLES = new URL('../', import.meta.url);

/**
 * Runs a program of this folder as its readers do, on the packages as `npm run build` made them;
 * gives the lines it printed.
 * @throws with what it wrote on standard error, if it fails
 */
export async function runProgram(
  [file, ...args]: [string, ...string[]],
  environment: Record<string, string>,
  command = process.execPath,
): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    command,
    [fileURLToPath(new URL(file, EXAMPLES)), ...args],
    { env: { PATH: process.env['PATH'], ...environment }, timeout: 200_000 },
  );
  return stdout.trimEnd().split('\n');
}
