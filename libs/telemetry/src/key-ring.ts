import type { KeyRing } from '@cliptally/contracts';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigurationError } from './configuration.js';

type Environment = Record<string, string | undefined>;

const MAKE_ONE = 'make one with: echo "$(date +%Y-%m):$(openssl rand -base64 32)"';
const ID = /^[A-Za-z0-9._-]{1,40}$/;
const KEY_BYTES = 32;

/**
 * A ring of keys in the variable `name`, or in the file that `<name>_FILE` names; `what` is sealed
 * with them.
 */
export function keyRing<const N extends string>(name: N, what: string) {
  const file = `${name}_FILE` as const;
  const variables = {
    [name]: z
      .string()
      .optional()
      .describe(
        `keys that ${what} are sealed with, as ID:BASE64 with commas between them, the one for new ones first`,
      ),
    [file]: z.string().optional().describe('a file with these keys instead, one a line'),
  } as { [K in N | `${N}_FILE`]: z.ZodOptional<z.ZodString> };
  /**
   * The keys, or null if none are set, which production refuses. Throws {@link ConfigurationError}
   * that names the variable and each faulty key by its id, never by its value.
   */
  const read = (
    given: { [K in N | `${N}_FILE`]?: string | undefined },
    env: Environment = process.env,
  ): KeyRing | null => {
    const [inline, path] = [given[name], given[file]];
    if (inline !== undefined && path !== undefined)
      throw new ConfigurationError([`${name} and ${file} are both set: take one away.`]);
    if (inline !== undefined) return keysIn(inline, name);
    if (path !== undefined) return keysIn(contentOf(path, file), file);
    if (env['NODE_ENV'] !== 'production') return null;
    throw new ConfigurationError([
      `Neither ${name} nor ${file} is set: in production ${what} are sealed with a key; ${MAKE_ONE}`,
    ]);
  };
  return { variables, read };
}

/** Seals the personal texts of the log. Spread `variables` into the schema of the environment. */
export const personalDataKeys = keyRing('PERSONAL_DATA_KEYS', 'personal texts of the log');

function contentOf(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError([`${name}: the file cannot be read (${code}).`]);
  }
}

/** Exported for programs that make keys of their own, as the launcher does. */
export function keysIn(text: string, name: string): KeyRing {
  const faults: string[] = [];
  const keys = new Map<string, Buffer>();
  for (const [i, entry] of text
    .split(/[\s,]+/)
    .filter(Boolean)
    .entries()) {
    const [id, ...rest] = entry.split(':');
    const which = `${name}: key ${i + 1}`;
    const key = Buffer.from(rest.join(':'), 'base64');
    if (rest.length === 0 || !ID.test(id!))
      faults.push(
        `${which} must be an id of letters and digits, a colon, and the key; ${MAKE_ONE}`,
      );
    else if (key.length !== KEY_BYTES || key.toString('base64') !== rest.join(':'))
      faults.push(`${which} ("${id}") must be ${KEY_BYTES} bytes in base64; ${MAKE_ONE}`);
    else if (keys.has(id!)) faults.push(`${which} has the id "${id}" of another key.`);
    else keys.set(id!, key);
  }
  if (keys.size === 0 && faults.length === 0) faults.push(`${name} has no key; ${MAKE_ONE}`);
  if (faults.length > 0) throw new ConfigurationError(faults);
  return { current: [...keys.keys()][0]!, keys };
}
