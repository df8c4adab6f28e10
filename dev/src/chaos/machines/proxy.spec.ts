import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Proxy } from './proxy.js';

describe('a proxy between two processes', () => {
  let echo: Server;
  let proxy: Proxy;
  const clients: Socket[] = [];
  beforeEach(async () => {
    echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await Proxy.open((echo.address() as AddressInfo).port);
  }); // prettier-ignore
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.close();
    echo.close();
  });

  async function client(): Promise<Socket> {
    const socket = connect(proxy.port, '127.0.0.1');
    clients.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }
  /** Whatever it ends with. */
  const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
  async function says(socket: Socket, text: string): Promise<string> {
    socket.write(text);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  }

  it('passes bytes, ends connections if it is cut, and passes them again', async () => {
    const one = await client();
    expect(await says(one, 'a')).toBe('a');
    const ended = closed(one);
    proxy.become('cut');
    await ended;
    const refused = connect(proxy.port, '127.0.0.1').on('error', () => {});
    await closed(refused);
    proxy.become('pass');
    expect(await says(await client(), 'b')).toBe('b');
    expect(proxy.struck).toBe(1);
  });

  it.each(['silent', 'no requests', 'no answers'] as const)(
    'keeps bytes while it is "%s", and delivers them afterwards',
    async (fate) => {
      const one = await client();
      await says(one, 'a');
      proxy.become(fate);
      one.write('b');
      let came = '';
      one.on('data', (piece: Buffer) => (came += piece.toString()));
      // A connection through another proxy shows that time has passed.
      const other = await Proxy.open((echo.address() as AddressInfo).port);
      const beside = connect(other.port, '127.0.0.1');
      await says(beside, 'c');
      beside.destroy();
      await other.close();
      expect(came).toBe('');
      proxy.become('pass');
      if (came === '') await once(one, 'data');
      expect(came).toBe('b');
    },
  );

  it('passes what is connected anew while older connections are half-open', async () => {
    const old = await client();
    await says(old, 'a');
    proxy.become('half-open');
    let came = '';
    old.on('data', (piece: Buffer) => (came += piece.toString()));
    old.write('b');
    expect(await says(await client(), 'c')).toBe('c');
    expect(came).toBe('');
  });

  it('ends a connection in the middle of an answer', async () => {
    const one = await client();
    proxy.become('reset');
    let came = '';
    one.on('data', (piece: Buffer) => (came += piece.toString()));
    one.write('abcd');
    await closed(one);
    expect(came).toBe('ab');
  });

  it('holds back the piece that has a pattern until what is done then is done', async () => {
    const one = await client();
    let done = false;
    const act = async () => void (done = true);
    const trapped = proxy.trap('request', 'COMMIT', act, 60_000);
    expect(await says(one, 'select')).toBe('select');
    expect(done).toBe(false);
    expect(await says(one, 'COMMIT;')).toBe('COMMIT;');
    expect([await trapped, done]).toEqual([true, true]);
    expect(await proxy.trap('request', 'COMMIT', act, 1)).toBe(false);
  });
});
