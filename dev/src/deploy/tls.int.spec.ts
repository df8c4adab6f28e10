import { testNats } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './testing/docker.js';

/** As a service connects, in a process of its own: Node reads its authorities when it starts. */
const CONNECT = `
  import { connectNats } from '${root}libs/messaging/dist/index.js';
  const nats = await connectNats(process.env.NATS_URL, 'test').catch((error) => console.log(error.message));
  if (nats) console.log(nats.connection.info.tls_required ? 'encrypted' : 'plain');
  await nats?.connection.close();
`;

const withOpenssl = spawnSync('openssl', ['version']).status === 0 ? describe : describe.skip;

withOpenssl('NATS with TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  let server: Awaited<ReturnType<typeof testNats>>;

  beforeAll(async () => {
    const subject = ['-subj', '/CN=nats', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject],
      { stdio: 'ignore' },
    ); // prettier-ignore
    server = await testNats({ more: `tls { cert_file: "${cert}", key_file: "${key}" }` });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const connect = async (more: Record<string, string>) => {
    const env = {
      ...process.env,
      NATS_URL: `tls://localhost:${new URL(server.url).port}`,
      ...more,
    };
    const args = ['--input-type=module', '--eval', CONNECT];
    return (await promisify(execFile)(process.execPath, args, { env })).stdout.trim();
  };

  it('is reached with the authority that NODE_EXTRA_CA_CERTS names', async () => {
    expect(await connect({ NODE_EXTRA_CA_CERTS: cert })).toBe('encrypted');
  });

  it('is not believed without it', async () => {
    expect(await connect({ NODE_EXTRA_CA_CERTS: '' })).toMatch(/self-signed certificate/);
  });
});
