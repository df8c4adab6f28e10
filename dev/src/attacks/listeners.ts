import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Role } from '@cliptally/contracts/api';
import { until } from '../servers/index.js';
import { firstOf, type Attack } from './attack.js';
import { earner } from './earner.js';
import type { Target } from './target.js';

/** What a stream of changes says until it is closed. */
async function listen(target: Target, as: readonly [Role, string], headers: Record<string, string>) {
  const closing = new AbortController();
  const token = target.tokenOf(...as);
  const response = await fetch(`${target.earnings.url}/changes`, { headers: { authorization: `Bearer ${token}`, ...headers }, signal: closing.signal });
  let received = '';
  const reading = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) received += chunk;
  })().catch(() => {});
  return { received: () => received, close: () => (closing.abort(), reading) };
} // prettier-ignore

/** What the attacker must not learn of. */
const found = (received: string, secrets: readonly string[]): string | null => {
  const secret = secrets.find((one) => received.includes(one));
  return secret ? `it learns of ${secret}: ${received.slice(0, 200)}` : null;
};

export const LISTENERS: Attack[] = [
  {
    who: 'brand',
    promise: 'own-things',
    name: 'listens to changes while others work, from now on and from the beginning of the log',
    async try(target) {
      const brand = `ear-${randomUUID().slice(0, 8)}`;
      const callers = [['brand', brand], ['creator', brand]] as const;
      const positions: Record<string, string>[] = [{}, { 'last-event-id': '0' }, { 'last-event-id': '1' }];
      const streams = await Promise.all(callers.flatMap((as) => positions.map((headers) => listen(target, as, headers))));
      try {
        const { creatorId, clipId } = await earner(target);
        await target.ask('/payouts', { as: ['creator', creatorId], body: { currency: 'USD', amount: 1_000 } });
        // What is its own comes last: the stream has all before it by then.
        const own = await target.launch(brand);
        const url = target.freshUrl();
        const { clipId: ownClip } = (await target.ask('/clips', { body: { url, campaignId: own, creatorId: brand } })).body as { clipId: string };
        await until('what is its own', () => streams.every((stream) => stream.received().includes(ownClip)) || undefined, { said: () => streams.map((stream) => stream.received()).join('\n---\n') });
        return await firstOf(streams, async (stream) => found(stream.received(), [clipId, creatorId, '"payouts"', '"accounts"', '"earnings"']));
      } finally {
        await Promise.all(streams.map((stream) => stream.close()));
      }
    },
  },
  {
    who: 'brand',
    promise: 'own-things',
    name: 'has webhooks of others sent to its endpoint: every type, a replay from the beginning, one by its id',
    async try(target) {
      const brand = `hook-${randomUUID().slice(0, 8)}`;
      const as = ['brand', brand] as const;
      let received = '';
      const site = createServer((request, response) => {
        request.setEncoding('utf8').on('data', (chunk: string) => (received += chunk)).on('end', () => response.writeHead(204).end());
      });
      await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
      target.network.set({ names: { 'ear.example': [['93.184.215.14']] }, sites: { 'ear.example': (site.address() as AddressInfo).port } });
      const before = await earner(target);
      const { body: mine } = await target.ask('/webhook-endpoints', { as, body: { url: 'https://ear.example/hook' } });
      const { body: theirs } = await target.ask('/webhook-endpoints', { body: { url: 'https://admin.example/hook', brandId: 'acme' } });
      try {
        const refused = await firstOf([['', { url: 'https://ear.example/hook', brandId: 'acme' }], ['', { url: 'https://ear.example/hook', types: ['payout.requested'] }], [`/${mine.endpointId}/change`, { types: ['short_link.waiting'] }], [`/${theirs.endpointId}/change`, { url: 'https://ear.example/hook' }], [`/${theirs.endpointId}/rotate`, {}], [`/${theirs.endpointId}/replay`, { from: '2020-01-01T00:00:00Z' }], [`/${mine.endpointId}/replay`, { webhookId: randomUUID() }]] as const, async ([path, body]) => {
          const { status, text } = await target.ask(`/webhook-endpoints${path}`, { as, body });
          return status >= 400 && status < 500 ? null : `${path} ${JSON.stringify(body)} was answered with ${status}: ${text.slice(0, 100)}`;
        });
        if (refused) return refused;
        const { clipId, campaignId, creatorId } = await earner(target);
        const own = await target.launch(brand);
        const launches = (least: number) => until(`its own launch, ${least} times`, () => received.split(own).length > least || undefined, { said: () => received });
        // A replay adds nothing to what still waits to be sent.
        await launches(1);
        const replayed = await target.ask(`/webhook-endpoints/${mine.endpointId}/replay`, { as, body: { from: '2020-01-01T00:00:00Z' } });
        if (replayed.status !== 200) return `its own replay was answered with ${replayed.status}`;
        await launches(2);
        return found(received, [clipId, campaignId, creatorId, before.clipId, before.campaignId, 'payout.', 'account.', 'funding.']);
      } finally {
        for (const { endpointId } of [mine, theirs]) await target.ask(`/webhook-endpoints/${endpointId}/delete`, { body: {} });
        target.network.set({ names: {}, sites: {} });
        site.close();
      }
    },
  },
  {
    who: 'creator',
    promise: 'own-things',
    name: "reads the answer to another's request, by sending it again with the same key",
    async try(target) {
      const headers = { 'idempotency-key': `shared-${randomUUID()}` };
      const body = { provider: 'manual', account: `DE02 ${randomUUID()}` };
      const { creatorId } = await earner(target);
      const path = `/creators/${creatorId}/payout-account`;
      const first = await target.ask(path, { as: ['creator', creatorId], body, headers });
      if (first.status !== 200 && first.status !== 201) return `the first was answered with ${first.status}`;
      return firstOf([['creator', 'bob'], ['brand', creatorId], ['brand', 'acme'], ['creator', creatorId.toUpperCase()]] as const, async (as) => {
        for (const sent of [body, {}, { ...body, account: 'another' }]) {
          const { status, text } = await target.ask(path, { as, body: sent, headers });
          if (status < 400 || text.includes(body.account)) return `${as.join(' ')} was answered with ${status}: ${text.slice(0, 120)}`;
        }
        return null;
      });
    },
  },
]; // prettier-ignore
