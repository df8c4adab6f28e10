import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../servers/index.js';
import { firstOf, type Attack } from './attack.js';
import type { ForeignNetwork } from './foreign-network.js';
import type { Target } from './target.js';

/** Of somebody else; nothing is sent there. */
const PUBLIC = '93.184.215.14';
const INSIDE = [
  '127.0.0.1',
  '10.0.0.1',
  '169.254.169.254',
  '::1',
  'fd00:ec2::254',
  '64:ff9b::7f00:1',
];

/** While names and platforms are the attacker's; `asked` gives what the service has asked for. */
async function withForeign(
  target: Target,
  names: ForeignNetwork['names'],
  redirects: Record<string, string>,
  work: (asked: () => string[]) => Promise<string | null>,
): Promise<string | null> {
  const platform = createServer((request, response) =>
    response.writeHead(302, { location: redirects[request.url!] ?? '/' }).end(),
  );
  await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve));
  const { port } = platform.address() as AddressInfo;
  const before = target.network.asked().length;
  target.network.set({ names, sites: { 'vm.tiktok.com': port, 'www.tiktok.com': port } });
  try {
    return await work(() => target.network.asked().slice(before));
  } finally {
    target.network.set({ names: {}, sites: {} });
    platform.close();
  }
}

/** A request that went to an address which nobody outside may have asked. */
const inside = (asked: readonly string[]): string | null => {
  const found = asked.find((line) => INSIDE.some((address) => line.split(' at ')[1]!.split(',').includes(address)));
  return found ? `it has asked ${found}` : null;
}; // prettier-ignore

export const ERRANDS: Attack[] = [
  {
    who: 'brand',
    promise: 'no-errands',
    name: 'has the name of a webhook lead elsewhere later: at the delivery, between check and request, beside a public address',
    whole: true,
    try: (target) => {
      const later = INSIDE.flatMap((address, nth) => [
        [`late${nth}.example`, [[PUBLIC], [address]]],
        [`between${nth}.example`, [[PUBLIC], [PUBLIC], [address]]],
        [`beside${nth}.example`, [[PUBLIC], [PUBLIC, address]]],
      ]) as [string, string[][]][];
      return withForeign(target, Object.fromEntries(later), {}, async (asked) => {
        const ends: string[] = [];
        for (const [name] of later) {
          const { body, status, text } = await target.ask('/webhook-endpoints', { body: { url: `https://${name}/hook` } });
          if (status !== 201) return `${name} was refused at first: ${text.slice(0, 100)}`;
          await target.ask(`/webhook-endpoints/${body.endpointId}/test`, { body: {} });
          ends.push(body.endpointId as string);
        }
        await until('a try of each', async () => {
          const lists = await Promise.all(ends.map((id) => target.ask(`/webhook-endpoints/${id}/deliveries`)));
          return lists.every(({ body }) => body.items.some(({ attempts }: { attempts: number }) => attempts > 0)) || undefined;
        });
        for (const id of ends) await target.ask(`/webhook-endpoints/${id}/delete`, { body: {} });
        if (!asked().some((line) => line.includes('between0.example'))) return 'nothing was sent at all, so nothing was tried';
        return inside(asked());
      });
    },
  },
  {
    who: 'creator',
    promise: 'no-errands',
    name: 'submits short links that redirect to private addresses, by number, by name and over several hops',
    whole: true,
    try: (target) => {
      const to = [
        ...INSIDE.map((address) => `http://${address.includes(':') ? `[${address}]` : address}/latest/meta-data/`),
        'https://localhost/', 'http://2130706433/', 'https://inside.example/', 'file:///etc/passwd', '//127.0.0.1:22/',
        'https://www.tiktok.com/hop', 'https://user@127.0.0.1/@a/video/7301234567890123456',
      ];
      const redirects = Object.fromEntries([...to.map((location, nth) => [`/ZM${nth}x`, location]), ['/hop', 'https://inside.example/']]);
      // The platform's other name leads inside, and so does the one that it redirects to.
      const names = { 'vm.tiktok.com': [[PUBLIC]], 'www.tiktok.com': [['10.0.0.1']], 'inside.example': [['127.0.0.1']] };
      return withForeign(target, names, redirects, async (asked) => {
        const campaignId = await target.launch('acme');
        const what = await firstOf(to.keys(), async (nth) => {
          const { status, text } = await target.ask('/clips', { body: { url: `https://vm.tiktok.com/ZM${nth}x/`, campaignId, creatorId: 'ann' } });
          return status === 201 ? `${to[nth]} was taken for a clip: ${text.slice(0, 80)}` : null;
        });
        if (what) return what;
        await until('each link followed', () => to.every((_, nth) => asked().some((line) => line.includes(`/ZM${nth}x`))) || undefined, { said: () => asked().join('\n') });
        const strange = asked().find((line) => !line.startsWith('https://vm.tiktok.com/'));
        return inside(asked()) ?? (strange ? `it has asked ${strange}` : null);
      });
    },
  },
]; // prettier-ignore
