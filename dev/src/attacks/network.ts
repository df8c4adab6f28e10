import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { firstOf, type Attack } from './attack.js';

/** Listens on this machine, and says who has come. */
async function withListener(
  work: (port: number) => Promise<string | null>,
): Promise<string | null> {
  const came: string[] = [];
  const server = createServer((request, response) => {
    came.push(`${request.method} ${request.url}`);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const what = await work((server.address() as AddressInfo).port);
    return what ?? (came.length > 0 ? `the service has asked this machine: ${came.join()}` : null);
  } finally {
    server.close();
  }
}

/** Ways to write "this machine" that filters have let through elsewhere. */
const HERE = [
  '127.0.0.1', 'localhost', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0', '0.0.0.0',
  '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:7f00:0001]', 'localhost.',
  '127.0.0.1.nip.io', 'LOCALHOST', '①②⑦.⓪.⓪.①', '169.254.169.254', '[fd00:ec2::254]', '[64:ff9b::7f00:1]',
  '10.0.0.1', '192.168.0.1', '172.16.0.1', '100.64.0.1', 'metadata.google.internal', 'tiktok.com@127.0.0.1',
]; // prettier-ignore

export const NETWORK: Attack[] = [
  {
    who: 'brand',
    promise: 'no-errands',
    name: 'has webhooks sent into the network: decimal, octal, IPv6-mapped, names, other schemes and ports',
    try: (target) =>
      withListener(async (port) => {
        const urls = [
          ...HERE.flatMap((host) => [`https://${host}/`, `https://${host}:${port}/hook`, `http://${host}:${port}/hook`]),
          'file:///etc/passwd', 'gopher://127.0.0.1:6379/_x', 'ftp://127.0.0.1/', 'javascript:alert(1)', 'https://user:pass@127.0.0.1/',
        ];
        const what = await firstOf(urls, async (url) => {
          const { status, text } = await target.ask('/webhook-endpoints', { as: ['brand', 'acme'], body: { url, types: ['payout.paid'] } });
          return status >= 400 && status < 500 ? null : `${url} was answered with ${status}: ${text.slice(0, 80)}`;
        });
        return what;
      }),
  },
  {
    who: 'creator',
    promise: 'no-errands',
    name: 'submits links that lead into the network, by address, user name, wrapper and short link',
    try: (target) =>
      withListener(async (port) => {
        const campaignId = await target.launch('acme');
        const urls = HERE.flatMap((host) => [`http://${host}:${port}/`, `https://${host}/x`, `https://vm.tiktok.com@${host}:${port}/ZM1`, `https://www.tiktok.com/redirect?url=http://${host}:${port}/`]);
        return firstOf(urls, async (url) => {
          const { status, text } = await target.ask('/clips', { as: ['creator', 'ann'], body: { url, campaignId } });
          // One that may lead to a clip waits to be followed, to platforms alone.
          return (status >= 400 && status < 500) || status === 202 ? null : `${url} was answered with ${status}: ${text.slice(0, 80)}`;
        });
      }),
  },
  {
    who: 'stranger',
    promise: 'one-reading',
    name: 'hides a second request in the first: CL.TE, TE.CL, two lengths, odd encodings, bare CR',
    async try(target) {
      const head = `POST /clips HTTP/1.1\r\nHost: 127.0.0.1\r\n`;
      const hidden = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
      const tries = {
        'CL.TE': `${head}Content-Length: ${5 + hidden.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
        'two lengths': `${head}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
        'an encoding with a blank': `${head}Content-Length: 3\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
        'an encoding twice': `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${hidden}`,
        'an encoding with a tab': `${head}Content-Length: 3\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${hidden}`,
        'a folded header': `${head}X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${hidden}`,
        'a length with a sign': `${head}Content-Length: +5\r\n\r\n0\r\n\r\n${hidden}`,
      };
      return firstOf(Object.entries(tries), async ([name, text]) => {
        const answer = await target.bytes(text.replace('Host: x\r\n', 'Host: x\r\nConnection: close\r\n'));
        return /"status":"ok"/.test(answer) ? `the hidden request was answered (${name})` : null;
      });
    },
  },
  {
    who: 'stranger',
    promise: 'bounded',
    name: 'sends bodies without a token: large ones, and 150 slow ones at once',
    async try(target) {
      const large = await target.ask('/campaigns', { as: null, raw: `{"name":"${'x'.repeat(5_000_000)}"}` }).catch(() => null);
      if (large && large.status !== 401 && large.status !== 413) return `5 MB were answered with ${large.status}`;
      const slow = `POST /campaigns HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n{"name":"`;
      const answers = await Promise.all(Array.from({ length: 150 }, () => target.bytes(slow)));
      const waited = answers.filter((answer) => !/^HTTP\/1.1 (401|408|413|429|431|503)/.test(answer));
      if (waited.length > 0) return `${waited.length} of 150 strangers had their bodies waited for`;
      return (await target.ask('/healthz', { as: null })).status === 200 ? null : 'the service does not answer any more';
    },
  },
  {
    who: 'creator',
    promise: 'bounded',
    name: 'sends deep, huge and odd JSON, doubled keys and prototypes',
    async try(target) {
      const as = ['creator', 'ann'] as const;
      const campaignId = await target.launch('acme');
      const raws = [
        '['.repeat(40_000) + ']'.repeat(40_000), '{"a":'.repeat(9_000) + '1' + '}'.repeat(9_000), `{"url":"${'x'.repeat(90_000)}"}`,
        '{"__proto__":{"role":"admin","creatorId":"bob"}}', '{"constructor":{"prototype":{"role":"admin"}}}', `{"url":"x","campaignId":"${campaignId}","__proto__":{"creatorId":"bob"}}`,
        '1e999', 'null', '""', '{"amount":1e309}', '{"url":"\\ud800","campaignId":"x"}', '\u0000', '{', '{"url":1,"url":2}', '{"a":' + '9'.repeat(9_000) + '}',
      ];
      const what = await firstOf(raws, async (raw) =>
        firstOf(['/clips', '/payouts'], async (path) => {
          const { status } = await target.ask(path, { as, raw });
          return status >= 400 && status < 500 ? null : `${path} has answered ${raw.slice(0, 40)} with ${status}`;
        }));
      if (what) return what;
      const double = await target.ask('/clips', { as, raw: `{"url":"${target.freshUrl()}","campaignId":"${campaignId}","creatorId":"ann","creatorId":"bob"}` });
      if (double.status === 201) return 'a doubled key made a clip of Bob';
      return (await target.ask('/me', { as })).body.role === 'creator' ? null : 'the role of a caller has changed';
    },
  },
]; // prettier-ignore
