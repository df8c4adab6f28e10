import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

interface Resource {
  kind: string;
  metadata: { name: string };
  spec?: Record<string, unknown>;
}

/** What the manifests deploy, and what stands in for the charts and operators beside them. */
export const deployedResources = (): Resource[] =>
  globSync('deploy/k8s/{base,components,overlays}/**/*.yaml', { cwd: ROOT }).flatMap((path) =>
    parseAllDocuments(readFileSync(ROOT + path, 'utf8'))
      .map((document) => document.toJS() as Resource | null)
      .filter(
        (one): one is Resource => typeof one?.kind === 'string' && one.metadata !== undefined,
      ),
  );

/** Kinds by the names that kubectl knows them by. */
const KINDS: Readonly<Record<string, string>> = {
  pod: 'Pod', pods: 'Pod', pvc: 'PersistentVolumeClaim', job: 'Job', jobs: 'Job',
  cronjob: 'CronJob', cronjobs: 'CronJob', deployment: 'Deployment', deploy: 'Deployment',
  certificate: 'Certificate', certificates: 'Certificate', configmap: 'ConfigMap',
}; // prettier-ignore
/** What each verb takes beside the kind or the name that it is about. */
const VERBS: Readonly<Record<string, { flags: readonly string[]; of: 'kind' | 'pods' | 'none' }>> =
  {
    get: { flags: ['-l', '-o'], of: 'kind' },
    describe: { flags: ['-l'], of: 'kind' },
    edit: { flags: [], of: 'kind' },
    delete: { flags: [], of: 'kind' },
    patch: { flags: ['-p'], of: 'kind' },
    logs: { flags: ['-l', '--tail', '--previous'], of: 'pods' },
    exec: { flags: ['--'], of: 'kind' },
    create: { flags: ['--from'], of: 'none' },
    cnpg: { flags: [], of: 'none' },
  };
const WITHOUT_VALUE = new Set(['--previous']);
/** Pods of charts and operators, which no manifest here has. */
const OTHER_PODS = ['app.kubernetes.io/name=nats', 'cliptally.dev/database=true'];

/** What is wrong with a line of kubectl, as far as the manifests tell; null if nothing is. */
export function kubectlFault(command: string, resources: readonly Resource[]): string | null {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!); // prettier-ignore
  const [, verb = '', ...rest] = words;
  const known = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!known) return `kubectl knows no verb "${verb}" here`;
  const names: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === '--') {
      const program = rest.slice(i + 1).find((one) => one.endsWith('.js'));
      // In the image its folder is that of the operators' commands.
      const source =
        program && `tools/ops/${program.replace('dist/', 'src/').replace(/\.js$/, '.ts')}`;
      if (source && !existsSync(ROOT + source)) return `the image has no file "${program}"`;
      break;
    }
    if (!word.startsWith('-')) {
      names.push(word);
      continue;
    }
    const [flag, given] = word.split(/=(.*)/s) as [string, string | undefined];
    if (!known.flags.includes(flag)) return `kubectl ${verb} takes no ${flag}`;
    const value = WITHOUT_VALUE.has(flag) ? '' : (given ?? rest[++i]);
    if (value === undefined) return `${flag} says no value`;
    const fault = flagFault(flag, value, names[0], names[1], resources);
    if (fault) return fault;
  }
  if (known.of !== 'kind') return null;
  const [kinds = '', name] = names[0]?.includes('/') ? names[0].split('/') : names;
  for (const kind of kinds.split(',')) {
    if (!Object.hasOwn(KINDS, kind)) return `kubectl knows no kind "${kind}" here`;
    const there = resources.some((one) => one.kind === KINDS[kind] && one.metadata.name === name);
    // A job that a CronJob starts has its name, and a number.
    const started = kind === 'job' && resources.some((one) => one.kind === 'CronJob' && name?.startsWith(one.metadata.name)); // prettier-ignore
    if (name !== undefined && !there && !started) return `there is no ${kind} "${name}"`;
  }
  return null;
}

function flagFault(
  flag: string,
  value: string,
  kind: string | undefined,
  name: string | undefined,
  resources: readonly Resource[],
): string | null {
  if (flag === '-l') {
    const [label, wanted] = value.split('=');
    const has = JSON.stringify(resources).includes(`"${label}":"${wanted}"`);
    return has || OTHER_PODS.includes(value) ? null : `no pod has the label ${value}`;
  }
  if (flag === '--from') {
    const [, from] = value.split('/');
    const there = resources.some((one) => one.kind === 'CronJob' && one.metadata.name === from);
    return there ? null : `there is no cronjob "${from}"`;
  }
  if (flag !== '-p') return null;
  const patched = resources.find((one) => one.kind === KINDS[kind!] && one.metadata.name === name);
  const { spec } = JSON.parse(value) as { spec: object };
  const unknown = Object.keys(spec).find((field) => !(field in (patched?.spec ?? {})) && field !== 'suspend'); // prettier-ignore
  return unknown === undefined ? null : `a ${kind} has no field "${unknown}"`;
}
