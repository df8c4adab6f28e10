import { createServer, type ListenOptions } from 'node:net';
import { MachineError } from './errors.js';

/** A TCP port of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  return listenOnce({ host: '127.0.0.1', port: 0 });
}

/**
 * Throws a {@link MachineError} unless this process could listen on the port.
 * @param what the setting a person would change, for example `PORT`
 */
export async function assertPortFree(port: number, what: string): Promise<void> {
  try {
    // Some systems let 0.0.0.0 be bound beside a program that holds 127.0.0.1 alone, so both are
    // tried.
    await listenOnce({ host: '127.0.0.1', port });
    await listenOnce({ port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new MachineError(
        `Port ${port} is in use by another program; stop it or set ${what} to another number`,
      );
    if (code === 'EACCES')
      throw new MachineError(
        `Port ${port} is reserved for the system; set ${what} to a number above 1023`,
      );
    throw new MachineError(
      `Port ${port} cannot be listened on (${message}); set ${what} to another number`,
    );
  }
}

function listenOnce(options: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(options, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
