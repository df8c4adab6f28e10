import { JETSTREAM_STREAM, streams, SUBJECT_PREFIX } from '@cliptally/contracts';
import { connect, headers } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { until } from '../servers/index.js';
import { firstOf, type Attack } from './attack.js';
import type { Standing, Target } from './target.js';

/** As who has its password; a refused request is an error. */
async function natsAs(target: Target, service: Standing) {
  const url = new URL(target.servers.natsUrl(service));
  return connect({ servers: url.host, user: url.username, pass: url.password, inboxPrefix: `_INBOX_${service}`, timeout: 3_000 });
} // prettier-ignore

async function sqlAs(target: Target, service: Standing, sql: string, values: unknown[] = []): Promise<string | null> {
  const db = new Client({ connectionString: target.servers.databaseUrl(service) });
  await db.connect();
  try {
    await db.query(sql, values);
    return `${service} may: ${sql.slice(0, 80)}`;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return ['42501', '42P01', '3F000', '42883', 'P0001', '25006'].includes(code ?? '') ? null : `${sql.slice(0, 60)}: ${message}`;
  } finally {
    await db.end();
  }
} // prettier-ignore

const APPEND = `select * from append_events(array[1], array[1], array[true], array[$1], array[-2::bigint], array[$2::uuid], array[$3], array[1::smallint], array[now()], array['a'], array['a'], array[$4])`;

export const SERVICES: Attack[] = [
  {
    who: 'password',
    promise: 'own-subjects',
    name: 'the scraper reads payouts and accounts from JetStream, makes streams, buckets and consumers',
    whole: true,
    async try(target) {
      const nats = await natsAs(target, 'scraper');
      try {
        const asked = [
          [
            `$JS.API.STREAM.MSG.GET.${JETSTREAM_STREAM}`,
            { last_by_subj: `${SUBJECT_PREFIX}.payout.>` },
          ],
          [
            `$JS.API.DIRECT.GET.${JETSTREAM_STREAM}`,
            { last_by_subj: `${SUBJECT_PREFIX}.payout.>` },
          ],
          [
            `$JS.API.CONSUMER.CREATE.${JETSTREAM_STREAM}`,
            {
              stream_name: JETSTREAM_STREAM,
              config: {
                deliver_subject: '_INBOX_scraper.x',
                filter_subject: `${SUBJECT_PREFIX}.>`,
              },
            },
          ],
          [
            '$JS.API.STREAM.CREATE.KV_mine',
            {
              name: 'KV_mine',
              subjects: ['$KV.mine.>'],
              republish: { src: '>', dest: `${SUBJECT_PREFIX}.payout.PayoutApproved` },
            },
          ],
          [`$JS.API.STREAM.UPDATE.${JETSTREAM_STREAM}`, { name: JETSTREAM_STREAM }],
          [`$JS.API.STREAM.PURGE.${JETSTREAM_STREAM}`, {}],
          [`$JS.API.STREAM.DELETE.${JETSTREAM_STREAM}`, {}],
        ] as const;
        return await firstOf(asked, async ([subject, body]) => {
          const answer = await nats
            .request(subject, JSON.stringify(body), { timeout: 2_000 })
            .catch(() => null);
          const said = answer ? answer.string() : '{"error":{}}';
          return said.includes('"error"') ? null : `${subject} was answered: ${said.slice(0, 100)}`;
        });
      } finally {
        await nats.close();
      }
    },
  },
  {
    who: 'password',
    promise: 'own-subjects',
    name: 'services publish events and hear the answers of others',
    whole: true,
    try: (target) =>
      firstOf(['scraper', 'earnings', 'monitor'] as const, async (service) => {
        const nats = await natsAs(target, service);
        const spy = await natsAs(target, 'relay');
        const received: string[] = [];
        spy.subscribe(`${SUBJECT_PREFIX}.>`, {
          callback: (error, message) => void (error ?? received.push(message.subject)),
        });
        const other: string[] = [];
        nats.subscribe('_INBOX_relay.>', {
          callback: (error, message) => void (error ?? other.push(message.subject)),
        });
        nats.publish(`${SUBJECT_PREFIX}.payout.PayoutApproved`, '{}');
        await nats.flush().catch(() => {});
        spy.publish('_INBOX_relay.secret', 'x');
        await spy.flush().catch(() => {});
        await nats.flush().catch(() => {});
        await nats.close();
        await spy.close();
        if (received.some((subject) => subject.endsWith('PayoutApproved')))
          return `${service} has published an event`;
        return other.length > 0 ? `${service} hears what the relay is answered` : null;
      }),
  },
  {
    who: 'password',
    promise: 'own-subjects',
    name: 'the scraper reads payout events from the log',
    whole: true,
    async try(target) {
      const data = {
        creatorId: 'ann',
        provider: 'manual' as const,
        account: 'DE02 1203 0000 0000 2020 51',
        by: 'ann',
      };
      await target.store.append(
        streams.payout(`read-${randomUUID().slice(0, 8)}`),
        [target.event('PayoutAccountSet', data)],
        'any',
      );
      const db = new Client({ connectionString: target.servers.databaseUrl('scraper') });
      await db.connect();
      try {
        const rows = await db
          .query("select data::text as data from events where type = 'PayoutAccountSet'")
          .then(
            ({ rows: found }) => found as { data: string }[],
            () => [],
          );
        return rows.some(({ data: text }) => text.includes('DE02'))
          ? 'it reads payout accounts'
          : null;
      } finally {
        await db.end();
      }
    },
  },
  {
    who: 'event',
    promise: 'log-alone',
    name: 'a message on JetStream that is no event: without a position, of an unknown type, no JSON',
    whole: true,
    async try(target) {
      const nats = await natsAs(target, 'relay');
      const said = (payload: string, of: Record<string, string> = {}) => {
        const hdrs = headers();
        for (const [name, value] of Object.entries(of)) hdrs.set(name, value);
        nats.publish(`${SUBJECT_PREFIX}.payout.PayoutApproved`, payload, { headers: hdrs });
      };
      said('{}');
      said('no json');
      said('\u0000');
      said('{}', { 'ce-position': 'x', 'ce-previousposition': 'y' });
      said('{}', {
        'ce-position': '-1',
        'ce-previousposition': '-2',
        'ce-type': 'cliptally.PayoutApproved',
      });
      said('x'.repeat(100_000), { 'ce-type': 'cliptally.EventThatNobodyKnows' });
      await nats.flush();
      await nats.close();
      // A true event after them is taken, so all of them have been read.
      const campaignId = await target.launch('acme');
      await until(
        'what comes after',
        async () => (await target.ask(`/campaigns/${campaignId}`)).status === 200 || undefined,
      );
      return firstOf([target.earnings, target.monitor], async ({ url }) => {
        const { status } = await target.ask('/readyz', { as: null }, url);
        return status === 200 ? null : `${url} is not ready any more`;
      });
    },
  },
];

