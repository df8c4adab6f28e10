import { describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'yaml';
import { hasCompose, root } from './testing/docker.js';

describe('docker-compose.yml', () => {
  const compose = parse(readFileSync(`${root}docker-compose.yml`, 'utf8'), { merge: true }) as {
    // eslint-disable-next-line
    services: Record<string, any>;
  };
  const services = Object.entries(compose.services);

  it.each(services)('%s is hardened, limited and watched', (name, service) => {
    expect(service).toMatchObject({
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      mem_limit: expect.any(String),
    });
    if (name !== 'kurrentdb')
      expect([service.read_only, service.healthcheck]).toEqual([true, expect.anything()]);
    expect(service.image).toMatch(/:(\$\{CLIPTALLY_VERSION:-dev\}|v?\d+\.\d+(\.\d+)?(-\w+)?)$/);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('names every variable that has to be set in .env.example', () => {
    const needed = [
      ...readFileSync(`${root}docker-compose.yml`, 'utf8').matchAll(/\$\{(\w+):\?/g),
    ].map((match) => match[1]!);
    const given = readFileSync(`${root}.env.example`, 'utf8');
    expect(needed.length).toBeGreaterThan(5);
    for (const name of needed) expect(given).toMatch(new RegExp(`^${name}=.+$`, 'm'));
  });

  (hasCompose() ? it : it.skip)(
    `is what docker compose understands${hasCompose() ? '' : ' [needs docker with the compose plugin]'}`,
    () => {
      for (const more of [[], ['--file', 'docker-compose.yml', '--file', 'docker-compose.tls.yml']])
        execFileSync(
          'docker',
          ['compose', '--env-file', '.env.example', ...more, '--profile', '*', 'config', '--quiet'],
          {
            cwd: root,
            stdio: 'pipe',
          },
        );
    },
  );
});

describe('the Dockerfile', () => {
  const text = readFileSync(`${root}Dockerfile`, 'utf8');
  it('has a pinned base, another user than root, a health check and programs without a shell', () => {
    expect(text).toMatch(/^ARG NODE=node:\d+\.\d+\.\d+-/m);
    expect(
      [...text.matchAll(/^FROM (\S+)/gm)].every(
        ([, base]) => base === '${NODE}' || /^(installed|runtime)$/.test(base!),
      ),
    ).toBe(true);
    expect(text.lastIndexOf('USER 1000:1000')).toBeGreaterThan(text.lastIndexOf('USER 0'));
    expect(text).toMatch(/^HEALTHCHECK .*CMD \["node"/m);
    expect(
      [...text.matchAll(/^(ENTRYPOINT|CMD) (.)/gm)].every(([, , first]) => first === '['),
    ).toBe(true);
  });
  it('makes every image of ours that is deployed', () => {
    const files = ['docker-compose.yml', ...readdirSync(`${root}deploy/k8s/base`).map((file) => `deploy/k8s/base/${file}`)]; // prettier-ignore
    const names = files.flatMap((file) =>
      Array.from(readFileSync(root + file, 'utf8').matchAll(/image: cliptally\/([\w-]+)/g), ([, name]) => name!),
    ); // prettier-ignore
    const services = readdirSync(`${root}services`);
    const targets = Array.from(text.matchAll(/^FROM \S+ AS (\S+)$/gm), ([, target]) => target!);
    expect(new Set(names)).toEqual(new Set([...services, 'ops', 'apify-stand-in']));
    expect([...services, ...targets]).toEqual(expect.arrayContaining(names));
    // What is built without a target is a service.
    expect(targets.at(-1)).toBe('service');
  });
  it('migrates with the image of the operators, in compose and in Kubernetes', () => {
    const { migrate } = (parse(readFileSync(`${root}docker-compose.yml`, 'utf8'), { merge: true }) as { services: { migrate: object } }).services; // prettier-ignore
    expect(migrate).toMatchObject({ build: { target: 'ops' }, command: ['migrate'] });
    const job = parse(readFileSync(`${root}deploy/k8s/base/migrate.yaml`, 'utf8')) as {
      spec: { template: { spec: { containers: object[] } } };
    };
    expect(job.spec.template.spec.containers[0]).toMatchObject({
      image: 'cliptally/ops',
      args: ['migrate'],
    });
  });
  it('can make an image of every service', () => {
    for (const service of readdirSync(`${root}services`)) expect(text).toContain(service);
  });
});

describe('deploy/k8s/by-digest.mjs', () => {
  const tagged = readFileSync(`${root}deploy/k8s/components/kurrentdb/kurrentdb.yaml`, 'utf8');
  const check = (manifests: string) => {
    const { status, stdout } = spawnSync(process.execPath, [`${root}deploy/k8s/by-digest.mjs`], { input: manifests, encoding: 'utf8' }); // prettier-ignore
    return [status, stdout] as const;
  };

  it('lists images that are named by a tag, and takes those that have a digest', () => {
    const [status, said] = check(`${tagged}\nimageName: ghcr.io/x/postgresql:18.1\n`);
    expect([status, said.split('\n').slice(0, 2)]).toEqual([1, ['docker.kurrent.io/kurrent-latest/kurrentdb:25.1.0', 'ghcr.io/x/postgresql:18.1']]); // prettier-ignore
    const digest = `@sha256:${'a'.repeat(64)}`;
    expect(check(tagged.replace(':25.1.0', digest))).toEqual([0, 'All 1 images are named by digest.\n']); // prettier-ignore
    expect(check(tagged.replace(':25.1.0', digest.slice(0, 40)))[0]).toBe(1);
    expect(check('')[0]).toBe(1);
  });
});
