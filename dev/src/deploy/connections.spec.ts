import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { CONNECTIONS } from './testing/connections.js';
import { root } from './testing/docker.js';

/** For people, backups, the migration and the operators' commands. */
const OTHERS = 30;

interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: {
    replicas?: number;
    maxReplicaCount?: number;
    scaleTargetRef?: { name: string };
    postgresql?: { parameters: { max_connections: string } };
  };
}
const manifests = (path: string) =>
  parseAllDocuments(readFileSync(`${root}deploy/k8s/${path}`, 'utf8')).map(
    (document) => document.toJS() as Manifest,
  );
const cluster = manifests('components/cloudnative-pg/cluster.yaml').find(({ kind }) => kind === 'Cluster')!; // prettier-ignore
const [scaled] = manifests('components/keda/scaled-object.yaml');

it.each(CONNECTIONS)(
  '$service has as many replicas at most as are deployed',
  ({ service, replicas }) => {
    const deployed = manifests(`base/${service}.yaml`).find(({ kind }) => /Deployment|CronJob/.test(kind))!; // prettier-ignore
    const most =
      scaled!.spec.scaleTargetRef!.name === service
        ? scaled!.spec.maxReplicaCount
        : (deployed.spec.replicas ?? 1);
    expect(replicas).toBe(most);
  },
);

it('PostgreSQL of production has room for a rollout of all of them at once, and for others', () => {
  const all = CONNECTIONS.reduce((sum, { each, replicas }) => sum + each * replicas, 0);
  const most = Number(cluster.spec.postgresql!.parameters.max_connections);
  expect(2 * all + OTHERS).toBeLessThanOrEqual(most);
});
