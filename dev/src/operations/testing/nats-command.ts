import { RIGHTS, USERS, type User } from '../../deploy/nats-rights.js';

/** What the command line of NATS asks JetStream for each of these. */
const ASKS: Readonly<Record<string, readonly string[]>> = {
  'stream info': ['STREAM.INFO.CLIPTALLY'],
  'stream edit': ['STREAM.INFO.CLIPTALLY', 'STREAM.UPDATE.CLIPTALLY'],
  'stream rm': ['STREAM.INFO.CLIPTALLY', 'STREAM.DELETE.CLIPTALLY'],
  'consumer ls': ['STREAM.INFO.CLIPTALLY', 'CONSUMER.LIST.CLIPTALLY'],
};

/** Why the server would refuse a line of `nats`, by the rights of its users; else null. */
export function natsFault(command: string): string | null {
  const user = /--user (\S+)/.exec(command)?.[1] as User | undefined;
  if (!user || !USERS.includes(user)) return `it names no user: one of ${USERS.join(', ')}`;
  if (!command.includes(` --inbox-prefix _INBOX_${user} `))
    return `the user ${user} receives answers on _INBOX_${user} alone`;
  const [what] = /(stream|consumer) \w+/.exec(command) ?? [''];
  const asks = ASKS[what];
  if (!asks) return `nobody knows what "${what}" asks`;
  const refused = asks.find((one) => !RIGHTS[user].asks.includes(`$JS.API.${one}`));
  if (refused) return `the user ${user} may not ask ${refused}`;
  const asksBack = /edit|rm/.test(what) && !command.endsWith('--force');
  return asksBack ? 'it asks back, unless it ends with --force' : null;
}
