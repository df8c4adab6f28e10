import {
  outcomeId,
  derivedId,
  identifyClip,
  newEvent,
  streams,
  type NewEvent,
  type Platform,
} from '@cliptally/contracts';
import { freePort, until } from '@cliptally/dev/servers';
import { PostgresEventStore } from '@cliptally/event-store';
import { deployedPrometheus } from './testing/deployed-prometheus.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { startServices, type Services, type Standing } from '../e2e/testing/services.js';
import { sampleClip } from '../world/sample-world.js';
import {
  DEPLOY,
  alertmanager,
  prometheus,
  ready,
  rules,
  selectorsIn,
  startAlertmanager,
  startPrometheus,
  type Server,
} from './programs.js';

interface Dashboard {
  uid: string;
  templating: { list: { name: string; query: unknown; allValue?: string }[] };
  panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
}
interface Job {
  job_name: string;
  static_configs: { targets: string[] }[];
  metric_relabel_configs?: object[];
}

const FOLDER = `${DEPLOY}grafana/dashboards/`;
const dashboards = readdirSync(FOLDER).map(
  (file) => JSON.parse(readFileSync(FOLDER + file, 'utf8')) as Dashboard,
);
/** Clips of every platform, by one creator; the first of them no source finds. */
const CLIPS = Array.from({ length: 10 }, (_, n) => {
  const { platform, videoId } = identifyClip(sampleClip(n).url) as {
    platform: Platform;
    videoId: string;
  };
  return { url: sampleClip(n).url, platform, videoId, clipId: `${platform}-${videoId}` };
});
/** What only Kubernetes and cert-manager export, or a blackbox exporter. */
const FROM_KUBERNETES = /^(kube|kubelet|certmanager|probe)_/;
const RECORDED = new Set(rules.map(({ record }) => record));
/** The metric that the jobs `broken-...` export under another name. */
const BROKEN = 'cliptally_looks_total';

