import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import {
  GenericContainer,
  Network,
  Wait,
  type StartedNetwork,
  type StartedTestContainer,
} from 'testcontainers';
import { parse } from 'yaml';
import { DEPLOY } from './programs.js';

const wanted = process.env['TEST_IMAGES'] === '1';
const { services } = parse(
  readFileSync(new URL('../../../docker-compose.yml', import.meta.url), 'utf8'),
) as { services: Record<string, { image: string }> };

interface Dashboard {
  uid: string;
  title: string;
  templating: { list: { name: string; allValue?: string }[] };
  panels: { title: string; targets?: { expr: string }[] }[];
}
const dashboards = readdirSync(`${DEPLOY}grafana/dashboards`).map(
  (file) => JSON.parse(readFileSync(`${DEPLOY}grafana/dashboards/${file}`, 'utf8')) as Dashboard,
);

/** The images that are deployed, where they can be pulled: the GitHub workflow does. */
(wanted ? describe : describe.skip)(
  'the dashboards in Grafana itself [needs TEST_IMAGES=1, and images that can be pulled]',
  () => {
    let network: StartedNetwork;
    const started: StartedTestContainer[] = [];
    let url: string;
    beforeAll(async () => {
      network = await new Network().start();
      started.push(
        await new GenericContainer(services['prometheus']!.image)
          .withNetwork(network)
          .withNetworkAliases('prometheus')
          .withExposedPorts(9090)
          .withWaitStrategy(Wait.forHttp('/-/ready', 9090))
          .start(),
      );
      const grafana = await new GenericContainer(services['grafana']!.image)
        .withNetwork(network)
        .withEnvironment({ GF_SECURITY_ADMIN_PASSWORD: 'admin' })
        .withCopyDirectoriesToContainer([
          { source: `${DEPLOY}grafana/provisioning`, target: '/etc/grafana/provisioning' },
          { source: `${DEPLOY}grafana/dashboards`, target: '/var/lib/grafana/dashboards' },
        ])
        .withExposedPorts(3000)
        .withWaitStrategy(Wait.forHttp('/api/health', 3000))
        .start();
      started.push(grafana);
      url = `http://${grafana.getHost()}:${grafana.getMappedPort(3000)}`;
    });
    afterAll(async () => {
      for (const container of started) await container.stop();
      await network?.stop();
    });

    const headers = {
      authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}`,
      'content-type': 'application/json',
    };

    it.each(dashboards)('$title is imported as it is written', async ({ uid, panels }) => {
      const answer = await fetch(`${url}/api/dashboards/uid/${uid}`, { headers });
      expect([uid, answer.status]).toEqual([uid, 200]);
      const { dashboard } = (await answer.json()) as { dashboard: Dashboard };
      expect(dashboard.panels.map(({ title }) => title)).toEqual(panels.map(({ title }) => title));
    });

    it.each(dashboards)('$title asks nothing that Grafana or Prometheus refuses', async (one) => {
      const instance = one.templating.list.find(({ name }) => name === 'instance')!.allValue!;
      const refused: string[] = [];
      for (const { title, targets = [] } of one.panels)
        for (const { expr } of targets) {
          const query = {
            refId: 'A',
            datasource: { uid: 'prometheus' },
            expr: expr.replaceAll('$job', '.+').replaceAll('$instance', instance),
            range: true,
            intervalMs: 15_000,
            maxDataPoints: 100,
          };
          const answer = await fetch(`${url}/api/ds/query`, {
            method: 'POST',
            headers,
            body: JSON.stringify({ from: 'now-1h', to: 'now', queries: [query] }),
          });
          if (!answer.ok) refused.push(`${title}: ${await answer.text()}`);
        }
      expect(refused).toEqual([]);
    });
  },
);
