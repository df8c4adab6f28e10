import { readFileSync } from 'node:fs';
import { supplyFaults, type Lockfile } from '../supply.js';
import { firstOf, type Attack } from './attack.js';

const LOCKFILE = new URL('../../../package-lock.json', import.meta.url);

export const SUPPLY: Attack[] = [
  {
    who: 'stranger',
    promise: 'known-parts',
    name: 'slips a package in: another archive, an archive of elsewhere, a weaker digest, a licence that takes',
    async try() {
      const read = () => JSON.parse(readFileSync(LOCKFILE, 'utf8')) as Lockfile;
      const now = supplyFaults(read());
      if (now.length > 0) return now[0]!;
      const changes: [string, (entry: Lockfile['packages'][string]) => void][] = [
        ['no digest', (entry) => void delete entry.integrity],
        ['a digest of SHA-1', (entry) => void (entry.integrity = 'sha1-deadbeef')],
        ['an archive of elsewhere', (entry) => void (entry.resolved = 'https://evil.example/x.tgz')],
        ['a licence that takes', (entry) => void (entry.license = 'AGPL-3.0-only')],
        ['no licence', (entry) => void delete entry.license],
      ];
      return firstOf(changes, async ([name, change]) => {
        const lockfile = read();
        change(lockfile.packages['node_modules/pg']!);
        return supplyFaults(lockfile).length === 1 ? null : `${name} is not noticed`;
      });
    },
  },
]; // prettier-ignore
