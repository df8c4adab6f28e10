import { ConfigurationError } from '@cliptally/telemetry';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Keys that tax profiles are sealed with, by their ids. New profiles take `current`. */
export interface TaxKeys {
  current: string;
  keys: ReadonlyMap<string, Buffer>;
}

/** What each key looks like; spread into the schema of the environment. */
export const taxKeyVariables = () => ({
  TAX_PROFILE_KEYS: z
    .string()
    .optional()
    .describe(
      'keys that tax profiles are sealed with, as ID:BASE64 with commas between them, the one for new profiles first',
    ),
  TAX_PROFILE_KEYS_FILE: z
    .string()
    .optional()
    .describe('a file with these keys instead, one a line'),
});

const MAKE_ONE = 'make one with: echo "$(date +%Y-%m):$(openssl rand -base64 32)"';
const ID = /^[A-Za-z0-9._-]{1,40}$/;
const KEY_BYTES = 32;

/**
 * The keys, or null if none are set, which production refuses. Throws {@link ConfigurationError}
 * that names the variable and each faulty key by its id, never by its value.
 */
export function taxKeysOf(
  c: z.output<z.ZodObject<ReturnType<typeof taxKeyVariables>>>,
  env: Record<string, string | undefined> = process.env,
): TaxKeys | null {
  const { TAX_PROFILE_KEYS: inline, TAX_PROFILE_KEYS_FILE: file } = c;
  if (inline !== undefined && file !== undefined)
    throw new ConfigurationError([
      'TAX_PROFILE_KEYS and TAX_PROFILE_KEYS_FILE are both set: take one away.',
    ]);
  if (inline === undefined && file === undefined) {
    if (env['NODE_ENV'] !== 'production') return null;
    throw new ConfigurationError([
      `Neither TAX_PROFILE_KEYS nor TAX_PROFILE_KEYS_FILE is set: in production tax profiles are sealed with a key; ${MAKE_ONE}`,
    ]);
  }
  const name = file === undefined ? 'TAX_PROFILE_KEYS' : 'TAX_PROFILE_KEYS_FILE';
  return keysIn(inline ?? contentOf(file!), name);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError([`TAX_PROFILE_KEYS_FILE: the file cannot be read (${code}).`]);
  }
}

/** Exported for programs that make keys of their own, as the launcher does. */
export function keysIn(text: string, name: string): TaxKeys {
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
