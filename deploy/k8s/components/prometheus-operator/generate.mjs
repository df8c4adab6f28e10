/**
 * Makes prometheus-rule.yaml from deploy/prometheus/rules, so that Prometheus and its operator
 * follow the same rules:
 *   node deploy/k8s/components/prometheus-operator/generate.mjs            writes it
 * node deploy/k8s/components/prometheus-operator/generate.mjs --check fails if it is not what it
 * would write
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

const rules = new URL('../../../prometheus/rules/', import.meta.url);
const target = new URL('prometheus-rule.yaml', import.meta.url);

const files = existsSync(rules) ? readdirSync(rules).filter((name) => name.endsWith('.yml')) : [];
const groups = files
  .toSorted()
  .flatMap((name) => parse(readFileSync(new URL(name, rules), 'utf8')).groups);
const resource = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PrometheusRule',
  metadata: { name: 'cliptally' },
  spec: { groups },
};
const text = `# Made from deploy/prometheus/rules by generate.mjs beside it; change it there.\n${stringify(resource, { lineWidth: 0 })}`;

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
  process.stderr.write(
    'prometheus-rule.yaml is not what the rules make: run node deploy/k8s/components/prometheus-operator/generate.mjs\n',
  );
  process.exitCode = 1;
}
