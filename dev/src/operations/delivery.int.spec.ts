import { outcomeId, streams, type EventData } from '@cliptally/contracts';
import { freePort, until } from '@cliptally/dev/servers';
import { deployedPrometheus } from './testing/deployed-prometheus.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEPLOY,
  alertmanager,
  amtool,
  prometheus,
  ready,
  startAlertmanager,
  startPrometheus,
  type Server,
} from './programs.js';
import { startAlertWorld, type AlertWorld } from './testing/alert-world.js';
import { alertmanagerConfiguration } from './testing/receivers.js';

/** What each receiver was sent, newest last. */
const received: Record<string, Record<string, unknown>[]> = {
  slack: [],
  discord: [],
  webhook: [],
  watchdog: [],
};

/** As it is deployed, but sent at once. */
const atOnce = (receivers: string): string =>
  alertmanagerConfiguration(receivers)
    .replaceAll(/group_wait: .*/g, 'group_wait: 1s')
    .replaceAll(/group_interval: .*/g, 'group_interval: 2s');

(amtool ? describe : describe.skip)('who gets an alert, by amtool [needs amtool]', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-routes-'));
  const file = join(folder, 'alertmanager.yml');
  beforeAll(() => writeFileSync(file, atOnce('http://127.0.0.1:9')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is well-formed', () => {
    const { status, stdout } = spawnSync(amtool!, ['check-config', file], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('SUCCESS') });
  });

  it.each([
    ['on-call', 'alertname=SuccessRateCritical', 'severity=critical'],
    ['chat', 'alertname=SuccessRateLow', 'severity=warning'],
    ['news', 'alertname=UsageHigh', 'severity=info'],
    ['watchdog', 'alertname=Watchdog', 'severity=none'],
    ['chat', 'alertname=Unheard', 'severity=unheard'],
  ])('is %s for %s with %s', (receiver, ...labels) => {
    const args = [
      'config',
      'routes',
      'test',
      `--config.file=${file}`,
      `--verify.receivers=${receiver}`,
      ...labels,
    ];
    const { status, stdout } = spawnSync(amtool!, args, { encoding: 'utf8' });
    expect({ status, stdout: stdout.trim() }).toEqual({ status: 0, stdout: receiver });
  });
});

