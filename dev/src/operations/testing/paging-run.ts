import { freePort, until } from '@cliptally/dev/servers';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEPLOY, ready, startAlertmanager, startPrometheus } from '../programs.js';
import { alertmanagerConfiguration } from './receivers.js';
import { JOBS, PlayedServices, type Incident } from './played-services.js';

/** What came of an incident; times in minutes of the services' clock. */
export interface Paging {
  incident: Incident;
  /** Alerts that paged somebody, in order. */
  pages: string[];
  minutesToPage: number;
  minutesToResolve: number;
}

/** Longer than any part of a run takes. */
const LONG = { withinMs: 1_800_000 };

interface Page {
  alert: string;
  status: 'firing' | 'resolved';
  at: number;
}

const UNIT = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
/** Every duration of a rule or a route, so much shorter. */
const faster = (text: string, speed: number): string =>
  text.replace(
    /(\[|for: |offset |group_wait: |_interval: |_timeout: )(\d+)([smhd])\b/g,
    (_, before: string, count: string, unit: keyof typeof UNIT) =>
      `${before}${Math.max(1, Math.round((Number(count) * UNIT[unit] * 1_000) / speed))}ms`,
  );

/**
 * Breaks one thing for `holdMinutes` and mends it, with Prometheus and Alertmanager as they are
 * deployed but for their speed, over services that are played.
 */
export async function runIncident(
  incident: Incident,
  holdMinutes: number,
  speed: number,
): Promise<Paging> {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-paging-'));
  const services = new PlayedServices(speed);
  const pages: Page[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      // Only those who are on call have this receiver.
      if (request.url === '/webhook') {
        const sent = JSON.parse(body) as Omit<Page, 'at'> & {
          commonLabels: { alertname: string };
        };
        pages.push({
          alert: sent.commonLabels.alertname,
          status: sent.status,
          at: services.now(),
        });
      }
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const target = await services.listen();
  const [alertPort, queryPort] = [await freePort(), await freePort()];
  const to = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  writeFileSync(join(folder, 'alertmanager.yml'), faster(alertmanagerConfiguration(to), speed));
  cpSync(`${DEPLOY}prometheus/rules`, join(folder, 'rules'), { recursive: true });
  for (const name of readdirSync(join(folder, 'rules'))) {
    const path = join(folder, 'rules', name);
    writeFileSync(path, faster(readFileSync(path, 'utf8'), speed));
  }
  const every = `${Math.round(15_000 / speed)}ms`;
  const configuration = {
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    rule_files: [join(folder, 'rules/*.yml')],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertPort}`] }] }],
    },
    scrape_configs: JOBS.map((job) => ({
      job_name: job,
      metrics_path: `/${job}`,
      static_configs: [{ targets: [`127.0.0.1:${target}`] }],
    })),
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(configuration));
  const alerting = startAlertmanager(folder, alertPort);
  await ready(`http://127.0.0.1:${alertPort}/-/ready`);
  const querying = startPrometheus(
    folder,
    join(folder, 'prometheus.yml'),
    queryPort,
    `--rules.alert.resend-delay=${Math.round(60_000 / speed)}ms`,
    `--query.lookback-delta=${Math.round(300_000 / speed)}ms`,
  );
  const passed = (minutes: number, from: number) =>
    until(`${minutes} minutes of the played clock`, () => services.now() >= from + minutes, LONG);
  try {
    await ready(`http://127.0.0.1:${queryPort}/-/ready`);
    // Windows of ten minutes are full of what goes well, and nothing but the watchdog fires.
    await passed(12, services.now());
    await until(
      'all to be well',
      async () => {
        const answer = await fetch(`http://127.0.0.1:${queryPort}/api/v1/alerts`);
        const { data } = (await answer.json()) as { data: { alerts: unknown[] } };
        return data.alerts.length === 1;
      },
      LONG,
    );
    // A start under load may have been slow.
    await passed(3, services.now());
    pages.length = 0;
    services.begin(incident);
    const begun = services.now();
    await passed(holdMinutes, begun);
    const fired = [
      ...new Set(pages.filter(({ status }) => status === 'firing').map(({ alert }) => alert)),
    ];
    services.heal();
    const healed = services.now();
    const [first] = pages;
    if (!first) throw new Error(`Nobody was paged: ${querying.output.slice(-500)}`);
    const over = await until(
      'the page to be over',
      () => pages.findLast(({ alert, status }) => alert === first.alert && status === 'resolved'),
      LONG,
    );
    // What the inhibition held back must not come when its cause has gone.
    await passed(6, services.now());
    const all = [
      ...new Set(pages.filter(({ status }) => status === 'firing').map(({ alert }) => alert)),
    ];
    return {
      incident,
      pages: [...new Set([...fired, ...all])],
      minutesToPage: first.at - services.shown(incident),
      minutesToResolve: over.at - healed,
    };
  } finally {
    await querying.stop();
    await alerting.stop();
    services.close();
    receiver.closeAllConnections();
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
