import { afterAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { deployedPrometheus } from './testing/deployed-prometheus.js';
import { DEPLOY, RUNBOOKS, alerts, metricsIn, promtool, rules, selectorsIn } from './programs.js';
import { checkAlert, checkSteps, type UnitTest } from './testing/alert-checks.js';

const TESTS = `${DEPLOY}prometheus/tests/`;
const testsIn = (file: string) =>
  (parse(readFileSync(TESTS + file, 'utf8')) as { tests: UnitTest[] }).tests;
const unitTests = readdirSync(TESTS).flatMap(testsIn);
/** Stories of nights take a minute to evaluate; to break a rule, its own test is enough. */
const OWN = readdirSync(TESTS).filter((file) => !file.startsWith('nights-'));
/** Those of money alone by default: to break them all takes minutes. */
const BROKEN = process.env['EVERY_RULE'] === 'yes' ? OWN : ['money.yml'];
const broken = new Set(BROKEN.flatMap(testsIn).map(({ name }) => name));

describe('every alert', () => {
  it.each(alerts.map((rule) => [rule.alert, rule] as const))(
    '%s says how bad it is, whose it is, and what to do',
    (name, rule) => {
      checkAlert(name, rule, readFileSync(`${RUNBOOKS}${name}.md`, 'utf8'));
    },
  );

  it.each(alerts.map(({ alert }) => alert))(
    '%s has a unit test: it does not fire, it fires, it is over',
    (name) => {
      checkSteps(name, unitTests);
    },
  );

  it('has one page, and no page is without an alert', () => {
    expect(readdirSync(RUNBOOKS).toSorted()).toEqual(
      ['README.md', ...alerts.map(({ alert }) => `${alert}.md`)].toSorted(),
    );
  });
});

describe('metrics of an expression', () => {
  it('are the names that are neither calls, labels nor operators', () => {
    const expression =
      'max by (a_b) (rate(x_total{c_d="e_f"}[5m])) > on () group_left () y_z offset 5m unless absent(up) and s:t:u < 1e3';
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

  it('are well-formed, with the configuration around them', () => {
    const copy = join(folder, 'prometheus');
    cpSync(`${DEPLOY}prometheus`, copy, { recursive: true });
    writeFileSync(join(copy, 'prometheus.yml'), deployedPrometheus(copy));
    const { status, output } = run('check', 'config', join(copy, 'prometheus.yml'));
    expect({ status, output }).toEqual({
      status: 0,
      output: expect.not.stringContaining('FAILED'),
    });
  });

  it('pass their tests', () => {
    const { status, output } = run(
      'test',
      'rules',
      ...readdirSync(TESTS).map((file) => join(TESTS, file)),
    );
    expect({ status, output }).toEqual({
      status: 0,
      output: expect.not.stringContaining('FAILED'),
    });
  });

  (BROKEN.length === OWN.length ? describe : describe.skip)('all of them [needs EVERY_RULE=yes]', () => {
    it('are broken', () => expect(BROKEN).toEqual(OWN));
  }); // prettier-ignore

  // What would a test be worth that goes on passing when its rule is broken?
  it.each([
    ['never fires', () => '(vector(1) > 2)'],
    ['always fires', () => 'vector(1)'],
    [
      'speaks of a metric that does not exist',
      (expr: string) =>
        expr.replace(
          /\b(cliptally|kube|kubelet|certmanager|probe|process|alertmanager|prometheus)_\w+|\bup\b|cliptally:[\w:]+/g,
          'no_such_metric',
        ),
    ],
  ])('are caught, each of them, if its expression %s', (fault, breakIt) => {
    const copy = mkdtempSync(join(folder, 'broken-'));
    cpSync(`${DEPLOY}prometheus`, join(copy, 'prometheus'), { recursive: true });
    for (const group of new Set(alerts.map((rule) => rule.group))) {
      const path = join(copy, `prometheus/rules/${group}.yml`);
      const file = parse(readFileSync(path, 'utf8')) as {
        groups: { rules: { alert?: string; expr: string }[] }[];
      };
      for (const rule of file.groups[0]!.rules) if (rule.alert) rule.expr = breakIt(rule.expr);
      writeFileSync(path, JSON.stringify(file));
    }
    const own = BROKEN.map((file) => join(copy, 'prometheus/tests', file));
    const { status, output } = run('test', 'rules', ...own);
    expect(status).toBe(1);
    // The watchdog is vector(1), which cannot be broken in the other two ways.
    const caught = alerts.filter(
      ({ alert }) => broken.has(alert) && (alert !== 'Watchdog' || fault === 'never fires'),
    );
    expect(
      caught
        .filter(({ alert }) => !output.includes(`alertname=\\"${alert}\\"`))
        .map(({ alert }) => alert),
    ).toEqual([]);
  });
});

it('rules are of one name each', () => {
  const names = rules.map(
    ({ alert, record, labels }) => alert ?? `${record} ${JSON.stringify(labels)}`,
  );
  expect(new Set(names).size).toBe(names.length);
});
