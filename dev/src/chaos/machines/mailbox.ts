import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a mail server says once it has a mail. */
export const TAKEN = '250 taken';
const END = '\r\n.\r\n';

/** As much of a mail server as takes mails, and remembers their ids. */
export class Mailbox {
  /** As they came; one that was sent again is here twice. */
  readonly ids: string[] = [];

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => this.#serve(socket));
  }

  static async open(): Promise<Mailbox> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Mailbox(server);
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
  }

  #serve(socket: Socket): void {
    let mail: string | null = null;
    socket.unref();
    socket.on('error', () => {});
    socket.write('220 mail\r\n');
    socket.setEncoding('utf8').on('data', (part: string) => {
      if (mail !== null) {
        mail += part;
        if (!mail.endsWith(END)) return;
        const id = /^Message-ID:\s*<([^@>]+)@/im.exec(mail)?.[1];
        if (id) this.ids.push(id);
        mail = null;
        socket.write(`${TAKEN}\r\n`);
        return;
      }
      for (const line of part.split('\r\n').filter(Boolean)) {
        if (line === 'DATA') mail = '';
        socket.write(line === 'DATA' ? '354 go on\r\n' : '250 ok\r\n');
        if (line === 'QUIT') socket.end();
      }
    });
  }
}
