import { testDatabase, type TestDatabase } from '@cliptally/dev/servers';
import { earningsProjection } from '@cliptally/earnings';
import { PostgresEventStore, openPool } from '@cliptally/event-store';
import { prepareProjection } from '@cliptally/messaging';
import { DOMAIN_METRICS, monitorProjection } from '@cliptally/monitor';
import { schedulerProjection } from '@cliptally/scheduler';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import { parse } from 'yaml';
import { routesOf } from '../../../services/earnings/src/http/routes.js';
import { runCli } from '@cliptally/cli';
import { JOB_NAME, slotOfJob } from '../../../services/scheduler/src/slot.js';
import { API_CONTROLLERS } from '../../../services/earnings/src/http/application.js';
import { RUNBOOKS, rules } from './programs.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PROJECTIONS = [earningsProjection, monitorProjection, schedulerProjection];
const text = (path: string) => readFileSync(ROOT + path, 'utf8');

/** What stands in backticks, page by page. */
const spans = readdirSync(RUNBOOKS).flatMap((page) =>
  [...readFileSync(RUNBOOKS + page, 'utf8').matchAll(/`([^`]+)`/g)].map(([, span]) => ({
    page,
    span: span!,
  })),
);
const of = (pattern: RegExp) =>
  spans.filter(({ span }) => pattern.test(span)).map(({ page, span }) => [page, span] as const);

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
    if (script === 'rebuild') expect(PROJECTIONS.map(({ name }) => name)).toContain(command);
    if (script === 'events')
      expect(text('tools/ops/src/events.ts')).toMatch(new RegExp(`^  '?${command}'?: \\[`, 'm'));
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
    for (const name of names) expect(Object.keys(services)).toContain(name);
  });

  it.each(of(/^kubectl .*(cronjob|job|app\.kubernetes\.io)/))(
    '%s: %s names what is deployed',
    (_, span) => {
      const deployed = globSync('deploy/k8s/**/*.yaml', { cwd: ROOT }).map(text).join('\n');
      for (const [, name] of span.matchAll(/(?:cronjob[ /]|kubernetes\.io\/name=)([a-z-]+)/g))
        expect(deployed).toMatch(new RegExp(`name: ${name}\\b`));
    },
  );

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

  describe('the queries', () => {
    let database: TestDatabase;
    let pool: Pool;
    beforeAll(async () => {
      database = await testDatabase();
      pool = openPool(database.url, 'test', 1);
      await PostgresEventStore.migrate(database.url);
      for (const projection of PROJECTIONS)
        await prepareProjection(projection, pool, { kind: 'postgres' });
    });
    afterAll(async () => {
      await pool.end();
      await database.drop();
    });

    it.each(of(/^select /))('%s: %s', async (_, span) => {
      await expect(pool.query(span.replace(/<[a-z]+>/g, '1'))).resolves.toBeDefined();
    });
  });
});
