/**
 * Loaded into a service before it starts: names lead where an attacker says, who answers each
 * look-up anew, and platforms are a server of the attack. Nothing reaches the network.
 */
import dns, { type LookupAddress } from 'node:dns';
import promised from 'node:dns/promises';
import { appendFileSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { isIP, type LookupFunction } from 'node:net';

export interface ForeignNetwork {
  /** Addresses of each name by look-up; the last answer stays. */
  names: Record<string, string[][]>;
  /** Whose site is at this port of this machine, over HTTP. */
  sites: Record<string, number>;
}

/** A folder with the network as an attack wants it, and what was asked for. */
const folder = process.env['FOREIGN_NETWORK']!;
const now = () => JSON.parse(readFileSync(`${folder}/network`, 'utf8')) as ForeignNetwork;
const lookups = new Map<string, number>();

function answerFor(name: string): LookupAddress[] | null {
  const answers = now().names[name];
  if (!answers) return null;
  const nth = lookups.get(name) ?? 0;
  lookups.set(name, nth + 1);
  const addresses = answers[Math.min(nth, answers.length - 1)]!;
  return addresses.map((address) => ({ address, family: isIP(address) }));
}

const [ask, askSoon] = [dns.lookup, promised.lookup];
promised.lookup = (async (name: string, options: object) =>
  answerFor(name) ?? askSoon(name, options)) as typeof promised.lookup;
/** Who does not say the address itself gets it from here. */
const unpinned: LookupFunction = (name, options, done) => {
  const found = answerFor(name);
  if (found) done(null, found);
  else ask(name, { ...options, all: true }, done as never);
};

https.request = ((url: URL, options: RequestOptions) => {
  const { lookup = unpinned, method, headers, signal, agent, maxHeaderSize } = options;
  lookup(url.hostname, { all: true }, (_, found) => {
    const addresses = (found as LookupAddress[]).map(({ address }) => address);
    appendFileSync(`${folder}/asked`, `${url.href} at ${addresses.join()}\n`);
  });
  const there = { host: '127.0.0.1', port: now().sites[url.hostname] ?? 9, path: url.pathname + url.search }; // prettier-ignore
  return http.request({ ...there, method, headers, signal, agent, maxHeaderSize } as RequestOptions); // prettier-ignore
}) as typeof https.request;
syncBuiltinESMExports();
