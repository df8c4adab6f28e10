import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import { DEPLOY, type Rule } from '../programs.js';

export interface UnitTest {
  name: string;
  promql_expr_test: { expr: string; exp_samples?: unknown[] }[];
}

const HEADINGS = ['What it means', 'What to check first', 'What to do', 'When it is over'];
const SEVERITIES = ['critical', 'warning', 'info', 'none'];

/** An alert says how bad it is, whose it is and what to do; `page` is its runbook. */
export function checkAlert(
  name: string,
  rule: Pick<Rule, 'labels' | 'annotations'>,
  page: string,
): void {
  expect(SEVERITIES).toContain(rule.labels['severity']);
  expect(rule.labels['service']).toBeTruthy();
  expect(rule.labels['topic']).toBeTruthy();
  expect(rule.annotations['summary']).toBeTruthy();
  expect(rule.annotations['description']).toBeTruthy();
  expect(rule.annotations['cost']).toBeTruthy();
  // A page begins with what is lost and what makes it worse: both are read in the first seconds.
  const [, ifNobodyActs, notToDo] =
    /^# .*\n\n.*\n\nIf nobody acts: (.*)\n\nWhat not to do: (.*)\n\n## /.exec(page) ?? [];
  expect(ifNobodyActs).toBe(rule.annotations['cost']);
  expect(notToDo).toBeTruthy();
  expect(rule.annotations['runbook_url']).toMatch(
    new RegExp(`^\\{\\{ with \\$externalLabels.docs_url .*\\}docs/runbooks/${name}\\.md$`),
  );
  expect([...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(HEADINGS);
  for (const section of page.split(/^## .*$/m).slice(1))
    expect(section.trim().length).toBeGreaterThan(10);
  const dashboard = /grafana_url .*\}d\/cliptally-(\w+)$/.exec(
    rule.annotations['dashboard_url']!,
  )![1];
  expect(existsSync(`${DEPLOY}grafana/dashboards/${dashboard}.json`)).toBe(true);
}

/** Its unit test shows three moments: it does not fire, it fires, it is over. */
export function checkSteps(name: string, unitTests: readonly UnitTest[]): void {
  const steps = unitTests
    .filter((test) => test.name === name)
    .flatMap((test) => test.promql_expr_test);
  const selector = `ALERTS{alertname="${name}", alertstate="firing"}`;
  const firing = name === 'Watchdog' ? [1] : [0, 1, 0];
  expect(steps.map(({ expr, exp_samples = [] }) => [expr, exp_samples.length])).toEqual(
    firing.map((alerts) => [selector, alerts]),
  );
}
