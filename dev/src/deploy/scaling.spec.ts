import { PLATFORMS, scraperDurable } from '@cliptally/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DEPLOY, promtool } from '../operations/programs.js';

interface Trigger {
  type: string;
  metadata: { query: string; threshold: string; ignoreNullValues: string };
}
const { spec } = parse(readFileSync(`${DEPLOY}k8s/components/keda/scaled-object.yaml`, 'utf8')) as {
  spec: { triggers: Trigger[]; fallback: { replicas: number }; maxReplicaCount: number };
};

describe('what scales the scraper', () => {
  it('asks for the lag of each durable, and without figures for no more replicas', () => {
    expect(spec.triggers.map(({ type, metadata }) => [type, metadata.ignoreNullValues])).toEqual(
      PLATFORMS.map(() => ['prometheus', 'true']),
    );
    for (const [i, platform] of PLATFORMS.entries())
      expect(spec.triggers[i]!.metadata.query).toContain(`consumer="${scraperDurable(platform)}"`);
    expect(spec.fallback.replicas).toBeLessThan(spec.maxReplicaCount);
  });

  (promtool ? describe : describe.skip)('by promtool [needs promtool]', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cliptally-scaling-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const { query } = spec.triggers[0]!.metadata;
    const pending = (instance: string) =>
      `cliptally_consumer_pending{consumer="scraper-tiktok", instance="${instance}"}`;
    const underWay = pending('a').replace('pending', 'ack_pending');

    it.each([
      [
        'a durable that is not made yet has no lag, whatever the stream holds',
        [{ series: 'cliptally_stream_messages{stream="CLIPTALLY"}', values: '1000000x20' }],
        [],
      ],
      [
        'what waits and what is under way is the lag',
        [
          { series: pending('a'), values: '100x20' },
          { series: underWay, values: '50x20' },
        ],
        [150],
      ],
      [
        'two replicas of the monitor do not double it',
        [
          { series: pending('a'), values: '100x20' },
          { series: pending('b'), values: '90x20' },
          { series: underWay, values: '50x20' },
        ],
        [150],
      ],
      [
        'a figure that is no longer given is not remembered for more than five minutes',
        [
          { series: pending('a'), values: '9000x9 _x11' },
          { series: underWay, values: '50x9 _x11' },
        ],
        [],
      ],
    ])('%s', (_, input_series, samples) => {
      const file = join(folder, 'test.json');
      const exp_samples = samples.map((value) => ({ labels: '{}', value }));
      const promql_expr_test = [{ expr: query, eval_time: '15m', exp_samples }];
      const tests = [{ interval: '1m', input_series, promql_expr_test }];
      writeFileSync(file, JSON.stringify({ tests }));
      const { status, stdout, stderr } = spawnSync(promtool!, ['test', 'rules', file], {
        encoding: 'utf8',
      });
      expect({ status, output: stdout + stderr }).toMatchObject({ status: 0 });
    });
  });
});
