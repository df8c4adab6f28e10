import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { until } from '../servers/index.js';

export const DEPLOY = fileURLToPath(new URL('../../../deploy/', import.meta.url));
export const RUNBOOKS = fileURLToPath(new URL('../../../docs/runbooks/', import.meta.url));

/** Debian calls Alertmanager by a longer name than everybody else. */
const there = (...names: string[]) =>
  names.find((name) => spawnSync(name, ['--version']).error === undefined) ?? null;
export const promtool = there('promtool');
export const prometheus = there('prometheus');
export const amtool = there('amtool');
export const alertmanager = there('alertmanager', 'prometheus-alertmanager');

export interface Rule {
  group: string;
  alert?: string;
  record?: string;
  keep_firing_for?: string;
  expr: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

const filesOf = (folder: string) =>
  readdirSync(DEPLOY + folder).filter((file) => file.endsWith('.yml'));

/** Every rule of deploy/prometheus/rules. */
export const rules: Rule[] = filesOf('prometheus/rules').flatMap((file) =>
  (
    parse(readFileSync(`${DEPLOY}prometheus/rules/${file}`, 'utf8')) as {
      groups: { rules: Partial<Rule>[] }[];
    }
  ).groups.flatMap((group) =>
    group.rules.map((rule) => ({
      labels: {},
      annotations: {},
      expr: '',
      ...rule,
      group: file.replace('.yml', ''),
    })),
  ),
);
export const alerts = rules.filter(
  (rule): rule is Rule & { alert: string } => rule.alert !== undefined,
);

/**
 * Names of metrics that expressions speak of: words that are followed by no call and that no label
 * list or grouping contains.
 */
export function metricsIn(expression: string): Set<string> {
  const bare = expression
    .replace(/"[^"]*"/g, '""')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const words = [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\s*\()/g)].filter(([word], i, all) => {
    const after = bare.slice(all[i]!.index + word.length);
    return !/^[\w:]/.test(after) && !/^\s*\(/.test(after);
  });
  const operators = new Set([
    'and',
    'or',
    'unless',
    'bool',
    'offset',
    'inf',
    'nan',
    'm',
    's',
    'h',
    'd',
  ]);
  return new Set(
    words
      .map(([word]) => word)
      .filter((word) => !operators.has(word.toLowerCase()) && /[_:]|^up$/.test(word)),
  );
}

/** What an expression asks for, metric by metric, each with its matchers. */
export function selectorsIn(expression: string): Set<string> {
  const names = metricsIn(expression);
  const all = expression.matchAll(/([a-zA-Z_:][\w:]*)(?:\{[^}]*\})?/g);
  return new Set([...all].filter(([, name]) => names.has(name!)).map(([selector]) => selector));
}

/** A server that is ended with the test. */
export class Server {
  readonly #child: ChildProcess;
  output = '';

  constructor(program: string, args: string[]) {
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-10_000));
    this.#child.stdout!.on('data', keep);
    this.#child.stderr!.on('data', keep);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** Alertmanager by the `alertmanager.yml` of the folder, where it also keeps its data. */
export const startAlertmanager = (folder: string, port: number): Server =>
  new Server(alertmanager!, [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/alertmanager`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]);

/** Prometheus by a configuration, with its data in the folder. */
export const startPrometheus = (
  folder: string,
  configuration: string,
  port: number,
  ...more: string[]
): Server =>
  new Server(prometheus!, [
    `--config.file=${configuration}`,
    `--storage.tsdb.path=${folder}/tsdb`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...more,
  ]);

export const ready = (url: string) => until(url, async () => (await fetch(url)).ok);
