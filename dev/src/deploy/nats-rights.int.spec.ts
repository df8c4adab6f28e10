import { JETSTREAM_STREAM } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { RIGHTS, USERS, type User } from './nats-rights.js';
import { guardedNats } from './testing/guarded-nats.js';

const mayPublish = (user: User) => {
  const { asks, pulls, says } = RIGHTS[user];
  return [...asks, ...pulls, ...says];
};
const literal = (subject: string) => subject.replace(/>$/, 'a');
const covers = (patterns: readonly string[], subject: string) =>
  patterns.some(
    (pattern) =>
      pattern === subject || (pattern.endsWith('>') && subject.startsWith(pattern.slice(0, -1))),
  );

/** What nobody needs, whose names begin as what somebody needs. */
const FOR_NOBODY = [
  `$JS.API.STREAM.PURGE.${JETSTREAM_STREAM}`,
  `$JS.API.STREAM.MSG.DELETE.${JETSTREAM_STREAM}`,
  `$JS.API.STREAM.RESTORE.${JETSTREAM_STREAM}`,
  `$JS.API.STREAM.SNAPSHOT.${JETSTREAM_STREAM}`,
  '$JS.API.STREAM.CREATE.mine',
  '$JS.API.STREAM.CREATE.KV_mine',
  '$JS.API.STREAM.LIST',
  '$JS.API.STREAM.NAMES',
  '$JS.API.STREAM.DELETE.KV_scraper-counts',
  '$JS.API.STREAM.PURGE.KV_scraper-counts',
  `$JS.API.CONSUMER.CREATE.${JETSTREAM_STREAM}.mine`,
  `$JS.API.CONSUMER.CREATE.${JETSTREAM_STREAM}.mine.cliptally.events.payout.>`,
  `$JS.API.CONSUMER.CREATE.${JETSTREAM_STREAM}`,
  `$JS.API.CONSUMER.DURABLE.CREATE.${JETSTREAM_STREAM}.mine`,
  `$JS.API.CONSUMER.CREATE.${JETSTREAM_STREAM}.scraper-tiktok`,
  `$JS.API.CONSUMER.CREATE.${JETSTREAM_STREAM}.scraper-tiktok.cliptally.events.payout.PayoutApproved`,
  `$JS.API.CONSUMER.DELETE.${JETSTREAM_STREAM}.scraper-tiktok`,
  `$JS.API.CONSUMER.MSG.NEXT.${JETSTREAM_STREAM}.mine`,
  `$JS.API.DIRECT.GET.${JETSTREAM_STREAM}.cliptally.events.payout.PayoutApproved`,
  '$JS.API.ACCOUNT.PURGE.EVENTS',
  '$SYS.REQ.SERVER.PING',
];

