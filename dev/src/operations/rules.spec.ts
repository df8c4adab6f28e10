import { afterAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DEPLOY, RUNBOOKS, alerts, metricsIn, promtool, rules, selectorsIn } from './programs.js';

interface UnitTest {
  name: string;
  promql_expr_test: { expr: string; exp_samples?: unknown[] }[];
}

const TESTS = `${DEPLOY}prometheus/tests/`;
const unitTests = readdirSync(TESTS).flatMap((file) => (parse(readFileSync(TESTS + file, 'utf8')) as { tests: UnitTest[] }).tests);
const HEADINGS = ['What it means', 'What to check first', 'What to do', 'When it is over'];
const SEVERITIES = ['critical', 'warning', 'info', 'none'];

describe('every alert', () => {
  it.each(alerts.map((rule) => [rule.alert, rule] as const))('%s says how bad it is, whose it is, and what to do', (name, rule) => {
    expect(SEVERITIES).toContain(rule.labels['severity']);
    expect(rule.labels['service']).toBeTruthy();
    expect(rule.labels['topic']).toBeTruthy();
    expect(rule.annotations['summary']).toBeTruthy();
    expect(rule.annotations['description']).toBeTruthy();
    expect(rule.annotations['runbook_url']).toMatch(new RegExp(`^\\{\\{ with \\$externalLabels.docs_url .*\\}docs/runbooks/${name}\\.md$`));
    const page = readFileSync(`${RUNBOOKS}${name}.md`, 'utf8');
    expect([...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(HEADINGS);
    for (const section of page.split(/^## .*$/m).slice(1)) expect(section.trim().length).toBeGreaterThan(10);
    const dashboard = /grafana_url .*\}d\/cliptally-(\w+)$/.exec(rule.annotations['dashboard_url']!)![1];
    expect(existsSync(`${DEPLOY}grafana/dashboards/${dashboard}.json`)).toBe(true);
  });

  it.each(alerts.map(({ alert }) => alert))('%s has a unit test: it does not fire, it fires, it is over', (name) => {
    const steps = unitTests.filter((test) => test.name === name).flatMap((test) => test.promql_expr_test);
    const selector = `ALERTS{alertname="${name}", alertstate="firing"}`;
    expect(steps.map(({ expr, exp_samples = [] }) => [expr, exp_samples.length])).toEqual(
      name === 'Watchdog'
        ? [[selector, 1]]
        : [
            [selector, 0],
            [selector, 1],
            [selector, 0],
          ],
    );
  });

  it('has one page, and no page is without an alert', () => {
    expect(readdirSync(RUNBOOKS).toSorted()).toEqual(['README.md', ...alerts.map(({ alert }) => `${alert}.md`)].toSorted());
  });
});

describe('metrics of an expression', () => {
  it('are the names that are neither calls, labels nor operators', () => {
    const expression = 'max by (a_b) (rate(x_total{c_d="e_f"}[5m])) > on () group_left () y_z offset 5m unless absent(up) and s:t:u < 1e3';
    expect([...metricsIn(expression)]).toEqual(['x_total', 'y_z', 'up', 's:t:u']);
    expect([...selectorsIn(expression)]).toEqual(['x_total{c_d="e_f"}', 'y_z', 'up', 's:t:u']);
  });
});

(promtool ? describe : describe.skip)('rules by promtool [needs promtool]', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-rules-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(promtool!, args, { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  };
  const testFiles = (root: string) => [...new Set(alerts.map(({ group }) => join(root, `prometheus/tests/${group}.yml`)))];

  it('are well-formed, with the configuration around them', () => {
    const { status, output } = run('check', 'config', `${DEPLOY}prometheus/prometheus.yml`);
    expect({ status, output }).toEqual({ status: 0, output: expect.not.stringContaining('FAILED') });
  });

  it('pass their tests', () => {
    const { status, output } = run('test', 'rules', ...readdirSync(TESTS).map((file) => TESTS + file));
    expect({ status, output }).toEqual({ status: 0, output: expect.not.stringContaining('FAILED') });
  });

  // What would a test be worth that goes on passing when its rule is broken?
  it.each([
    ['never fires', () => '(vector(1) > 2)'],
    ['always fires', () => 'vector(1)'],
    [
      'speaks of a metric that does not exist',
      (expr: string) => expr.replace(/\b(cliptally|kube|alertmanager|prometheus)_\w+|\bup\b|cliptally:[\w:]+/g, 'no_such_metric'),
    ],
  ])('are caught, each of them, where its expression %s', (fault, breakIt) => {
    const copy = mkdtempSync(join(folder, 'broken-'));
    cpSync(`${DEPLOY}prometheus`, join(copy, 'prometheus'), { recursive: true });
    for (const group of new Set(alerts.map((rule) => rule.group))) {
      const path = join(copy, `prometheus/rules/${group}.yml`);
      const file = parse(readFileSync(path, 'utf8')) as { groups: { rules: { alert?: string; expr: string }[] }[] };
      for (const rule of file.groups[0]!.rules) if (rule.alert) rule.expr = breakIt(rule.expr);
      writeFileSync(path, JSON.stringify(file));
    }
    const { status, output } = run('test', 'rules', ...testFiles(copy));
    expect(status).toBe(1);
    // The watchdog is vector(1), which cannot be broken in the other two ways.
    const caught = alerts.filter(({ alert }) => alert !== 'Watchdog' || fault === 'never fires');
    expect(caught.filter(({ alert }) => !output.includes(`alertname=\\"${alert}\\"`)).map(({ alert }) => alert)).toEqual([]);
  });
});

it('rules are of one name each', () => {
  const names = rules.map(({ alert, record, labels }) => alert ?? `${record} ${JSON.stringify(labels)}`);
  expect(new Set(names).size).toBe(names.length);
});