/** Tried last: what it may append by itself stays in the log, and stops who cannot fold it. */
export const FORGERIES: Attack[] = [
  {
    who: 'password',
    promise: 'own-subjects',
    name: 'the scraper appends events of money, changes the log, reads secrets and other tables',
    whole: true,
    async try(target) {
      const payout = JSON.stringify({ payoutId: 'p', creatorId: 'ann', by: 'mallory', decidedAt: null });
      const forged = await firstOf([['payout-ann', 'PayoutApproved'], ['campaign-x', 'EarningsAccrued'], ['brand-x', 'BudgetFunded'], ['payout-ann', 'ViewsRecorded'], ['campaign-x', 'ViewsRecorded']] as const, async ([stream, type]) => sqlAs(target, 'scraper', APPEND, [stream, randomUUID(), type, payout]));
      if (forged) return forged;
      return firstOf([
        'delete from events', "update events set data = '{}'", 'truncate events', 'insert into events select * from events', 'alter table events disable trigger all', 'drop table events',
        'select * from earnings.payout_accounts', 'select * from earnings_webhooks.endpoints', 'create schema mine', 'select pg_read_file(\'/etc/passwd\')', 'copy events to program \'id\'', 'set role earnings', 'alter role scraper superuser',
      ], (sql) => sqlAs(target, 'scraper', sql));
    },
  },
  {
    who: 'event',
    promise: 'log-alone',
    name: "an event that is not in the log, published with the relay's own password",
    whole: true,
    async try(target) {
      const payoutId = `p-${randomUUID().slice(0, 8)}`;
      const asked = target.event('PayoutRequested', { payoutId, creatorId: 'ann', currency: 'USD', amount: 1 });
      await target.store.append(streams.payout('ann'), [asked], 'any');
      const nats = await natsAs(target, 'relay');
      const head = await target.store.head();
      const hdrs = headers();
      for (const [name, value] of Object.entries({ 'ce-specversion': '1.0', 'ce-id': randomUUID(), 'ce-source': '/cliptally', 'ce-type': 'cliptally.PayoutApproved', 'ce-time': new Date().toISOString(), 'ce-subject': 'payout-ann', 'ce-dataversion': '2', 'ce-revision': '1', 'ce-position': String(head + 1), 'ce-previousposition': String(head), 'ce-correlationid': 'x', 'ce-causationid': 'x' })) hdrs.set(name, value);
      nats.publish(`${SUBJECT_PREFIX}.payout.PayoutApproved`, JSON.stringify({ payoutId, creatorId: 'ann', by: 'mallory', decidedAt: null }), { headers: hdrs });
      await nats.flush();
      await nats.close();
      const of = { brandId: 'late', currency: 'USD', amount: 1, reference: 'r' };
      await target.store.append(streams.brand('late'), [target.event('BudgetFunded', { ...of, by: 'root' })], 'any');
      const late = () => target.ask('/brands/late/funding').then(({ body }) => (body.currencies as []).length > 0 || undefined);
      await until('what comes after', late).catch(() => {});
      if (!(await late())) return 'the tables follow the log no more';
      const { body } = await target.ask(`/payouts/${payoutId}`);
      return body.status === 'REQUESTED' ? null : `the payout is ${body.status}`;
    },
  },
]; // prettier-ignore
