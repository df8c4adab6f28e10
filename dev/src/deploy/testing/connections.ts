import { readFileSync } from 'node:fs';
import { root } from './docker.js';

/** What docs/operations.md says of connections to PostgreSQL: of each replica, and how many. */
export const CONNECTIONS = [
  ...readFileSync(`${root}docs/operations.md`, 'utf8').matchAll(
    /^\| (relay|scheduler|scraper|earnings|monitor) \| (\d+) \| [^|]+ \| (\d+) \|$/gm,
  ),
].map(([, service, each, replicas]) => ({
  service: service!,
  each: Number(each),
  replicas: Number(replicas),
}));
if (CONNECTIONS.length !== 5)
  throw new Error('docs/operations.md lists connections of five services.');
