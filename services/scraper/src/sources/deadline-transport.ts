import { AsyncLocalStorage } from 'node:async_hooks';
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';

/** Nothing was sent: the call would have been too late. */
export const TOO_LATE = 'TOO_LATE';

/**
 * Sends calls that must not be sent late. Between the decision to make a call and its first byte
 * lie a connection and a handshake, and the process may stall in any of them; so `inTime` is asked
 * again when there is nothing left but to write.
 */
export class Timely {
  readonly #inTime = new AsyncLocalStorage<() => boolean>();

  /**
   * Runs `work`, whose calls over {@link transport} fail with the code {@link TOO_LATE} if
   * `inTime` says no.
   */
  run<T>(inTime: () => boolean, work: () => Promise<T>): Promise<T> {
    return this.#inTime.run(inTime, work);
  }

  /** As Axios takes it, in place of Node's own modules. */
  readonly transport = {
    request: (
      options: RequestOptions,
      answered: (response: IncomingMessage) => void,
    ): ClientRequest => {
      const inTime = this.#inTime.getStore() ?? (() => true);
      const secure = options.protocol === 'https:';
      const request = (secure ? https : http).request(options, answered);
      const check = () => {
        if (!inTime())
          request.destroy(
            Object.assign(new Error('the call would have been too late'), { code: TOO_LATE }),
          );
      };
      // Listens before the request does: what it has to say is written when the socket is ready, in
      // the same turn.
      request.once('socket', (socket) =>
        socket.connecting ? socket.once(secure ? 'secureConnect' : 'connect', check) : check(),
      );
      return request;
    },
  };
}
