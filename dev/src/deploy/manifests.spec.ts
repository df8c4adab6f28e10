import { describe, expect, it } from '@jest/globals';
import * as client from '@kubernetes/client-node';
import { execFileSync } from 'node:child_process';
import { root } from './testing/docker.js';
import {
  build,
  of,
  podOf,
  reason,
  withKustomize,
  workloads,
  type PodSpec,
  type Resource,
} from './testing/manifests.js';

/* What is deployed is checked as data: nothing here admits manifests. */

/** Fields that the Kubernetes API does not know, by path; they are dropped there without a word. */
function unknownFields(value: unknown, type: string, path: string): string[] {
  const list = /^Array<(.+)>$/.exec(type);
  if (list)
    return (value as unknown[]).flatMap((item, i) =>
      unknownFields(item, list[1]!, `${path}[${i}]`),
    );
  const known = (
    client as unknown as Record<
      string,
      { getAttributeTypeMap?: () => { baseName: string; type: string }[] }
    >
  )[type]?.getAttributeTypeMap?.();
  if (!known || value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, field]) => {
    const attribute = known.find(({ baseName }) => baseName === name);
    return attribute
      ? unknownFields(field, attribute.type, `${path}.${name}`)
      : [`${path}.${name}`];
  });
}
const typeOf = ({ apiVersion, kind }: Resource) =>
  `${apiVersion.split('/').at(-1)!.replace(/^v/, 'V')}${kind}`;

/**
 * The validating class of a resource: of Kubernetes itself, of KEDA or of the Prometheus operator;
 * none for CloudNativePG and cert-manager.
 */
async function modelOf({ apiVersion, kind }: Resource) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const library =
    group === 'keda.sh'
      ? '@kubernetes-models/keda/'
      : group === 'monitoring.coreos.com'
        ? '@kubernetes-models/prometheus-operator/'
        : 'kubernetes-models/';
  const models = (await import(`${library}${group ? `${group}/` : ''}${version}`)) as Record<
    string,
    new (data: object) => { validate(): void }
  >;
  return models[kind]!;
}

describe.each(['overlays/dev', 'overlays/production', 'overlays/kurrentdb'])('%s', (overlay) => {
  withKustomize(`is sound${reason}`, () => {
    const ours = () =>
      build(overlay).filter(
        ({ apiVersion }) => !/^(postgresql\.cnpg|cert-manager)\.io\//.test(apiVersion),
      );

    it('is what the models of each kind allow', async () => {
      for (const resource of ours()) new (await modelOf(resource))(resource).validate();
    });

    it('has no field that Kubernetes does not know', () => {
      const known = ours().filter((resource) => typeOf(resource) in client);
      expect(known.length).toBeGreaterThan(25);
      expect(
        known.flatMap((resource) =>
          unknownFields(resource, typeOf(resource), `${resource.kind} ${resource.metadata.name}`),
        ),
      ).toEqual([]);
    });

    it('would notice such a field', () => {
      const wrong = structuredClone(of('CronJob', ours())[0]!);
      wrong.spec['startDeadlineSeconds'] = 5;
      expect(unknownFields(wrong, 'V1CronJob', 'it')).toEqual(['it.spec.startDeadlineSeconds']);
    });

    it('keeps everything in one namespace under the restricted rules', () => {
      expect(of('Namespace', build(overlay))[0]!.metadata.labels).toMatchObject({
        'pod-security.kubernetes.io/enforce': 'restricted',
      });
      for (const { kind, metadata } of build(overlay))
        if (kind !== 'Namespace')
          expect([metadata.name, metadata.namespace]).toEqual([metadata.name, 'cliptally']);
      for (const [name, pod] of workloads(ours())) {
        expect([name, pod.securityContext]).toMatchObject([
          name,
          { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        ]);
        expect([name, pod.automountServiceAccountToken]).toEqual([name, false]);
        for (const { securityContext } of pod.containers)
          expect([name, securityContext]).toMatchObject([
            name,
            {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          ]);
      }
    });

    it('gives every container requests, a memory limit and a pinned image', () => {
      for (const [name, pod] of workloads(ours()))
        for (const { resources, image } of pod.containers) {
          expect([name, resources]).toMatchObject([
            name,
            {
              requests: { cpu: expect.any(String), memory: expect.any(String) },
              limits: { memory: expect.any(String) },
            },
          ]);
          expect(image).toMatch(/:\d+\.\d+\.\d+$/);
        }
    });

    it('gives every service probes, a budget of disruption and a spread', () => {
      const budgets = of('PodDisruptionBudget', ours()).map(
        ({ spec }) => spec['selector'].matchLabels['app.kubernetes.io/name'],
      );
      for (const { metadata, spec } of [
        ...of('Deployment', ours()),
        ...of('StatefulSet', ours()),
      ]) {
        const pod = spec['template'].spec as PodSpec;
        expect(budgets).toContain(metadata.name);
        expect(pod.topologySpreadConstraints).not.toHaveLength(0);
        for (const container of pod.containers)
          expect([metadata.name, container]).toMatchObject([
            metadata.name,
            { startupProbe: {}, livenessProbe: { httpGet: {} }, readinessProbe: { httpGet: {} } },
          ]);
      }
    });

    it('lets nothing through that no policy names', () => {
      const policies = of('NetworkPolicy', ours());
      expect(policies.find(({ metadata }) => metadata.name === 'default-deny')!.spec).toEqual({
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
      });
      // No other policy opens a direction without saying to whom or on which port.
      for (const { metadata, spec } of policies)
        for (const rule of [...(spec['ingress'] ?? []), ...(spec['egress'] ?? [])])
          expect([metadata.name, rule.ports?.length > 0]).toEqual([metadata.name, true]);
    });

    it('gives a service the time to finish that it takes: 30 s, after the time in which it is unready', () => {
      for (const { spec, metadata } of of('Deployment', ours())) {
        const { env = [] } = podOf({ kind: 'Deployment', spec } as Resource)!.containers[0]!;
        const delay = Number.parseInt(
          env.find(({ name }) => name === 'SHUTDOWN_DELAY')?.value ?? '0',
          10,
        );
        expect([metadata.name, spec['template'].spec.terminationGracePeriodSeconds]).toEqual([
          metadata.name,
          35 + delay,
        ]);
        // Behind the ingress controller.
        expect([metadata.name, delay > 0]).toEqual([
          metadata.name,
          ['earnings', 'monitor'].includes(metadata.name),
        ]);
      }
    });

    it('has accounts without tokens, of its own for each workload', () => {
      const accounts = new Map(
        of('ServiceAccount', ours()).map((account) => [
          account.metadata.name,
          account as unknown as { automountServiceAccountToken: boolean },
        ]),
      );
      for (const [name, { serviceAccountName }] of workloads(ours()))
        expect([name, accounts.get(serviceAccountName)?.automountServiceAccountToken]).toEqual([
          name,
          false,
        ]);
    });

    it('names secrets and holds none', () => {
      expect(of('Secret', build(overlay))).toEqual([]);
      const text = JSON.stringify(build(overlay).filter(({ kind }) => kind !== 'PrometheusRule'));
      expect(text.match(/:\/\/[^:/"]+:[^$@"]+@/g)).toBeNull();
      for (const [, pod] of workloads(ours()))
        for (const { env = [] } of pod.containers)
          for (const { name, value } of env)
            if (/PASSWORD|TOKEN|SECRET|KEY$/.test(name))
              expect([name, value]).toEqual([name, undefined]);
    });

    it('runs a slot once, and not for ever', () => {
      const { spec } = of('CronJob', ours()).find(({ metadata }) => metadata.name === 'scheduler')!;
      expect(spec).toMatchObject({
        concurrencyPolicy: 'Forbid',
        timeZone: 'Etc/UTC',
        schedule: '*/15 * * * *',
      });
      expect(spec['startingDeadlineSeconds']).toBeGreaterThanOrEqual(10);
      expect(spec['startingDeadlineSeconds']).toBeLessThan(900);
      const job = spec['jobTemplate'].spec;
      expect(job.activeDeadlineSeconds).toBeLessThan(900);
      expect(job).toMatchObject({
        ttlSecondsAfterFinished: expect.any(Number),
        backoffLimit: expect.any(Number),
        template: { spec: { restartPolicy: 'Never' } },
      });
      expect(job.podFailurePolicy.rules[0]).toMatchObject({
        action: 'FailJob',
        onExitCodes: { values: [64, 78] },
      });
      expect(job.template.spec.containers[0].env).toContainEqual({
        name: 'JOB_NAME',
        valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } },
      });
    });
  });
});