(prometheus && alertmanager ? describe : describe.skip)(
  'every panel over living services [needs prometheus and alertmanager]',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'cliptally-panels-'));
    const begin = Date.now() / 1000;
    const servers: Server[] = [];
    let services: Services;
    let address: string;

    const ask = async (path: string): Promise<unknown> => {
      const answer = (await (await fetch(address + path)).json()) as {
        status: string;
        data: unknown;
        error?: string;
      };
      if (answer.status !== 'success') throw new Error(answer.error);
      return answer.data;
    };
    /**
     * Whether the expression has given a number at any moment since the beginning, as a panel would
     * draw it.
     */
    async function drawn(expression: string): Promise<boolean> {
      const now = Date.now() / 1000;
      const query = new URLSearchParams({
        query: expression,
        start: String(begin),
        end: String(now),
        step: '1',
      });
      const { result } = (await ask(`/api/v1/query_range?${query}`)) as {
        result: { values: [number, string][] }[];
      };
      return result.some(({ values }) =>
        values.some(([, value]) => Number.isFinite(Number(value))),
      );
    }

    /**
     * Queries of panels that draw nothing, with the variables as Grafana fills them in for these
     * jobs.
     */
    async function emptyPanels(
      of: readonly Dashboard[],
      jobs = 'monitor|earnings|scraper|relay',
    ): Promise<string[]> {
      const empty: string[] = [];
      for (const { uid, panels, templating } of of)
        for (const { title, targets } of panels)
          for (const { expr, legendFormat } of targets) {
            const instance = templating.list.find(({ name }) => name === 'instance')!.allValue!;
            const query = expr
              .replaceAll('$job', jobs)
              .replaceAll('$instance', instance)
              .replaceAll('$__rate_interval', '20s');
            if (!(await drawn(query).catch(() => false)))
              empty.push(`${uid}: ${title}: ${legendFormat}`);
          }
      return empty;
    }

    /** What rules ask for and nobody exports. */
    async function unheard(of: readonly { expr: string }[]): Promise<string[]> {
      const selectors = new Set(of.flatMap(({ expr }) => [...selectorsIn(expr)]));
      const missing: string[] = [];
      for (const selector of selectors) {
        const [name] = /^[\w:]+/.exec(selector)!;
        // What rules record may have no value while all is well; what it is made of has one.
        if (FROM_KUBERNETES.test(name) || RECORDED.has(name)) continue;
        if (!(await drawn(selector))) missing.push(selector);
      }
      return missing;
    }

    /**
     * What is still missing in the end. A figure of a figure is a turn of scraping and evaluating
     * behind what it is made of.
     */
    async function inTheEnd(missing: () => Promise<string[]>): Promise<string[]> {
      let left = await missing();
      const nothing = async () => (left = await missing()).length === 0;
      // What is left says more than that something is.
      if (left.length > 0) await until('what is missing', nothing).catch(() => {});
      return left;
    }

    beforeAll(async () => {
      const missing = CLIPS[0]!;
      services = await startServices({
        speed: 720,
        faults: [{ kind: 'row', ids: [missing.videoId], does: 'error' }],
        environment: { LOG_LIMIT_GB: '20' },
      });
      const [queryPort, alertPort] = [await freePort(), await freePort()];
      address = `http://127.0.0.1:${queryPort}`;
      writeFileSync(
        join(folder, 'alertmanager.yml'),
        stringify({ route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] }),
      );
      writeFileSync(join(folder, 'prometheus.yml'), stringify(configuration(queryPort, alertPort)));
      servers.push(
        startAlertmanager(folder, alertPort),
        startPrometheus(folder, `${folder}/prometheus.yml`, queryPort),
      );
      await ready(`${address}/-/ready`);
      // Counters must have been seen before they grow, or nothing seems to happen.
      await until('a scrape of every target', async () => {
        const { result } = (await ask('/api/v1/query?query=count(up==1)')) as {
          result: { value: [number, string] }[];
        };
        return result[0]?.value[1] === String(6 + 4);
      });
      await feed(services);
      await until('a scrape of what was earned', () =>
        drawn('cliptally_book_minor_units{kind="paid", service="monitor"} > 0'),
      );
      await until('a scrape of the batches', () => drawn('cliptally:scrape_seconds:p95_1h'));
    });
    afterAll(async () => {
      for (const server of servers) await server.stop();
      await services?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /**
     * As deployed, but quick and with addresses from here; and each service once more with one
     * metric of another name.
     */
    function configuration(queryPort: number, alertPort: number): object {
      const addressOf: Record<string, number> = {
        ...services.ports,
        prometheus: queryPort,
        alertmanager: alertPort,
      };
      const deployed = parse(deployedPrometheus(folder)) as {
        scrape_configs: Job[];
      };
      const jobs = deployed.scrape_configs.map((job): Job => {
        const port = addressOf[job.job_name];
        if (!port) throw new Error(`Nobody answers for the job ${job.job_name}`);
        return { ...job, static_configs: [{ targets: [`127.0.0.1:${port}`] }] };
      });
      const rename = {
        source_labels: ['__name__'],
        regex: BROKEN,
        target_label: '__name__',
        replacement: `${BROKEN}_renamed`,
      };
      const broken = jobs.filter(({ job_name }) => job_name in services.ports);
      return {
        ...deployed,
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: [`${DEPLOY}prometheus/rules/*.yml`],
        alerting: {
          alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertPort}`] }] }],
        },
        scrape_configs: [
          ...jobs,
          ...broken.map((job) => ({
            ...job,
            job_name: `broken-${job.job_name}`,
            metric_relabel_configs: [rename],
          })),
        ],
      };
    }

    it('draws something for each of its queries', async () => {
      expect(dashboards.flatMap(({ panels }) => panels).length).toBeGreaterThan(30);
      expect(await inTheEnd(() => emptyPanels(dashboards))).toEqual([]);
    });

    it('offers the jobs and instances that there are', async () => {
      for (const { templating } of dashboards)
        expect(templating.list.slice(1).map(({ query }) => query)).toEqual([
          'label_values(up, job)',
          'label_values(up{job=~"$job"}, instance)',
        ]);
      const jobs = (await ask(`/api/v1/label/job/values?match[]=up`)) as Standing[];
      expect(jobs).toEqual(expect.arrayContaining(Object.keys(services.ports)));
    });

    it('has rules that Prometheus evaluates without a fault', async () => {
      const { groups } = (await ask('/api/v1/rules')) as {
        groups: { rules: { name: string; health: string; lastError?: string }[] }[];
      };
      const evaluated = groups.flatMap((group) => group.rules);
      expect(evaluated).toHaveLength(rules.length);
      expect(evaluated.filter(({ health }) => health !== 'ok')).toEqual([]);
    });

    it('has rules that ask for what is exported alone', async () => {
      expect(await inTheEnd(() => unheard(rules))).toEqual([]);
    });

    describe('catches', () => {
      it('a metric that a service exports under another name', async () => {
        const own = await emptyPanels(dashboards, 'broken-.+');
        const asking = dashboards.flatMap(({ uid, panels }) =>
          panels.flatMap(({ title, targets }) =>
            targets
              .filter(({ expr }) => expr.includes(BROKEN))
              .map(({ legendFormat }) => `${uid}: ${title}: ${legendFormat}`),
          ),
        );
        expect(asking.length).toBeGreaterThan(0);
        expect(own).toEqual(asking);
      });

      it('an alert that asks for a metric, or for a value of a label, that there is not', async () => {
        const [alert] = rules.filter(({ alert }) => alert === 'DeadLetters');
        const broken = [
          alert!.expr.replace('cliptally_failing_clips', 'cliptally_failed_clips'),
          alert!.expr.replace('dead_letter', 'dead'),
        ];
        expect(await unheard(broken.map((expr) => ({ expr })))).toEqual([
          'cliptally_failed_clips{reason="dead_letter"}',
          'cliptally_failing_clips{reason="dead"}',
        ]);
      });

      it('a panel with a fault in its query, or in its matchers', async () => {
        const { expr } = dashboards[0]!.panels[0]!.targets[0]!;
        const panels = [expr.replace('max', 'max by'), expr.replace('job=~', 'jobs=~'), expr].map(
          (broken, i) => ({
            title: String(i),
            targets: [{ expr: broken, legendFormat: 'x' }],
          }),
        );
        expect(await emptyPanels([{ ...dashboards[0]!, uid: 'd', panels }])).toEqual([
          'd: 0: x',
          'd: 1: x',
        ]);
      });
    });
  },
);

/**
 * A campaign, clips of every platform, a run over them, a dead letter, a hold, a
 * reversal and a payout.
 */
async function feed(services: Services): Promise<void> {
  const { clock } = services;
  const startsAt = new Date(clock.now().getTime() - 3_600_000).toISOString();
  const terms = {
    currency: 'USD',
    budget: 90_000_000_000,
    ratePerThousand: { default: 150 },
    trackingDays: 30,
    validationDays: 0,
    // The clips are older than the campaign.
    oldPosts: 'count',
    startsAt,
  };
  await services.post('/campaigns', { campaignId: 'one', brandId: 'acme', name: 'One', ...terms });
  for (const { url, clipId } of CLIPS) {
    await services.post('/clips', { url, campaignId: 'one', creatorId: 'ines' });
    await services.post(`/clips/${clipId}/approve`, { campaignId: 'one' });
  }
  await services.run();
  const held = CLIPS.at(-1)!.clipId;
  const balance = async () => {
    const answer = await fetch(services.url('earnings', '/creators/ines/balance'), {
      headers: { authorization: `Bearer ${services.tokens.admin}` },
    });
    return JSON.stringify(await answer.json());
  };
  await services.until('earnings', async () =>
    (await balance()).match(/"available":[1-9]/) ? true : undefined,
  );
  await services.post(`/clips/${held}/hold`, { campaignId: 'one', reason: 'suspicious' });
  const { payoutId } = await services.post('/payouts', {
    creatorId: 'ines',
    currency: 'USD',
    amount: 1,
  });
  await services.post(`/payouts/${payoutId as string}/approve`, {});
  await services.post(`/payouts/${payoutId as string}/paid`, { externalReference: 'tr_1' });

  const { clipId, platform } = CLIPS[1]!;
  const requestId = derivedId('dead letter', clipId);
  const outcome = { clipId, platform, requestId, runId: 'none', source: 'apify', costMicroUsd: 0 };
  const deadLetter = newEvent('ScrapeFailed', outcomeId(requestId), { ...outcome, reason: 'dead_letter', retryable: true, attempts: 10 }, {
    time: clock.now(),
    correlationId: requestId,
    causationId: requestId,
  }); // prettier-ignore
  const store = new PostgresEventStore({ url: services.database.url });
  await store.append(streams.clip(clipId), [deadLetter as NewEvent], 'any');
  await store.close();
}
