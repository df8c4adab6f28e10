interface Entry {
  link?: boolean;
  dev?: boolean;
  devOptional?: boolean;
  resolved?: string;
  integrity?: string;
  license?: string;
}
export interface Lockfile {
  packages: Record<string, Entry>;
}

/** Permissive ones: to keep their notices is all that they ask. */
export const ALLOWED = new Set(['MIT', 'MIT-0', 'ISC', '0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'Unlicense', 'CC0-1.0', 'PSF-2.0', 'Python-2.0']); // prettier-ignore
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

export const allows = (allowed: ReadonlySet<string>, expression: string): boolean => {
  const words = expression.replaceAll(/[()]/g, '');
  return words.includes(' OR ')
    ? words.split(' OR ').some((part) => allows(allowed, part))
    : words.split(' AND ').every((part) => allowed.has(part));
};
const licenceOf = (path: string, { license }: Entry) =>
  license ?? READ_BY_HAND[path.slice(path.lastIndexOf('node_modules/') + 13)] ?? 'none';

/** Packages of others in a lock file. */
export const foreignIn = ({ packages }: Lockfile): [path: string, entry: Entry][] =>
  Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);

/** What is not known to the byte, from elsewhere than npm's registry, or not licensed to us. */
export function supplyFaults(lockfile: Lockfile): string[] {
  return foreignIn(lockfile).flatMap(([path, entry]) => {
    const licence = licenceOf(path, entry);
    const allowed = entry.dev || entry.devOptional ? ALLOWED_FOR_TOOLS : ALLOWED;
    return [
      ...(entry.integrity?.startsWith('sha512-') ? [] : [`${path} has no SHA-512`]),
      ...(entry.resolved === undefined ? [] : [`${path} comes from ${entry.resolved}`]),
      ...(allows(allowed, licence) ? [] : [`${path} has the licence ${licence}`]),
    ];
  });
}
