import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { docker, dockerLane } from './testing/docker.js';
import { freePort } from '../servers/index.js';

/**
 * Needs TEST_DOCKER=1, an engine, and the images that docker-compose.yml names but for Grafana's.
 */
const [lane, reason] = dockerLane('compose');
const JWT_SECRET = 'a-secret-of-this-test-with-more-than-32-characters';
const PARTS = [
  'postgres',
  'nats',
  'migrate',
  'relay',
  'scheduler',
  'scraper',
  'earnings',
  'monitor',
  'apify-stand-in',
  'prometheus',
  'alertmanager',
];

lane(`docker compose${reason}`, () => {
  let env: Record<string, string>;
  let files: string[] = [];
  const compose = (...args: string[]) =>
    docker(
      [
        'compose',
        '--project-name',
        'cliptally-test',
        '--env-file',
        '.env.example',
        ...files.flatMap((file) => ['--file', file]),
        '--profile',
        'stand-in',
        ...args,
      ],
      env,
    );
  const up = () =>
    compose('up', '--detach', '--wait', '--wait-timeout', '180', '--no-build', ...PARTS);
  const down = () => compose('down', '--volumes', '--timeout', '5');

  beforeAll(async () => {
    const [page, api, prometheus, alertmanager] = await Promise.all([
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
    env = {
      PAGE_PORT: String(page),
      API_PORT: String(api),
      PROMETHEUS_PORT: String(prometheus),
      ALERTMANAGER_PORT: String(alertmanager),
      CLIPTALLY_VERSION: 'test',
      INTERVAL: '1m',
      JWT_SECRET,
      METRICS_TOKEN: 'a token of the tests, for metrics',
      TAX_PROFILE_KEYS: `test:${Buffer.alloc(32, 1).toString('base64')}`,
      PERSONAL_DATA_KEYS: `test:${Buffer.alloc(32, 2).toString('base64')}`,
    };
    // A run that was killed leaves its volumes, and this one would find its campaign in them.
    await down();
    await compose('build');
    await up();
  }, 900_000);
  afterAll(down);

  const tokenOfAdmin = () =>
    new SignJWT({ role: 'admin' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('test')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(Buffer.from(JWT_SECRET));
  const page = async (path: string) => {
    const headers = { authorization: `Bearer ${await tokenOfAdmin()}` };
    return (await fetch(`http://127.0.0.1:${env['PAGE_PORT']}${path}`, { headers })).text();
  };
  const status = async () => JSON.parse(await page('/status')) as { last24h: { recorded: number } };
  async function api<T>(method: string, path: string, body?: object): Promise<T> {
    const token = await tokenOfAdmin();
    const response = await fetch(`http://127.0.0.1:${env['API_PORT']}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }
  const inDatabase = (sql: string) =>
    compose('exec', '-T', 'postgres', 'psql', '-U', 'cliptally', '-d', 'cliptally', '-Atc', sql);
  const submit = async (video: string) => {
    const clip = await api<{ clipId: string }>('POST', '/clips', {
      url: `https://www.youtube.com/shorts/${video}`,
      campaignId: 'test',
      creatorId: 'ann',
    });
    await api('POST', `/clips/${clip.clipId}/approve`, {});
    await until(
      `a scrape of ${clip.clipId}`,
      async () =>
        (await inDatabase(
          `select count(*) from events where stream = 'clip-${clip.clipId}' and type = 'ViewsRecorded'`,
        )) === '1',
    );
  };

  it('leads to a working page with no further step', async () => {
    expect(await page('/')).toContain('<html');
    expect(await page('/status')).toContain('"status"');
  });

  it('runs one cycle: a clip is chosen, scraped, and earns', async () => {
    const start = new Date(Date.now() - 86_400_000).toISOString();
    await api('POST', '/campaigns', {
      campaignId: 'test',
      name: 'Test',
      currency: 'USD',
      budget: 100_000_00,
      ratePerThousand: { default: 100 },
      startsAt: start,
    });
    await submit('aaaaaaaaaa1');
    await until('the outcome on the page', async () => (await status()).last24h.recorded >= 1);
  });

  it('goes on after a service and NATS were killed', async () => {
    const before = await compose('ps', '--format', '{{.Name}}', 'scraper', 'nats');
    await docker(['kill', '--signal', 'KILL', ...before.split('\n')]);
    // Docker does not start again what was killed by hand; a fault of the process itself it does.
    await up();
    await submit('aaaaaaaaaa2');
  });

  it('keeps everything over down and up', async () => {
    const facts = () =>
      inDatabase('select count(*), max(position) from events where type <> $$TrackingRunStarted$$');
    const before = await facts();
    await compose('down', '--timeout', '20');
    await up();
    expect((await facts()).split('|')[0]).toBe(before.split('|')[0]);
    await until(
      'the page to know the scrapes of before',
      async () => (await status()).last24h.recorded >= 2,
    );
  });

  it('goes on with TLS on the same data, and PostgreSQL takes nothing else then', async () => {
    files = ['docker-compose.yml', 'docker-compose.tls.yml'];
    await compose('up', '--detach', '--wait', '--wait-timeout', '180', '--no-build', ...PARTS);
    await submit('aaaaaaaaaa3');
    const sessions = await inDatabase(
      'select usename, bool_and(ssl) from pg_stat_activity join pg_stat_ssl using (pid) where client_addr is not null group by 1 order by 1',
    );
    // The scheduler has one at its slots only.
    for (const role of ['earnings', 'monitor', 'relay', 'scraper'])
      expect(sessions.split('\n')).toContain(`${role}|t`);
    expect(sessions).not.toContain('|f');
    const plain = 'postgres://earnings:for-a-try-earnings@postgres/cliptally?sslmode=disable';
    await expect(
      compose('exec', '-T', 'postgres', 'psql', plain, '-c', 'select 1'),
    ).rejects.toThrow(/no encryption/);
    // A service that is to speak plainly does not start.
    await expect(
      compose('run', '--rm', '--no-deps', '-e', 'NATS_URL=nats://relay:x@nats:4222', 'relay'),
    ).rejects.toThrow(/NATS_URL would send passwords/);
  });

  it('lets no service write to its own files or gain rights', async () => {
    expect(
      await compose(
        'exec',
        '-T',
        'relay',
        'sh',
        '-c',
        'id -u; touch /app/x 2>/dev/null || echo refused; grep NoNewPrivs /proc/1/status',
      ),
    ).toMatch(/^1000\nrefused\nNoNewPrivs:\t1$/);
  });
});