(prometheus && alertmanager ? describe : describe.skip)(
  'success falls [needs prometheus and alertmanager]',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'cliptally-alerts-'));
    const servers: Server[] = [];
    let world: AlertWorld;
    let receivers: HttpServer;
    let alerting: string;

    beforeAll(async () => {
      world = await startAlertWorld();
      receivers = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          received[request.url!.slice(1)]?.push(JSON.parse(body) as Record<string, unknown>);
          response.writeHead(200).end('ok');
        });
      });
      await new Promise<void>((resolve) => receivers.listen(0, '127.0.0.1', resolve));
      const { port } = receivers.address() as { port: number };
      writeFileSync(join(folder, 'alertmanager.yml'), atOnce(`http://127.0.0.1:${port}`));
      const [alertPort, queryPort] = [await freePort(), await freePort()];
      alerting = `http://127.0.0.1:${alertPort}`;
      servers.push(startAlertmanager(folder, alertPort));
      await ready(`${alerting}/-/ready`);
      cpSync(`${DEPLOY}prometheus`, join(folder, 'prometheus'), { recursive: true });
      const rulesFolder = join(folder, 'prometheus/rules/');
      for (const name of readdirSync(rulesFolder)) {
        const text = readFileSync(rulesFolder + name, 'utf8');
        writeFileSync(
          rulesFolder + name,
          text.replaceAll('[1h]', '[20s]').replaceAll(/for: [\dhms]+/g, 'for: 0s'),
        );
      }
      const configuration = deployedPrometheus(folder)
        .replaceAll('15s', '1s')
        .replace('# docs_url: https://git.your-company.example', 'docs_url: https://git.test')
        // TargetDown would silence ratios: every service answers, here with the monitor's own
        // metrics.
        .replaceAll(/(monitor|earnings|scraper|relay):\d+/g, new URL(world.monitor.url).host)
        .replace('localhost:9090', `127.0.0.1:${queryPort}`)
        .replaceAll('alertmanager:9093', `127.0.0.1:${alertPort}`);
      writeFileSync(join(folder, 'prometheus/prometheus.yml'), configuration);
      servers.push(
        startPrometheus(
          folder,
          `${folder}/prometheus/prometheus.yml`,
          queryPort,
          '--rules.alert.resend-delay=5s',
        ),
      );
      await ready(`http://127.0.0.1:${queryPort}/-/ready`);
      await until('a first scrape', async () => {
        const answer = await fetch(
          `http://127.0.0.1:${queryPort}/api/v1/query?query=cliptally_looks_total`,
        );
        return ((await answer.json()) as { data: { result: unknown[] } }).data.result.length > 0;
      });
    });
    afterAll(async () => {
      for (const server of servers) await server.stop();
      receivers?.closeAllConnections();
      receivers?.close();
      await world?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const outcomes = async (recorded: number, failed: number) => {
      const now = world.now();
      const ofOutcome = (): Pick<
        EventData<'ScrapeFailed'>,
        'clipId' | 'platform' | 'requestId' | 'runId' | 'source' | 'costMicroUsd'
      > => ({
        clipId: 'x-1',
        platform: 'x',
        requestId: randomUUID(),
        runId: 'r',
        source: 'apify',
        costMicroUsd: 0,
      });
      const events = Array.from({ length: recorded + failed }, (_, i) => {
      const outcome = ofOutcome();
      return i < recorded
        ? world.made('ViewsRecorded', { ...outcome, views: 1, metric: 'views', observedAt: now.toISOString(), cached: false }, outcomeId(outcome.requestId))
        : world.made('ScrapeFailed', { ...outcome, reason: 'blocked', retryable: true, attempts: 3 }, outcomeId(outcome.requestId));
    }); // prettier-ignore
      await world.append(streams.clip('x-1'), ...events);
    };
    const text = (messages: Record<string, unknown>[]) =>
      messages.map((message) => JSON.stringify(message));
    const find = (name: string, ...parts: string[]) =>
      text(received[name]!).find((message) => parts.every((part) => message.includes(part)));

    it('and people get it, in the form of each receiver, and again when it is over', async () => {
      await outcomes(5, 95);
      const slack = await until('Slack', async () =>
        find('slack', 'CRITICAL: SuccessRateCritical (scraper)'),
      );
      const discord = await until('Discord', async () =>
        find('discord', 'CRITICAL: SuccessRateCritical (scraper)'),
      );
      const webhook = await until('the webhook', async () =>
        find('webhook', '"alertname":"SuccessRateCritical"', '"status":"firing"'),
      );
      expect(JSON.parse(slack)).toMatchObject({
        channel: '#cliptally',
        attachments: [
          {
            color: 'danger',
            title_link: 'https://git.test/cliptally/blob/main/docs/runbooks/SuccessRateCritical.md',
          },
        ],
      });
      expect(slack).toContain('Dashboard: http://localhost:3000/d/cliptally-operations');
      expect(slack).toContain('5% of the last scrapes succeeded');
      expect(JSON.parse(discord)).toMatchObject({
        embeds: [{ title: 'CRITICAL: SuccessRateCritical (scraper)' }],
      });
      expect(JSON.parse(webhook)).toMatchObject({ receiver: 'on-call' });
      await until('the watchdog', async () => find('watchdog', '"alertname":"Watchdog"'));

      // The milder alert of one topic is not sent beside the graver one.
      const inhibited = await until('SuccessRateLow', async () => {
        const answer = await fetch(
          `${alerting}/api/v2/alerts?filter=alertname%3D%22SuccessRateLow%22`,
        );
        return ((await answer.json()) as { status: { inhibitedBy: string[] } }[])[0];
      });
      expect(inhibited.status.inhibitedBy).toHaveLength(1);

      await outcomes(2_000, 0);
      await until('the end in Slack', async () =>
        find('slack', 'RESOLVED: SuccessRateCritical (scraper)', '"color":"good"'),
      );
      await until('the end in Discord', async () =>
        find('discord', 'RESOLVED: SuccessRateCritical (scraper)'),
      );
    }, 900_000);
  },
);
