import { PostgresEventStore } from '@cliptally/event-store';
import { startPostgres, testNats } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { root } from './testing/docker.js';

/** As a service connects, in a process of its own: Node reads its authorities when it starts. */
const CONNECT = `
  import { connectNats } from '${root}libs/messaging/dist/index.js';
  const nats = await connectNats(process.env.NATS_URL, 'test').catch((error) => console.log(error.message));
  if (nats) console.log(nats.connection.info.tls_required ? 'encrypted' : 'plain');
  await nats?.connection.close();
`;

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const withOpenssl = hasOpenssl ? describe : describe.skip;

/** An authority, and a certificate that it has signed for one host alone. */
function certified(folder: string, host = 'localhost') {
  const ca = join(folder, 'ca.pem');
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...ec, '-days', '2', '-subj', '/CN=an authority', '-keyout', `${ca}.key`, '-out', ca); // prettier-ignore
  openssl('req', ...ec, '-subj', `/CN=${host}`, '-keyout', key, '-out', `${cert}.csr`);
  writeFileSync(`${cert}.ext`, `subjectAltName=DNS:${host}`);
  openssl('x509', '-req', '-in', `${cert}.csr`, '-CA', ca, '-CAkey', `${ca}.key`, '-CAcreateserial', '-days', '2', '-extfile', `${cert}.ext`, '-out', cert); // prettier-ignore
  return { ca, key, cert };
}

withOpenssl(`TLS${hasOpenssl ? '' : ' [needs openssl]'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-tls-'));
  const other = mkdtempSync(join(tmpdir(), 'cliptally-tls-'));
  const { ca, key, cert } = certified(folder);
  const remove = async (one: string) => rmSync(one, { recursive: true, force: true });
  const closers: (() => Promise<void>)[] = [() => remove(folder), () => remove(other)];
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  describe('to NATS', () => {
    const started = async (of: { key: string; cert: string }) => {
      const more = `tls { cert_file: "${of.cert}", key_file: "${of.key}" }`;
      const server = await testNats({ more });
      closers.push(() => server.stop());
      return new URL(server.url).port;
    };
    let port: string;
    beforeAll(async () => {
      port = await started({ key, cert });
    });
    const connect = async (NODE_EXTRA_CA_CERTS: string, at = port) => {
      const env = { ...process.env, NATS_URL: `tls://localhost:${at}`, NODE_EXTRA_CA_CERTS };
      const args = ['--input-type=module', '--eval', CONNECT];
      return (await promisify(execFile)(process.execPath, args, { env })).stdout.trim();
    };

    it('is reached with the authority that NODE_EXTRA_CA_CERTS names', async () => {
      expect(await connect(ca)).toBe('encrypted');
    });
    it('is not believed without it, or with a certificate of another host', async () => {
      expect(await connect('')).toMatch(/unable to verify|self-signed/);
      const elsewhere = certified(other, 'nats.example');
      expect(await connect(elsewhere.ca, await started(elsewhere))).toMatch(/altnames/);
    });
  });

  describe('to PostgreSQL', () => {
    let plain: URL;
    const asked = (host: string, authority: string) => {
      const url = Object.assign(new URL(plain), { hostname: host });
      url.search = `?sslmode=verify-full&sslrootcert=${authority}`;
      return url.href;
    };
    /** What was said of the server while it knew no TLS. */
    let beforeTls: string;
    const migrated = (url: string): Promise<unknown> => PostgresEventStore.migrate(url);

    beforeAll(async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-tls-pg-'));
      const postgres = await startPostgres({ dataDir, durable: false });
      closers.push(
        () => remove(dataDir),
        () => postgres.stop(),
      );
      plain = new URL(postgres.url);
      beforeTls = await migrated(asked('localhost', ca)).then(() => '', String);
      const data = join(dataDir, 'data');
      for (const [from, name] of [[key, 'tls.key'], [cert, 'tls.crt']] as const) {
        copyFileSync(from, join(data, name));
        const { uid, gid } = statSync(data);
        chownSync(join(data, name), uid, gid);
        chmodSync(join(data, name), 0o600);
      } // prettier-ignore
      const hba = readFileSync(`${root}deploy/postgres/pg_hba.conf`, 'utf8');
      writeFileSync(join(data, 'pg_hba.conf'), hba);
      const owner = new Client({ connectionString: plain.href });
      await owner.connect();
      for (const set of ["ssl_key_file = 'tls.key'", "ssl_cert_file = 'tls.crt'", 'ssl = on'])
        await owner.query(`alter system set ${set}`);
      await owner.query('select pg_reload_conf()');
      await owner.end();
    });

    it('is reached with the authority that sslrootcert names', async () => {
      await migrated(asked('localhost', ca));
      const db = new Client({ connectionString: asked('localhost', ca) });
      await db.connect();
      const { rows } = await db.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      await db.end();
      expect(rows).toEqual([{ ssl: true }]);
    });
    it('is not believed with another authority, or under a name that its certificate lacks', async () => {
      await expect(migrated(asked('localhost', certified(other).ca))).rejects.toThrow(/unable to verify|self-signed|signature/); // prettier-ignore
      await expect(migrated(asked('127.0.0.1', ca))).rejects.toThrow(/altnames|does not match/);
    });
    it('takes nothing in plain text, as it is deployed, nor is it sent any', async () => {
      expect(beforeTls).toMatch(/does not support SSL/);
      await expect(migrated(plain.href)).rejects.toThrow(/no pg_hba.conf entry .* no encryption/);
    });
  });
});
