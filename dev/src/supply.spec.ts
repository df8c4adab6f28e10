import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Entry {
  link?: boolean;
  dev?: boolean;
  devOptional?: boolean;
  resolved?: string;
  integrity?: string;
  license?: string;
}
const lockfile = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const { packages } = JSON.parse(readFileSync(lockfile, 'utf8')) as {
  packages: Record<string, Entry>;
};
const foreign = Object.entries(packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && !link,
);

/** Permissive ones: to keep their notices is all that they ask. */
const ALLOWED = new Set(['MIT', 'MIT-0', 'ISC', '0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'Unlicense', 'CC0-1.0', 'PSF-2.0', 'Python-2.0']); // prettier-ignore
/** Of tools that are never shipped; they are used as they are. */
const ALLOWED_FOR_TOOLS = new Set([...ALLOWED, 'MPL-2.0', 'CC-BY-4.0', 'LGPL-3.0-or-later']);
/** Whose package.json has no licence, or has it in an old form; read by a person. */
const READ_BY_HAND: Readonly<Record<string, string>> = {
  buildcheck: 'MIT',
  busboy: 'MIT',
  'cpu-features': 'MIT',
  ssh2: 'MIT',
  streamsearch: 'MIT',
};

const allows = (allowed: ReadonlySet<string>, expression: string): boolean => {
  const words = expression.replaceAll(/[()]/g, '');
  return words.includes(' OR ')
    ? words.split(' OR ').some((part) => allows(allowed, part))
    : words.split(' AND ').every((part) => allowed.has(part));
};
const licenceOf = (path: string, { license }: Entry) =>
  license ?? READ_BY_HAND[path.slice(path.lastIndexOf('node_modules/') + 13)] ?? 'none';

describe('what is taken from others, by package-lock.json', () => {
  it('is known to the byte, and comes from the registry that npm is set to', () => {
    expect(foreign.length).toBeGreaterThan(500);
    expect(foreign.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
    expect(foreign.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it('has a licence that is allowed', () => {
    const refused = foreign
      .filter(([path, entry]) => {
        const allowed = entry.dev || entry.devOptional ? ALLOWED_FOR_TOOLS : ALLOWED;
        return !allows(allowed, licenceOf(path, entry));
      })
      .map(([path, entry]) => `${path}: ${licenceOf(path, entry)}`);
    expect(refused).toEqual([]);
  });

  it('would be noticed with another', () => {
    for (const expression of ['GPL-3.0', 'MIT AND GPL-3.0', 'none'])
      expect(allows(ALLOWED, expression)).toBe(false);
    expect(allows(ALLOWED, '(MIT OR GPL-3.0)')).toBe(true);
  });
});
