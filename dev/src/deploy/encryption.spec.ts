import { plaintextFaults } from '@cliptally/telemetry';
import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { root } from './testing/docker.js';
import {
  build,
  of,
  reason,
  withKustomize,
  workloads,
  type Container,
} from './testing/manifests.js';

type Environment = Record<string, string>;

/** What a container reads, with the variables that its addresses are made of; secrets as "x". */
function environmentOf({ env = [] }: Container, settings: Environment): Environment {
  const read: Environment = { ...settings };
  for (const { name, value } of env)
    read[name] = (value ?? 'x').replace(/\$\((\w+)\)/g, (_, other: string) => read[other] ?? '');
  return read;
}

const settingsOf = (overlay: string): Environment =>
  (of('ConfigMap', build(overlay)).find(({ metadata }) => metadata.name === 'settings') as unknown as { data: Environment }).data; // prettier-ignore

const ADDRESSES = ['DATABASE_URL', 'NATS_URL', 'KURRENTDB_URL'];

withKustomize(`what production sends${reason}`, () => {
  describe.each(['overlays/production', 'overlays/kurrentdb'])('%s', (overlay) => {
    const pods = () => workloads(build(overlay)).filter(([name]) => !name.endsWith('kurrentdb'));

    it('goes nowhere in plain text, and no host is left out', () => {
      const settings = settingsOf(overlay);
      expect(settings['PLAINTEXT_HOSTS']).toBeUndefined();
      let addresses = 0;
      for (const [name, pod] of pods()) {
        const env = environmentOf(pod.containers[0]!, settings);
        expect([name, plaintextFaults(env)]).toEqual([name, []]);
        addresses += ADDRESSES.filter((address) => env[address]).length;
      }
      expect(addresses).toBeGreaterThanOrEqual(11);
    });

    it('is sent to whom the authorities name, which are mounted where the addresses say', () => {
      for (const [name, pod] of pods()) {
        const [container] = pod.containers;
        const env = environmentOf(container!, settingsOf(overlay));
        const mount = container!.volumeMounts!.find((one) => one.name === 'ca')!;
        const { sources } = pod.volumes!.find((one) => one.name === 'ca')!.projected!;
        // The key of the server is in the same secret.
        const files = sources.flatMap(({ secret }) => secret.items.map(({ path }) => `${mount.mountPath}/${path}`)); // prettier-ignore
        const asked = [env['NODE_EXTRA_CA_CERTS'], new URL(env['DATABASE_URL']!).searchParams.get('sslrootcert')]; // prettier-ignore
        for (const file of asked) expect([name, files]).toEqual([name, expect.arrayContaining([file])]); // prettier-ignore
      }
    });

    it('reaches names that the certificates have', () => {
      const names = new Map(
        of('Certificate', build(overlay)).map(({ metadata, spec }) => [metadata.name, spec['dnsNames'] as string[]]), // prettier-ignore
      );
      expect(names.get('nats')).toContain(settingsOf(overlay)['NATS_HOST']);
      if (overlay.endsWith('kurrentdb')) expect(names.get('kurrentdb')).toContain('kurrentdb');
    });

    it('comes to people by https, and to PostgreSQL not without', () => {
      for (const { spec } of of('Ingress', build(overlay)))
        expect(spec['tls'][0].hosts).toEqual([spec['rules'][0].host]);
      expect(of('Ingress', build(overlay))).toHaveLength(2);
      const [cluster] = of('Cluster', build(overlay));
      expect(cluster!.spec['postgresql'].pg_hba[0]).toBe('hostnossl all all all reject');
    });
  });

  it('is in plain text on a small cluster only, by name', () => {
    const settings = settingsOf('overlays/dev');
    for (const [name, pod] of workloads(build('overlays/dev'))) {
      const env = environmentOf(pod.containers[0]!, settings);
      expect([name, plaintextFaults(env)]).toEqual([name, []]);
      expect(plaintextFaults({ ...env, PLAINTEXT_HOSTS: '' })).not.toEqual([]);
    }
  });
});

describe('what docker compose sends', () => {
  interface Compose {
    services: Record<string, { environment?: Record<string, string | number> }>;
  }
  const read = (file: string) => parse(readFileSync(`${root}${file}`, 'utf8'), { merge: true }) as Compose; // prettier-ignore
  const plain = (text: Record<string, string | number> = {}): Environment =>
    Object.fromEntries(Object.entries(text).map(([name, value]) => [name, `${value}`.replace(/\$\{(\w+)[^}]*\}/g, (_, variable: string) => variable === 'KURRENTDB_URL' ? '' : 'x')])); // prettier-ignore
  const base = read('docker-compose.yml').services;
  const more = read('docker-compose.tls.yml').services;
  const parts = Object.keys(base).filter((name) => base[name]!.environment?.['DATABASE_URL']);

  it('stays on its own network, by name', () => {
    expect(parts).toHaveLength(7);
    for (const part of parts) expect(plaintextFaults(plain(base[part]!.environment))).toEqual([]);
  });

  it.each(parts)('is encrypted with docker-compose.tls.yml: %s', (part) => {
    const env = { ...plain(base[part]!.environment), ...plain(more[part]!.environment) };
    expect(env['PLAINTEXT_HOSTS']).toBe('');
    expect(plaintextFaults(env)).toEqual([]);
    expect(env['DATABASE_URL']).toContain('sslmode=verify-full');
  });
});
