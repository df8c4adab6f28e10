import { describe } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { root } from './docker.js';

export interface Container {
  name: string;
  image: string;
  resources: { requests?: object; limits?: { memory?: string } };
  securityContext?: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[] };
  };
  startupProbe?: object;
  livenessProbe?: { httpGet: { path: string } };
  readinessProbe?: { httpGet: { path: string } };
  env?: { name: string; value?: string; valueFrom?: object }[];
  volumeMounts?: { name: string; mountPath: string }[];
}
export interface PodSpec {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  securityContext: { runAsNonRoot?: boolean; seccompProfile?: { type: string } };
  topologySpreadConstraints?: unknown[];
  restartPolicy?: string;
  containers: Container[];
  volumes?: {
    name: string;
    projected?: { sources: { secret: { name: string; items: { path: string }[] } }[] };
  }[];
}
export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec: Record<string, any>; // eslint-disable-line
}

const KUSTOMIZE = ['kubectl', 'kustomize'].find((name) => {
  try {
    execFileSync(name, name === 'kubectl' ? ['kustomize', '--help'] : ['version'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
});
export const withKustomize = KUSTOMIZE ? describe : describe.skip;
export const reason = KUSTOMIZE ? '' : ' [needs kubectl or kustomize]';
const built = new Map<string, Resource[]>();
/** The resources of a folder, built once. */
export function build(folder: string): Resource[] {
  const known = built.get(folder);
  if (known) return known;
  const text = execFileSync(
    KUSTOMIZE!,
    [KUSTOMIZE === 'kubectl' ? 'kustomize' : 'build', `${root}deploy/k8s/${folder}`],
    {
      encoding: 'utf8',
    },
  );
  const resources = parseAllDocuments(text).map((document) => document.toJS() as Resource);
  built.set(folder, resources);
  return resources;
}

export const podOf = ({ kind, spec }: Resource): PodSpec | undefined =>
  (kind === 'CronJob' ? spec['jobTemplate'].spec : spec)?.template?.spec;
export const workloads = (resources: Resource[]) =>
  resources.flatMap((resource) =>
    podOf(resource)
      ? [[`${resource.kind} ${resource.metadata.name}`, podOf(resource)!] as const]
      : [],
  );
export const of = (kind: string, resources: Resource[]) =>
  resources.filter((resource) => resource.kind === kind);
