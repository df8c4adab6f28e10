import { DOMAIN_METRICS } from '@cliptally/monitor';
import { afterAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { routesOf } from '../../../services/earnings/src/http/routes.js';
import { API_CONTROLLERS } from '../../../services/earnings/src/http/application.js';
import { alerts, metricsIn, promtool, type Rule } from '../operations/programs.js';
import { checkAlert, checkSteps, type UnitTest } from '../operations/testing/alert-checks.js';
import { blocks } from './testing/blocks.js';

const [ruleText, testText, page] = blocks
  .filter(({ file }) => file === 'alert.spec.ts')
  .map(({ text }) => text);
const [rule] = parse(ruleText!) as [Rule & { alert: string }];
const unitTests = parse(testText!) as UnitTest[];

describe('the recipe of an alert', () => {
  it('says how bad it is, whose it is and what to do, as every alert', () => {
    checkAlert(rule.alert, rule, page!);
    expect(page).toMatch(
      new RegExp(
        `^# ${rule.alert}\n\n${rule.annotations['summary']}. Severity: ${rule.labels['severity']}.\n`,
      ),
    );
  });

  it('has a unit test of the three moments', () => {
    checkSteps(rule.alert, unitTests);
  });

  it('has a name of its own, and asks for metrics that there are', () => {
    expect(alerts.map(({ alert }) => alert)).not.toContain(rule.alert);
    const exported = DOMAIN_METRICS.map(({ name }) => name);
    expect([...metricsIn(rule.expr)].filter((name) => !exported.includes(name))).toEqual([]);
  });

  it('names routes that there are', () => {
    const routes = routesOf(API_CONTROLLERS).map(
      ({ method, path }) => `${method.toUpperCase()} ${path.replace(/\{\w+\}|:\w+/g, '<id>')}`,
    );
    const named = [...page!.matchAll(/`((?:GET|POST) [^`?]+)[^`]*`/g)].map(([, route]) => route);
    expect(named).toHaveLength(3);
    expect(named.filter((route) => !routes.includes(route!))).toEqual([]);
  });
});

(promtool ? describe : describe.skip)('the recipe of an alert by promtool [needs promtool]', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-recipe-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const tested = (changed: object) => {
    writeFileSync(
      join(folder, 'rules.yml'),
      stringify({ groups: [{ name: 'recipe', rules: [{ ...rule, ...changed }] }] }),
    );
    writeFileSync(
      join(folder, 'tests.yml'),
      stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests: unitTests }),
    );
    return spawnSync(promtool!, ['test', 'rules', join(folder, 'tests.yml')], { encoding: 'utf8' });
  };

  it('passes its test, which a broken rule does not', () => {
    const { status, stdout, stderr } = tested({});
    expect([status, stdout + stderr]).toEqual([0, expect.not.stringContaining('FAILED')]);
    expect(tested({ expr: 'vector(1)' }).status).toBe(1);
    expect(tested({ for: '4d' }).status).toBe(1);
  });
});
