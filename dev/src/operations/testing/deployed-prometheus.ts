import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEPLOY } from '../programs.js';

/** The configuration of Prometheus, with a file in `folder` for the token that its container has. */
export function deployedPrometheus(folder: string): string {
  const token = join(folder, 'metrics-token');
  writeFileSync(token, 'a token');
  return readFileSync(`${DEPLOY}prometheus/prometheus.yml`, 'utf8').replaceAll(
    '/tmp/metrics-token',
    token,
  );
}
