import { formatClock } from '@cliptally/contracts';
import { startMonitor, type MonitorService } from '@cliptally/monitor';
import { until } from '@cliptally/dev/servers';
import { openPool } from '@cliptally/event-store';
import { silentLog } from '@cliptally/messaging';
import { OPEN } from '@cliptally/telemetry';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stepsOf } from '../../../../services/earnings/src/testing/api-steps.js';
import { startCliWorld } from '../../../../tools/cli/src/testing/cli-world.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** What a command has said: its words, and what of them shows the incident. */
export interface Said {
  status: number;
  text: string;
  /** Rows or items that were listed; null if it is no list. */
  found: number | null;
}

/**
 * The earnings service with its API and the monitor over one log, the command line of admins, and
 * the commands of operators: what somebody on duty has.
 */
export async function startRunbookWorld() {
  const unknown = {
    kind: 'unresolved',
    reason: 'elsewhere',
    message: 'It leads to an unknown page.',
    retryable: false,
    forPerson: true,
    leadsTo: 'https://www.tiktok.com/new/7',
  } as const;
  const cli = await startCliWorld({ follow: async () => unknown });
  const { world } = cli;
  const pool = openPool(world.database.url, 'test', 2);
  const monitor: MonitorService = await startMonitor({
    databaseUrl: world.database.url,
    natsUrl: world.natsUrl,
    port: 0,
    host: '127.0.0.1',
    clock: world.clock,
    log: silentLog,
    operators: OPEN,
  });
  const reached = async () => {
    const head = await world.store.head();
    await until(
      'the monitor to reach the end of the log',
      () => monitor.projector.position >= head,
    );
  };

  const node = (program: string, args: string[]): Promise<Said> =>
    new Promise((resolve) => {
      const now = { world: world.clock.now().getTime(), real: Date.now(), speed: 1 };
      const env = {
        PATH: process.env['PATH'],
        DATABASE_URL: world.database.url,
        CLOCK: formatClock(now),
      };
      execFile(process.execPath, [ROOT + program, ...args], { env }, (error, out, err) =>
        resolve({ status: error ? Number(error.code) : 0, text: out + err, found: null }),
      );
    });
  const answer = (status: number, text: string, items?: unknown): Said => ({
    status: status < 300 ? 0 : status,
    text,
    found: Array.isArray(items) ? items.length : null,
  });
  const asked = async (url: string): Promise<Said> => {
    const response = await fetch(url);
    return answer(response.status, await response.text());
  };

  /** Carries out what stands between backticks, on this world. */
  async function run(command: string, body: unknown): Promise<Said> {
    await reached();
    const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!); // prettier-ignore
    const [first, second, third, ...rest] = words;
    if (first === 'select') {
      const { rows } = await pool.query(command);
      return answer(200, JSON.stringify(rows), rows);
    }
    if (first === 'GET' || first === 'POST') {
      if (second === '/status') return asked(`${monitor.url}${second}`);
      const { status, body: said } = await world.send(first, second!, { ...(first === 'POST' && { body: body ?? {} }) }); // prettier-ignore
      return answer(status, JSON.stringify(said), said.items);
    }
    if (first === 'curl') {
      const { hostname, pathname } = new URL(third!);
      return asked((hostname === 'monitor' ? monitor.url : world.service.url) + pathname);
    }
    if (first === 'node') return node(second!, words.slice(2));
    if (third === 'cliptally') {
      const { status, out, err } = await cli.run(rest.slice(1));
      return { status, text: out + err, found: null };
    }
    if (third === 'events' || third === 'rebuild')
      return node('tools/ops/dist/main.js', [third, ...rest.slice(1)]);
    throw new Error(`Nobody knows how to carry out ${command}.`);
  }

  return {
    ...stepsOf(() => world),
    api: world,
    cli,
    pool,
    run,
    reached,
    async close() {
      await monitor.close();
      await pool.end();
      await cli.close();
    },
  };
}

export type RunbookWorld = Awaited<ReturnType<typeof startRunbookWorld>>;
