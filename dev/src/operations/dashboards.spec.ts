import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { DASHBOARDS, dashboardJson } from './dashboards.js';
import { DEPLOY, metricsIn } from './programs.js';

interface Dashboard {
  editable: boolean;
  templating: { list: { name: string; type: string }[] };
  panels: {
    title: string;
    description: string;
    datasource: { uid: string };
    fieldConfig: { defaults: { unit?: string } };
    targets: { expr: string; legendFormat: string; datasource: { uid: string } }[];
  }[];
}

const FOLDER = `${DEPLOY}grafana/dashboards/`;
/** `UPDATE_DASHBOARDS=1 npm test -- operations/dashboards` writes them anew. */
if (process.env['UPDATE_DASHBOARDS'])
  for (const name of Object.keys(DASHBOARDS))
    writeFileSync(`${FOLDER}${name}.json`, dashboardJson(name));

it('there is a file for each dashboard, and no other', () => {
  expect(readdirSync(FOLDER).filter((file) => file.endsWith('.json')).toSorted()).toEqual(Object.keys(DASHBOARDS).map((name) => `${name}.json`).toSorted()); // prettier-ignore
});

// What grafana/dashboard-linter checks.
describe.each(Object.keys(DASHBOARDS))('the dashboard %s', (name) => {
  const text = readFileSync(`${FOLDER}${name}.json`, 'utf8');
  const dashboard = JSON.parse(text) as Dashboard;

  it('is as its source says', () => {
    expect(text).toBe(dashboardJson(name));
  });

  it('cannot be edited by hand, and lets one choose source, job and instance', () => {
    expect(dashboard.editable).toBe(false);
    expect(dashboard.templating.list.map((variable) => [variable.name, variable.type])).toEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query'],
    ]);
  });

  it('has panels with title, description, unit and data source, and queries that heed the variables', () => {
    expect(new Set(dashboard.panels.map(({ title }) => title)).size).toBe(dashboard.panels.length);
    for (const { title, description, datasource, fieldConfig, targets } of dashboard.panels) {
      expect([title, Boolean(description), fieldConfig.defaults.unit, datasource.uid]).toEqual([
        title,
        true,
        expect.any(String),
        '$datasource',
      ]);
      expect(targets.length).toBeGreaterThan(0);
      for (const { expr, legendFormat, datasource: own } of targets) {
        expect([own.uid, Boolean(legendFormat)]).toEqual(['$datasource', true]);
        const selectors = [...expr.matchAll(/\{[^}]*\}/g)].map(([selector]) => selector);
        expect(selectors.length).toBe([...expr.matchAll(/\b(cliptally|process)_\w+/g)].length);
        for (const selector of selectors)
          expect(selector).toContain('job=~"$job", instance=~"$instance"');
        // Counters are rated over the interval that Grafana asks for, and only then aggregated.
        for (const metric of metricsIn(expr))
          if (/_(total|bucket|count)$/.test(metric))
            expect(expr).toMatch(
              new RegExp(`rate\\(${metric}\\{[^}]*\\}\\[\\$__rate_interval\\]\\)`),
            );
        expect(expr).not.toMatch(/rate\((sum|max)/);
      }
    }
  });
});