describe('the rights in NATS, each tried on a real server', () => {
  let nats: Awaited<ReturnType<typeof guardedNats>>;
  const connections = new Map<User, NatsConnection>();
  const of = (user: User) => connections.get(user)!;

  beforeAll(async () => {
    nats = await guardedNats();
    for (const user of USERS) connections.set(user, await nats.connect(user));
  });
  afterAll(async () => {
    for (const connection of connections.values()) await connection.close();
    await nats.stop();
  });

  const everything = [...new Set([...USERS.flatMap(mayPublish), ...FOR_NOBODY])];

  it.each(USERS)('%s publishes and asks what it needs, and nothing else', async (user) => {
    const subjects = everything.map(literal);
    const refused = await violations(of(user), (connection) => {
      // Empty requests of what is allowed: JetStream finds them wrong, or answers.
      for (const subject of subjects)
        if (!covers(mayPublish(user), subject)) connection.publish(subject);
    });
    expect(refused).toEqual(
      subjects
        .filter((subject) => !covers(mayPublish(user), subject))
        .map((subject) => `publish ${subject}`),
    );
    const silent = mayPublish(user).filter((subject) => !subject.includes('.STREAM.DELETE.'));
    expect(
      await violations(of(user), (connection) => {
        for (const subject of silent) if (!isEvent(subject)) connection.publish(literal(subject));
      }),
    ).toEqual([]);
  });

  it.each(USERS)('%s hears its own answers, and nothing else that it need not', async (user) => {
    const others = USERS.filter((other) => other !== user).map((other) => `_INBOX_${other}.>`);
    const subjects = [...others, '_INBOX.>', '>', '*.>', '$SYS.>', '$JS.>', '$KV.>', 'cliptally.>', 'cliptally.events.>', 'cliptally.hints.>']; // prettier-ignore
    const allowed = [...RIGHTS[user].hears, `_INBOX_${user}.>`];
    const refused = await violations(of(user), (connection) => {
      for (const subject of subjects.filter((one) => !allowed.includes(one)))
        connection.subscribe(subject, { callback: () => {} });
    });
    expect(refused).toEqual(
      subjects.filter((one) => !allowed.includes(one)).map((subject) => `subscription ${subject}`),
    );
    expect(
      await violations(of(user), (connection) => {
        for (const subject of allowed) connection.subscribe(subject, { callback: () => {} });
      }),
    ).toEqual([]);
  });

  describe('with a stolen password of the scraper', () => {
    const forged = 'cliptally.events.payout.PayoutApproved';
    const messages = async () => {
      let count = 0;
      await nats.asMigrate(async ({ manager }) => {
        count = (await manager.streams.info(JETSTREAM_STREAM)).state.messages;
      });
      return count;
    };
    /** What a follower and an inbox receive up to an event that the relay publishes after it. */
    const receivedMeanwhile = async (
      attack: (thief: NatsConnection) => void,
    ): Promise<string[]> => {
      const received: string[] = [];
      const take = (error: Error | null, { subject }: Msg) =>
        void (error ?? received.push(subject));
      const victims = (['monitor', 'earnings', 'relay'] as const).flatMap((user) =>
        [`_INBOX_${user}.victim`, ...RIGHTS[user].hears].map((subject) =>
          of(user).subscribe(subject, { callback: take }),
        ),
      );
      for (const user of ['monitor', 'earnings', 'relay'] as const) await of(user).flush();
      attack(of('scraper'));
      await of('scraper').flush();
      const last = 'cliptally.events.campaign.Last';
      of('relay').publish(last);
      await until('the event of the relay', () => received.filter((s) => s === last).length >= 2);
      for (const victim of victims) victim.unsubscribe();
      return received.filter((subject) => subject !== last);
    };

    it('nobody receives what it has JetStream answer to the subjects of others', async () => {
      const before = await messages();
      const hdrs = headers();
      hdrs.set('ce-id', 'forged');
      await of('scraper').request('$KV.scraper-counts.forged', '{"payoutId":"p"}', {
        headers: hdrs,
        timeout: 10_000,
      });
      const received = await receivedMeanwhile((thief) => {
        for (const reply of [forged, '_INBOX_monitor.victim', '_INBOX_relay.victim']) {
          thief.publish('$JS.API.DIRECT.GET.KV_scraper-counts.$KV.scraper-counts.forged', '', { reply });
          thief.publish('$JS.API.CONSUMER.MSG.NEXT.CLIPTALLY.scraper-tiktok', '{"batch":1,"no_wait":true}', { reply });
          thief.publish('$JS.API.INFO', '', { reply });
          thief.publish('$KV.scraper-counts.other', '{}', { reply });
        }
      }); // prettier-ignore
      expect(received).toEqual([]);
      // The relay's own one.
      expect(await messages()).toBe(before + 1);
    });

    it('its consumers cannot be changed, so that the server pushes them nowhere', async () => {
      const config = { durable_name: 'scraper-tiktok', deliver_subject: '_INBOX_monitor.victim' };
      const refused = await violations(of('scraper'), (thief) => {
        for (const subject of [
          'CONSUMER.CREATE.CLIPTALLY.scraper-tiktok.cliptally.events.tracking-run.ClipTrackingRequested.tiktok',
          'CONSUMER.DURABLE.CREATE.CLIPTALLY.scraper-tiktok',
          'CONSUMER.PAUSE.CLIPTALLY.scraper-tiktok',
          'CONSUMER.RESET.CLIPTALLY.scraper-tiktok',
        ])
          thief.publish(`$JS.API.${subject}`, JSON.stringify({ stream_name: 'CLIPTALLY', config }));
      });
      expect(refused).toHaveLength(4);
    });
  });
});

const isEvent = (subject: string) => subject.startsWith('cliptally.events.');

/**
 * What the server says that the permissions do not allow, in order. It answers in turn, so that
 * with the flush it has said all.
 */
async function violations(
  connection: NatsConnection,
  attempt: (connection: NatsConnection) => void,
): Promise<string[]> {
  const refused: string[] = [];
  const status = connection.status();
  const listening = (async () => {
    for await (const one of status) {
      const { error } = one as { error?: Error & { operation?: string; subject?: string } };
      if (error?.name === 'PermissionViolationError')
        refused.push(`${error.operation} ${error.subject}`);
    }
  })();
  attempt(connection);
  await connection.flush();
  // The server's errors are handed on in a turn of their own.
  await connection.flush();
  (status as AsyncIterable<unknown> & { stop?: () => void }).stop?.();
  await Promise.race([listening, new Promise((resolve) => setImmediate(resolve))]);
  return refused;
}
