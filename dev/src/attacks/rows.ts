import { newEvent, streams, systemClock } from '@cliptally/contracts';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generatedCurves, startApifyStandIn } from '../apify-stand-in/index.js';
import { until } from '../servers/index.js';
import type { Attack } from './attack.js';
import type { Target } from './target.js';

type Row = Record<string, unknown>;
const OTHER = '7999999999999999999';

/** What an actor's row may claim, one for each clip that is asked for. */
const CLAIMS: Record<string, (row: Row) => unknown> = {
  'a count beyond exact numbers': (row) => ({ ...row, playCount: 2 ** 60 }),
  'a count beyond all numbers': (row) => ({ ...row, playCount: 1e308 }),
  'a count below 0': (row) => ({ ...row, playCount: -5_000 }),
  'a count of a half': (row) => ({ ...row, playCount: 1.5 }),
  'a count of markup': (row) => ({ ...row, playCount: '<img src=x onerror=alert(1)>' }),
  'a count that is an object': (row) => ({ ...row, playCount: { $gt: 0 } }),
  'a count in a list': (row) => ({ ...row, playCount: [1_000_000] }),
  'the row of another clip': (row) => ({ ...row, id: OTHER, webVideoUrl: `https://www.tiktok.com/@x/video/${OTHER}`, submittedVideoUrl: `https://www.tiktok.com/@x/video/${OTHER}` }),
  'no row but a word': () => 'owned',
  'a row of null': () => null,
  'a prototype': (row) => ({ ...row, ['__proto__']: { playCount: 1 }, constructor: 'x' }),
  'a date of the year 275760': (row) => ({ ...row, createTimeISO: '+275760-09-13T00:00:00.000Z' }),
  'a name of a megabyte with escapes': (row) => ({ ...row, text: '\u001b[2J'.repeat(200_000), authorMeta: { name: '\u001b]0;x\u0007', fans: -1 } }),
}; // prettier-ignore

/** Apify, whose rows somebody else writes. */
async function hostileApify(claims: readonly ((row: Row) => unknown)[]) {
  const standIn = await startApifyStandIn({
    clock: systemClock,
    curves: generatedCurves({ worldStart: new Date(Date.now() - 86_400_000) }),
    token: 'attack',
  });
  let nth = 0;
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      void (async () => {
        const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
        const body = Buffer.concat(parts);
        const answer = await fetch(standIn.url + request.url, { method: request.method ?? 'GET', headers: headers as Record<string, string>, ...(body.length > 0 && { body }) });
        const text = await answer.text();
        const isRows = /\/datasets\/[^/]+\/items/.test(request.url ?? '') || /\/dataset\/items/.test(request.url ?? '');
        const rows = isRows && answer.ok ? JSON.stringify((JSON.parse(text) as Row[]).map((row) => claims[nth++ % claims.length]!(row))) : text;
        const kept = [...answer.headers].filter(([name]) => !['content-length', 'content-encoding', 'transfer-encoding', 'connection'].includes(name));
        response.writeHead(answer.status, Object.fromEntries(kept)).end(rows);
      })().catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      await standIn.close();
    },
  };
} // prettier-ignore

async function scraped(target: Target, apifyUrl: string): Promise<string | null> {
  const scraper = await target.start('scraper', { APIFY_TOKEN: 'attack', APIFY_BASE_URL: apifyUrl, MONTHLY_BUDGET_USD: '1000', LINGER: '1s', PUBLIC_URL: '', APIFY_WEBHOOK_SECRET: '' });
  const asked = Object.keys(CLAIMS).map((_, nth) => {
    const videoId = `73012345678901${String(10_000 + nth)}`;
    return { clipId: `tiktok-${videoId}`, url: `https://www.tiktok.com/@a/video/${videoId}`, requestId: randomUUID() };
  });
  const context = { time: systemClock.now(), correlationId: 'attack', causationId: 'attack' };
  const runId = `attack-${randomUUID()}`;
  await target.store.append(streams.trackingRun(runId), asked.map((one) => newEvent('ClipTrackingRequested', one.requestId, { ...one, runId, platform: 'tiktok', score: 1, campaignIds: ['c'] }, context)), 'none');
  const outcomes = async () => {
    const found = await Promise.all(asked.map(async ({ clipId }) => Array.fromAsync(target.store.readStream(streams.clip(clipId))).catch(() => [])));
    return found.map((events) => events.filter(({ type }) => type === 'ViewsRecorded' || type === 'ScrapeFailed'));
  };
  const found = await until('an outcome of each scrape', async () => {
    const all = await outcomes();
    return all.every((events) => events.length > 0) ? all : undefined;
  }, { said: () => scraper.process.output });
  await scraper.close();
  for (const events of found) {
    if (events.length !== 1) return `a scrape has ${events.length} outcomes`;
    const [{ type, data }] = events as [(typeof events)[number]];
    if (type === 'ViewsRecorded' && !(Number.isSafeInteger(data.views) && data.views >= 0 && data.views < 10 ** 13)) return `${data.views} views were recorded`;
  }
  const other = await Array.fromAsync(target.store.readStream(streams.clip(`tiktok-${OTHER}`))).catch(() => []);
  return other.length > 0 ? 'a clip that nobody asked for has an outcome' : null;
} // prettier-ignore

export const ROWS: Attack[] = [
  {
    who: 'row',
    promise: 'figures',
    name: `claims ${Object.keys(CLAIMS).join(', ')}`,
    whole: true,
    async try(target) {
      const apify = await hostileApify(Object.values(CLAIMS));
      try {
        return await scraped(target, apify.url);
      } finally {
        await apify.close();
      }
    },
  },
];
