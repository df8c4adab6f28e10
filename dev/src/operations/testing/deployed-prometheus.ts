import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEPLOY } from '../programs.js';

/** The configuration of Prometheus, with a token file in `folder` in place of its container's. */
export function deployedPrometheus(folder: string): string {
  const token = join(folder, 'metrics-token');
  writeFileSync(token, 'a token');
  return readFileSync(`${DEPLOY}prometheus/prometheus.yml`, 'utf8').replaceAll(
    '/tmp/metrics-token',
    token,
  );
}
