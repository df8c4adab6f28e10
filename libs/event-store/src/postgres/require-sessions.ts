import { Client } from 'pg';

/** How long a second connection may wait for its session; a busy server may take long for one. */
const ANSWER_MS = 30_000;
const ROUNDS = 3;

/** A pooler hands sessions from transaction to transaction; shown as one sentence. */
export class SessionsNotKept extends Error {
  override readonly name = 'SessionsNotKept';
  readonly expected = true;
  constructor() {
    super(
      'DATABASE_URL leads to a pooler that gives each transaction another session of PostgreSQL: leases, LISTEN and settings of connections would be lost without a word. Set pool_mode = session for this database, or let DATABASE_URL lead to PostgreSQL itself.',
    );
  }
}

/** A pooler keeps connections waiting for sessions; shown as one sentence. */
export class SessionsTooFew extends Error {
  override readonly name = 'SessionsTooFew';
  readonly expected = true;
  constructor(ms: number) {
    super(
      `PostgreSQL answers one connection, and another one waits for longer than ${ms / 1_000} s. If DATABASE_URL leads to a pooler, raise its pool size to what docs/operations.md says of each service.`,
    );
  }
}

/**
 * Throws {@link SessionsNotKept} if two connections share a session, or one moves between sessions.
 * A pooler hands out the session that it got back last, so two connections are enough to notice;
 * what others do meanwhile makes connections move.
 */
export async function requireSessions(url: string, answerMs = ANSWER_MS): Promise<void> {
  const [one, other] = [connection(url), connection(url)];
  try {
    const first = await sessionOf(await connected(one));
    const asked = connected(other).then(sessionOf);
    const second = await Promise.race([asked, waited(answerMs)]);
    if (second === null) throw new SessionsTooFew(answerMs);
    if (second === first) throw new SessionsNotKept();
    for (let round = 0; round < ROUNDS; round++) {
      await other.query('begin');
      const held = await sessionOf(other);
      // With one session for both, the next question would wait for its own transaction.
      if (held !== second || (await sessionOf(one)) !== first) throw new SessionsNotKept();
      await other.query('commit');
    }
  } finally {
    // Who waits in vain for a session is not waited for.
    await Promise.race([Promise.allSettled([one.end(), other.end()]), waited(answerMs)]);
  }
}

function connection(url: string): Client {
  const client = new Client({ connectionString: url, application_name: 'cliptally-sessions' });
  client.on('error', () => {});
  return client;
}

const connected = async (client: Client): Promise<Client> => {
  await client.connect();
  return client;
};

async function sessionOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}

const waited = (ms: number): Promise<null> =>
  new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
