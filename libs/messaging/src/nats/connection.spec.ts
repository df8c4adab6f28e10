import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { connectNats, serversOf } from './connection.js';

describe('the address of NATS', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  /** A server without TLS, and everything that it is sent. */
  const plainServer = async () => {
    const received: string[] = [];
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => received.push(data.toString('latin1')));
      socket.write('INFO {"server_id":"x","version":"2.14.0","proto":1,"headers":true,"max_payload":1048576}\r\n'); // prettier-ignore
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, received };
  };

  it('with tls:// sends no password to a server without TLS', async () => {
    const { host, received } = await plainServer();
    for (const url of [
      `tls://scraper:sesame@${host}`,
      `nats://scraper:sesame@${host},tls://${host}`,
    ])
      await expect(connectNats(url, 'scraper')).rejects.toThrow(/does not support 'tls'/);
    expect(received.join('')).not.toMatch(/CONNECT|sesame/);
  });

  it('asks for TLS only if an address does', () => {
    expect(serversOf('nats://a:4222')).not.toHaveProperty('tls');
    expect(serversOf('nats://a:4222,tls://b:4222')).toHaveProperty('tls');
  });
});