withKustomize(`the components of production${reason}`, () => {
  it('lets one scale the scraper, and says no number itself', () => {
    const scraper = of('Deployment', build('overlays/production')).find(
      ({ metadata }) => metadata.name === 'scraper',
    )!;
    expect(scraper.spec['replicas']).toBeUndefined();
    const [scaled] = of('ScaledObject', build('overlays/production'));
    expect(
      scaled!.spec['triggers']
        .map((t: { metadata: { query: string } }) => /"(scraper-.*?)"/.exec(t.metadata.query)![1]!)
        .toSorted(),
    ).toEqual(['facebook', 'instagram', 'tiktok', 'x', 'youtube'].map((p) => `scraper-${p}`));
  });

  it('opens what metrics and traces need, and no more', () => {
    const policies = of('NetworkPolicy', build('overlays/production'));
    const monitoring = [
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
    ];
    const specOf = (name: string) => policies.find(({ metadata }) => metadata.name === name)!.spec;
    expect(specOf('from-prometheus-to-nats')).toMatchObject({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'nats' } },
      ingress: [{ from: monitoring, ports: [{ port: 7777 }] }],
    });
    const [settings] = of('ConfigMap', build('overlays/production')) as unknown as {
      data: Record<string, string>;
    }[];
    const collector = new URL(settings!.data['OTEL_EXPORTER_OTLP_ENDPOINT']!);
    expect(collector.hostname.split('.')[1]).toBe('monitoring');
    expect(specOf('traces')).toMatchObject({
      egress: [{ to: monitoring, ports: [{ port: Number(collector.port) }] }],
    });
    // Nothing but production has a collector or speaks to one.
    expect(
      of('NetworkPolicy', build('overlays/dev')).map(({ metadata }) => metadata.name),
    ).not.toContain('traces');
  });

  it('has a role a service in the database', () => {
    const [cluster] = build('overlays/production').filter(({ kind }) => kind === 'Cluster');
    expect(
      cluster!.spec['managed'].roles.map(({ name }: { name: string }) => name).toSorted(),
    ).toEqual(['cliptally', 'earnings', 'monitor', 'relay', 'scheduler', 'scraper']);
  });
});

describe('what is made from something else', () => {
  it('is what it would be made now', () => {
    execFileSync(
      process.execPath,
      [`${root}deploy/k8s/components/prometheus-operator/generate.mjs`, '--check'],
      { stdio: 'pipe' },
    );
  });
});
