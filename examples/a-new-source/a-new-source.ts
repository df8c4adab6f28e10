/** The scraper with a source of our own, against a small server that stands in for the partner. */
import { derivedId, newEvent, streams, systemClock } from '@cliptally/contracts';
import { PostgresEventStore } from '@cliptally/event-store';
import { silentLog as log } from '@cliptally/messaging';
import { startRelayService } from '@cliptally/relay';
import { startScraper } from '@cliptally/scraper';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PartnerApi } from './partner-api.ts';

const [databaseUrl, natsUrl] = [process.env['DATABASE_URL']!, process.env['NATS_URL']!];
await PostgresEventStore.migrate(databaseUrl);
const store = new PostgresEventStore({ url: databaseUrl });

const known = '7500000000000000001';
const odd = '7500000000000000003';
const CLIPS = [known, '7500000000000000002', odd];
const partner = createServer((request, response) => {
  if (request.headers.authorization !== 'Bearer key') return response.writeHead(401).end('{}');
  // The second clip is gone, and the third has a count that is none.
  const items = { [known]: { plays: 1_234, likes: 56 }, [odd]: { plays: 'many' } };
  return response.end(JSON.stringify({ items }));
});
await new Promise<void>((resolve) => partner.listen(0, '127.0.0.1', resolve));
const { port } = partner.address() as AddressInfo;

const common = { databaseUrl, natsUrl, log };
const relay = await startRelayService(common);
const scraper = await startScraper({
  ...common,
  clock: systemClock,
  ownSources: [new PartnerApi(`http://127.0.0.1:${port}`, 'key')],
});

// What the scheduler does: a tracking run that asks for three clips.
const runId = new Date().toISOString();
const requests = CLIPS.map((videoId) => {
  const clipId = `tiktok-${videoId}`;
  const url = `https://www.tiktok.com/@someone/video/${videoId}`;
  const requestId = derivedId(runId, clipId);
  return newEvent(
    'ClipTrackingRequested',
    requestId,
    { requestId, runId, clipId, platform: 'tiktok', url, score: 1, campaignIds: ['spring-drop'] },
    { time: new Date(), correlationId: requestId, causationId: requestId },
  );
});
const { position } = await store.append(streams.trackingRun(runId), requests, 'none');

// Each request gets exactly one outcome, with its part of the cost.
const lines: string[] = [];
const stop = new AbortController();
for await (const { type, data } of store.subscribe(position, stop.signal, {
  types: ['ViewsRecorded', 'ScrapeFailed'],
})) {
  if (type !== 'ViewsRecorded' && type !== 'ScrapeFailed') continue;
  const said = type === 'ViewsRecorded' ? `${data.views} views` : `${data.reason}: ${data.detail}`;
  lines.push(`${data.clipId} by ${data.source} for ${data.costMicroUsd}: ${said}`);
  if (lines.length === CLIPS.length) stop.abort();
}
console.log(lines.toSorted().join('\n'));

await scraper.close();
await relay.close();
await store.close();
partner.close();
