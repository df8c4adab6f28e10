import { earningsProjection } from '@cliptally/earnings';
import { DOMAIN_METRICS, monitorProjection } from '@cliptally/monitor';
import { schedulerProjection } from '@cliptally/scheduler';
import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { routesOf } from '../../../services/earnings/src/http/routes.js';
import { runCli } from '@cliptally/cli';
import { JOB_NAME, slotOfJob } from '../../../services/scheduler/src/slot.js';
import { API_CONTROLLERS } from '../../../services/earnings/src/http/application.js';
import { RUNBOOKS, rules } from './programs.js';
import { deployedResources, kubectlFault } from './testing/kubectl.js';
import { natsFault } from './testing/nats-command.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PROJECTIONS = [earningsProjection, monitorProjection, schedulerProjection];
const deployed = deployedResources();
const text = (path: string) => readFileSync(ROOT + path, 'utf8');

/** What stands in backticks, page by page. */
const spans = readdirSync(RUNBOOKS).flatMap((page) =>
  [...readFileSync(RUNBOOKS + page, 'utf8').matchAll(/`([^`]+)`/g)].map(([, span]) => ({
    page,
    span: span!,
  })),
);
const of = (pattern: RegExp) =>
  spans
    // How a kind of command is run, and no command.
    .filter(({ span }) => pattern.test(span) && !/^(npm run \w+ --|nats|select) \.\.\.$/.test(span))
    .map(({ page, span }) => [page, span] as const);

describe('in the runbooks', () => {
  it.each(of(/^(GET|POST) /))('%s: %s is a route', (_, span) => {
    const [method, url] = span.replace(/<[^>]+>/g, '<>').split(/[ ?]/) as [string, string];
    // The monitor's own, and Apify's.
    const others = ['GET /status', 'GET /v2/users/me/limits'];
    const routes = routesOf(API_CONTROLLERS).map(
      (route) => `${route.method.toUpperCase()} ${route.path.replace(/:\w+|\{\w+\}/g, '<>')}`,
    );
    expect([...others, ...routes]).toContain(`${method} ${url}`);
  });

  it.each(of(/^npm /))('%s: %s is a command', async (_, span) => {
    const [, script, words = ''] = /^npm (?:run )?(\S+)(?: -- (.*))?$/.exec(span)!;
    expect(
      Object.keys((JSON.parse(text('package.json')) as { scripts: object }).scripts),
    ).toContain(script);
    const [command = '', argument = ''] = words.split(' ');
    if (script === 'rebuild')
      expect(['<projection>', ...PROJECTIONS.map(({ name }) => name)]).toContain(command);
    if (script === 'events')
      expect(
        ['events', 'skips', 'archive'].map((name) => text(`tools/ops/src/${name}.ts`)).join(''),
      ).toMatch(new RegExp(`^  '?${command}'?: \\[`, 'm'));
    if (script === 'test')
      expect(
        globSync(`**/src/**/*${command}*.spec.ts`, { cwd: ROOT, exclude: ['node_modules'] }),
      ).not.toEqual([]);
    if (script !== 'cliptally') return;
    let said = '';
    const hear = (part: string) => void (said += part);
    const stop = new AbortController();
    expect(
      await runCli([command, argument, '--help'], {
        env: {},
        out: hear,
        err: hear,
        live: false,
        signal: stop.signal,
      }),
    ).toBe(0);
    expect(said).toContain(`Usage: npm run cliptally -- ${command} ${argument}`);
  });

  it.each(of(/^cliptally[_:]/))('%s: %s is a metric', (_, span) => {
    const [name] = /^[\w:]+/.exec(span)!;
    const named = [
      ...DOMAIN_METRICS.map((metric) => metric.name),
      ...rules.map(({ record }) => record),
    ];
    const sources = () => globSync('{libs,services}/*/src/**/*.ts', { cwd: ROOT }).map(text);
    expect(named.includes(name) || sources().some((source) => source.includes(`'${name}'`))).toBe(
      true,
    );
  });

  it.each(of(/^(services|libs|deploy|docs)\/|^node /))('%s: %s is a file', (_, span) => {
    const path = span.replace(/^node /, '').split(' ')[0]!;
    // A program is built from the source of its name.
    expect([
      path,
      existsSync(ROOT + path.replace('/dist/', '/src/').replace(/\.js$/, '.ts')),
    ]).toEqual([path, true]);
  });

  it.each(of(/^docker compose/))('%s: %s names services that there are', (_, span) => {
    const { services } = parse(text('docker-compose.yml')) as { services: object };
    const [, , , ...names] = span.split(' ');
    // `run --rm migrate events ...`: a command of the operators' image.
    const service = names.filter((name) => !name.startsWith('-') && name !== '...')[0];
    for (const name of service === undefined ? [] : [service])
      expect(Object.keys(services)).toContain(name);
  });

  it.each(of(/^kubectl /))('%s: %s names what is deployed', (_, span) => {
    expect(kubectlFault(span, deployed)).toBeNull();
  });

  it.each([
    ['kubectl get pod -l app.kubernetes.io/name=scrapers', 'no pod has the label'],
    ['kubectl get cronjob nobody', 'there is no cronjob "nobody"'],
    ['kubectl get pods -l', 'says no value'],
    ['kubectl get widgets', 'knows no kind "widgets"'],
    ['kubectl restart deployment scraper', 'knows no verb "restart"'],
    ['kubectl get pods --tail=20', 'takes no --tail'],
    [`kubectl patch cronjob scheduler -p '{"spec":{"paused":true}}'`, 'has no field "paused"'],
    ['kubectl exec job/scheduler -- node x.js', 'has no file "x.js"'],
  ])('%s would be noticed', (command, fault) => {
    expect(kubectlFault(command, deployed)).toContain(fault);
  });

  it.each(of(/^nats /))('%s: %s asks what its user may ask', (_, span) => {
    expect(natsFault(span)).toBeNull();
  });

  it.each([
    ['nats stream info CLIPTALLY', 'names no user'],
    [
      'nats --user monitor --inbox-prefix _INBOX_monitor stream rm CLIPTALLY --force',
      'may not ask',
    ],
    ['nats --user migrate stream info CLIPTALLY', 'receives answers on'],
    ['nats --user migrate --inbox-prefix _INBOX_migrate stream rm CLIPTALLY', '--force'],
  ])('%s would be noticed', (command, fault) => {
    expect(natsFault(command)).toContain(fault);
  });

  it.each(of(/^kubectl create job --from=cronjob\/scheduler/))(
    '%s: %s gives its job a name that the scheduler takes',
    (_, span) => {
      const { stdout } = spawnSync('bash', ['-c', `kubectl() { echo "\${@: -1}"; }; ${span}`], {
        encoding: 'utf8',
      });
      expect(stdout.trim()).toMatch(JOB_NAME);
      const age = Date.now() - slotOfJob(stdout.trim()).getTime();
      expect(Math.abs(age)).toBeLessThan(10 * 60_000);
    },
  );
});
