import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { DEPLOY, alertmanager, alerts, prometheus } from './programs.js';
import { runIncident, type Paging } from './testing/paging-run.js';
import { INCIDENTS, type Incident } from './testing/played-services.js';

const { incidents } = parse(readFileSync(`${DEPLOY}alertmanager/incidents.yml`, 'utf8')) as {
  incidents: { told_by: string; implies: string[] }[];
};

describe('what implies what', () => {
  it('names alerts that there are', () => {
    const names = new Set(alerts.map(({ alert }) => alert));
    const named = incidents.flatMap(({ told_by, implies }) => [told_by, ...implies]);
    expect(named.filter((name) => !names.has(name))).toEqual([]);
  });

  it('has no circle, in which two alerts would silence each other', () => {
    const below = (name: string, seen: readonly string[] = []): string[] =>
      seen.includes(name)
        ? [name]
        : incidents
            .filter(({ told_by }) => told_by === name)
            .flatMap(({ implies }) => implies)
            .flatMap((next) => [next, ...below(next, [...seen, name])]);
    const names = incidents.map(({ told_by }) => told_by);
    expect(names.filter((name) => below(name).includes(name))).toEqual([]);
  });

  it('ends with the cause: it fires for longer than any page that follows from it', () => {
    const seconds = (duration = '0s') =>
      [...duration.matchAll(/(\d+)([hms])/g)].reduce(
        (sum, [, count, unit]) => sum + Number(count) * { h: 3600, m: 60, s: 1 }[unit as 'h'],
        0,
      );
    const firing = new Map(alerts.map((one) => [one.alert, seconds(one.keep_firing_for)]));
    const pages = new Set(alerts.filter((one) => one.labels['severity'] === 'critical').map(({ alert }) => alert)); // prettier-ignore
    const early = incidents.flatMap(({ told_by: cause, implies }) =>
      implies
        .filter((name) => pages.has(name) && firing.get(name)! > 0)
        .filter((name) => firing.get(name)! >= firing.get(cause)!)
        .map((name) => `${cause} ends before ${name}`),
    );
    expect(early).toEqual([]);
  });

  it('is what Alertmanager holds back', () => {
    const script = fileURLToPath(
      new URL('../../../deploy/alertmanager/generate.mjs', import.meta.url),
    );
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

const PAGING = process.env['PAGING'] ?? '';
const SPEED = 8;
const HELD_MINUTES = 40;
const DOCUMENT = fileURLToPath(new URL('../../../docs/operations.md', import.meta.url));

/**
 * A quarter of an hour: `PAGING=all` measures all, or some (`PAGING='NATS, the source'`). It writes
 * their rows of the table of the documentation.
 */
(prometheus && alertmanager && PAGING ? describe : describe.skip)(
  'an incident pages once [needs prometheus, alertmanager and PAGING=all, or names]',
  () => {
    const measured: Paging[] = [];
    const chosen = INCIDENTS.filter(
      (incident) => PAGING === 'all' || PAGING.split(', ').includes(incident),
    );
    const runs = new Map<Incident, Promise<Paging>>();
    beforeAll(() => {
      for (const incident of chosen) {
        const run = runIncident(incident, HELD_MINUTES, SPEED);
        // Each test waits for its own.
        run.catch(() => {});
        runs.set(incident, run);
      }
    });
    afterAll(() => {
      writeRows(measured);
    });

    it.each(chosen)(
      '%s',
      async (incident) => {
        const paging = await runs.get(incident)!;
        measured.push(paging);
        expect(paging.pages).toHaveLength(1);
        expect(paging.minutesToPage).toBeLessThanOrEqual(6);
        expect(paging.minutesToResolve).toBeLessThanOrEqual(10);
      },
      3_600_000,
    );
  },
);

function writeRows(measured: readonly Paging[]): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  // Other tables have rows of the same names.
  const [begin, end] = [text.indexOf('<!-- paging -->'), text.indexOf('<!-- end of paging -->')];
  let table = text.slice(begin, end);
  for (const { incident, minutesToPage, pages, minutesToResolve } of measured) {
    const row = `| ${incident} | ${minutesToPage.toFixed(1)} | ${pages.length}: \`${pages.join('`, `')}\` | ${minutesToResolve.toFixed(1)} |`;
    const before = new RegExp(`^\\| ${incident} \\| [^\\n]* \\|$`, 'm');
    table = table.replace(before, () => row);
  }
  writeFileSync(DOCUMENT, text.slice(0, begin) + table + text.slice(end));
}
