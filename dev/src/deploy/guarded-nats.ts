import { testNats } from '../servers/index.js';
import {
  SCRAPE_REQUEST_FLOW,
  connectNats,
  prepareJetStream,
  type Nats,
} from '@cliptally/messaging';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { usersConf } from './nats-users.js';
import type { User } from './nats-rights.js';

/** A nats-server with the users as they are deployed, on which `migrate` has run. */
export async function guardedNats() {
  const server = await testNats({ more: withPasswords(usersConf()) });
  const { host } = new URL(server.url);
  const urlOf = (user: User) => `nats://${user}:${user}-secret@${host}`;
  const asMigrate = async (work: (nats: Nats) => Promise<void>): Promise<void> => {
    const nats = await connectNats(urlOf('migrate'), 'migrate');
    try {
      await work(nats);
    } finally {
      await nats.connection.close();
    }
  };
  await asMigrate((nats) => prepareJetStream(nats, SCRAPE_REQUEST_FLOW));
  return {
    host,
    urlOf,
    asMigrate,
    connect: (user: User): Promise<NatsConnection> =>
      connect({
        servers: host,
        user,
        pass: `${user}-secret`,
        inboxPrefix: `_INBOX_${user}`,
      }),
    stop: () => server.stop(),
  };
}

/** The server takes them from its environment; only the values are other ones. */
const withPasswords = (users: string): string =>
  users.replace(/\$(\w+)_PASSWORD/g, (_, name: string) => `"${name.toLowerCase()}-secret"`);
