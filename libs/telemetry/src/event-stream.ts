import type { ServerResponse } from 'node:http';

/** Begins an answer of server-sent events. A reader that lost it comes back after two seconds. */
export function openEventStream(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // A proxy that gathers an answer before it passes it on would show nothing for ever.
    'x-accel-buffering': 'no',
    // Nothing follows on its connection, and a server that closes does not wait for more.
    connection: 'close',
  });
  response.write('retry: 2000\n\n');
}

/** One event; `data` is JSON, which has no line break. `id` is what the reader resumes with. */
export const eventText = (name: string, data: string, id?: string | number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
