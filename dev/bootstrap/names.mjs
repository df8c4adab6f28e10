/**
 * For `node --import`: every name under `.chaos.test` leads to this machine, but while the file
 * that CHAOS_NAMES names is there no name does.
 */
import dns from 'node:dns';
import { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const real = dns.lookup;
const broken = process.env['CHAOS_NAMES'];

dns.lookup = (name, ...others) => {
  if (!name?.endsWith('.chaos.test')) return real(name, ...others);
  if (!existsSync(broken)) return real('127.0.0.1', ...others);
  const error = new Error(`getaddrinfo EAI_AGAIN ${name}`);
  const fault = { code: 'EAI_AGAIN', errno: -3001, syscall: 'getaddrinfo', hostname: name };
  process.nextTick(others.at(-1), Object.assign(error, fault));
  return {};
};
syncBuiltinESMExports();
