import { connect } from 'node:net';
import type { Attack } from './attack.js';
import type { Target } from './target.js';

/** As docker-compose.yml and Kubernetes limit it. */
const LIMIT_BYTES = 192 * 1024 * 1024;
const STRANGERS = 150;
const BODY = 4 * 1024 * 1024;

async function memoryOf({ ask }: Target, url: string): Promise<number> {
  const { text } = await ask('/metrics', {}, url);
  const found = /^process_resident_memory_bytes\{[^}]*\} (\d+)/m.exec(text);
  if (!found) throw new Error('The metrics say nothing of memory.');
  return Number(found[1]);
}

/** Sends a body for as long as somebody takes it. */
const pour = (port: number, head: string): Promise<void> =>
  new Promise((resolve) => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let left = BODY;
    const socket = connect(port, '127.0.0.1');
    const more = () => {
      while (left > 0) {
        left -= chunk.length;
        if (socket.write(chunk)) continue;
        socket.once('drain', more);
        return;
      }
    };
    socket.once('connect', () => {
      socket.write(head);
      more();
    });
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.once('close', () => resolve());
    socket.setTimeout(15_000, () => socket.destroy());
  });

export const FLOODS: Attack[] = [
  {
    who: 'stranger',
    promise: 'bounded',
    name: 'pours 150 bodies of 4 MB at once, without a token and with a wrong one, to fill the memory',
    whole: true,
    async try(target) {
      const { port, url } = target.earnings;
      const heads = ['', 'Authorization: Bearer x.y.z\r\n'].map(
        (token) => `POST /campaigns HTTP/1.1\r\nHost: 127.0.0.1\r\n${token}Content-Type: application/json\r\nContent-Length: ${BODY}\r\n\r\n{"name":"`,
      );
      const before = await memoryOf(target, url);
      let most = before;
      const poured = new AbortController();
      const watched = (async () => {
        while (!poured.signal.aborted) most = Math.max(most, await memoryOf(target, url).catch(() => 0));
      })();
      await Promise.all(Array.from({ length: STRANGERS }, (_, nth) => pour(port, heads[nth % 2]!)));
      poured.abort();
      await watched;
      const mib = (bytes: number) => Math.round(bytes / 1024 / 1024);
      if (most > LIMIT_BYTES) return `its memory went from ${mib(before)} to ${mib(most)} MiB, of ${mib(LIMIT_BYTES)}`;
      return (await target.ask('/healthz', { as: null })).status === 200 ? null : 'the service does not answer any more';
    },
  },
  {
    who: 'stranger',
    promise: 'own-pages',
    name: 'keeps operators out by 205 idle streams and 205 silent connections',
    async try(target) {
      const { url, port } = target.monitor;
      const stop = new AbortController();
      const silent = Array.from({ length: 205 }, () => connect(port, '127.0.0.1').on('error', () => {}));
      const stream = async (subject: string) => {
        const headers = { authorization: `Bearer ${target.tokenOf('admin', subject)}` };
        const response = await fetch(`${url}/events`, { headers, signal: stop.signal });
        const first = await response.body!.getReader().read();
        return response.status === 200 && first.value !== undefined;
      };
      try {
        for (let nth = 0; nth < 205; nth++) await stream('greedy').catch(() => false);
        if (!(await stream('ann'))) return 'another operator gets no live page';
        const { status } = await target.ask('/status', { as: ['admin', 'ann'] }, url);
        return status === 200 ? null : `/status is answered with ${status}`;
      } finally {
        stop.abort();
        for (const socket of silent) socket.destroy();
      }
    },
  },
]; // prettier-ignore
