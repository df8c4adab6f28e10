import {
  startPostgres,
  testNats,
  until as untilSo,
  type RunningPostgres,
} from '@cliptally/dev/servers';
import { developmentTokens } from '@cliptally/earnings';
import { openEventStore } from '@cliptally/event-store';
import { systemClock } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../servers/ports.js';
import { hasLastRelease, lastRelease } from '../last-release.js';
import { ServiceProcess } from '../service-process.js';
import { expectSound } from './testing/sound.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const reason = hasLastRelease ? '' : ' [needs the commit of the last release in the git history]';

/** Old and new pods stand side by side for some minutes of every rollout, on one log. */
(hasLastRelease ? describe : describe.skip)(`the last release beside this one${reason}`, () => {
  const secret = randomBytes(32).toString('hex');
  const processes: ServiceProcess[] = [];
  // Roles belong to a whole server, and other tests make the same ones.
  let database: RunningPostgres;
  const dataDir = mkdtempSync(join(tmpdir(), 'cliptally-upgrade-'));
  let nats: Awaited<ReturnType<typeof testNats>>;
  let token: string;
  let release: string;
  beforeAll(async () => {
    [database, nats] = await Promise.all([startPostgres({ dataDir }), testNats()]);
    token = (await developmentTokens(secret, systemClock)).admin;
    release = `${await lastRelease()}/`;
  });
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.end('SIGKILL')));
    await nats?.stop();
    await database?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const said = () => processes.map((one) => `${one.service}: ${one.output}`).join('\n');
  const until = <T>(what: string, ask: () => T | Promise<T>) => untilSo(what, ask, { said });
  const environment = () => ({
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    JWT_SECRET: secret,
    PREFUNDING: 'off',
  });

  function migrate(folder: string): void {
    const passwords = Object.fromEntries(
      ['RELAY', 'SCHEDULER', 'SCRAPER', 'EARNINGS', 'MONITOR'].map((role) => [`${role}_PASSWORD`, 'a-password']),
    ); // prettier-ignore
    const done = spawnSync(process.execPath, [`${folder}tools/ops/dist/main.js`, 'migrate'], {
      env: { PATH: process.env['PATH'], ...environment(), ...passwords },
      encoding: 'utf8',
    });
    expect({ status: done.status, said: done.stderr }).toEqual({ status: 0, said: '' });
  }

  interface Running {
    url: string;
    process: ServiceProcess;
    ready: () => Promise<boolean>;
  }
  async function start(name: string, folder: string): Promise<Running> {
    const port = await freePort();
    const own = { ...environment(), PORT: String(port) };
    const process = new ServiceProcess(name, own, [], undefined, folder);
    processes.push(process);
    process.start();
    const url = `http://127.0.0.1:${port}`;
    const ready = () => fetch(`${url}/readyz`).then(({ status }) => status === 200, () => false); // prettier-ignore
    return { url, process, ready };
  }
  const ask = async ({ url }: Running, path: string, body?: object) => {
    const response = await fetch(url + path, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect({ path, text, ok: response.ok }).toMatchObject({ ok: true });
    return JSON.parse(text) as Record<string, any>; // eslint-disable-line
  };
  let clips = 0;
  /** A campaign with a clip that is approved: a write of several streams, and a read of it. */
  async function decide(api: Running, campaignId: string): Promise<string> {
    const terms = { name: campaignId, currency: 'USD', budget: 1_000_000, ratePerThousand: { default: 100 }, startsAt: '2026-01-01T00:00:00Z' }; // prettier-ignore
    await ask(api, '/campaigns', { campaignId, brandId: 'acme', ...terms });
    const url = `https://www.youtube.com/watch?v=${String(++clips).padStart(11, 'u')}`;
    const { clipId } = await ask(api, '/clips', { url, campaignId, creatorId: 'ann' });
    await ask(api, `/clips/${clipId}/approve`, { campaignId });
    return clipId as string;
  }

  it('goes on while this one migrates and starts; each reads what the other wrote; then this one takes over', async () => {
    migrate(release);
    const old = {
      relay: await start('relay', release),
      earnings: await start('earnings', release),
      monitor: await start('monitor', release),
    };
    for (const one of Object.values(old)) await until('the last release to be ready', one.ready);
    const before = await decide(old.earnings, 'before');

    // The migration comes first, beside running services; then the new pods.
    migrate(ROOT);
    const meanwhile = await decide(old.earnings, 'meanwhile');
    const now = {
      relay: await start('relay', ROOT),
      earnings: await start('earnings', ROOT),
      monitor: await start('monitor', ROOT),
    };
    await until('this release to answer', () => fetch(`${now.earnings.url}/healthz`).then(({ ok }) => ok || undefined, () => undefined)); // prettier-ignore
    for (const one of Object.values(old)) expect(await one.ready()).toBe(true);
    const beside = await decide(old.earnings, 'beside');

    // Old pods end one after the other, as a rollout ends them.
    for (const one of Object.values(old)) expect(await one.process.end('SIGTERM')).toBe(0);
    for (const one of Object.values(now)) await until('this release to be ready', one.ready);
    const after = await decide(now.earnings, 'after');
    for (const clipId of [before, meanwhile, beside, after])
      expect(await ask(now.earnings, `/clips/${clipId}`)).toMatchObject({
        clipId,
        campaigns: [{ status: 'APPROVED' }],
      });

    // Going back: the images of the last release on what this one wrote.
    const back = await start('earnings', release);
    expect(await now.earnings.process.end('SIGTERM')).toBe(0);
    await until('the last release to be ready again', back.ready);
    expect(await ask(back, `/clips/${after}`)).toMatchObject({ clipId: after });
    await decide(back, 'back');

    const store = await openEventStore({ databaseUrl: database.url, connections: 1 });
    try {
      const { events } = await expectSound(store);
      // Five times a launch, a submission and an approval: nothing was written twice.
      expect(events).toBe(15);
    } finally {
      await store.close();
    }
  });
});
