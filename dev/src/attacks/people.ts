import { JETSTREAM_STREAM } from '@cliptally/contracts';
import { asStored, exportLog } from '@cliptally/event-store';
import { connectNats } from '@cliptally/messaging';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { firstOf, type Attack } from './attack.js';
import type { Target } from './target.js';

/** Who has the whole machine afterwards finds nothing of it. */
async function places(target: Target, needle: string, left: readonly string[]): Promise<string[]> {
  const db = new Client({ connectionString: target.servers.ownerUrl });
  const nats = await connectNats(target.servers.natsUrl('relay'), 'relay');
  const found: string[] = [];
  await db.connect();
  try {
    const { rows } = await db.query<{ name: string; schema: string }>(
      `select format('%I.%I', table_schema, table_name) as name, table_schema as schema from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    );
    const hex = Buffer.from(needle).toString('hex');
    for (const { name, schema } of rows) {
      if (left.some((prefix) => schema.startsWith(prefix))) continue;
      const sql = `select from ${name} t where position($1 in t::text) > 0 or position($2 in t::text) > 0 limit 1`;
      if ((await db.query(sql, [needle, hex])).rowCount === 1) found.push(`the table ${name}`);
    }
    const { state } = await nats.manager.streams.info(JETSTREAM_STREAM);
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await nats.manager.streams.getMessage(JETSTREAM_STREAM, { seq }).catch(() => null);
      if (Buffer.from(message?.data ?? []).toString().includes(needle)) found.push(`message ${seq}`);
    }
  } finally {
    await db.end();
    await nats.connection.close();
  }
  for await (const line of exportLog(asStored(target.store)))
    if (line.includes(needle)) found.push('the export and the archive, which is made of it');
  for (const { process } of [target.earnings, target.monitor])
    if (process.output.includes(needle)) found.push('a log line');
  return [...new Set(found)];
} // prettier-ignore

/** What docs/operations.md leaves out of a backup: tables that follow from the log, and keys. */
const NOT_BACKED_UP = ['personal', 'earnings', 'monitor', 'scheduler'];

export const PEOPLE: Attack[] = [
  {
    who: 'stranger',
    promise: 'forgotten',
    name: 'has the whole machine after a creator was erased, and a backup of before',
    whole: true,
    async try(target) {
      const needle = `zz-needle-${randomUUID().slice(0, 8)}`;
      const creatorId = `leaver-${randomUUID().slice(0, 8)}`;
      const as = ['creator', creatorId] as const;
      const campaignId = await target.launch('acme');
      const said = async (path: string, body: object, by: typeof as | null = as) => {
        const headers = { 'idempotency-key': randomUUID() };
        const answer = await target.ask(path, { body, headers, ...(by && { as: by }) });
        if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
        return answer.body;
      };
      const { clipId } = await said('/clips', { url: `${target.freshUrl()}&from=${needle}`, campaignId });
      await said(`/creators/${creatorId}/accounts`, { platform: 'youtube', handle: needle });
      await said(`/creators/${creatorId}/payout-account`, { provider: 'manual', account: `IBAN ${needle}` });
      await said(`/clips/${clipId}/reject`, { reason: `Not ${needle}`, campaignId }, null);
      await said(`/clips/${clipId}/appeal`, { text: `I am ${needle}`, campaignId });
      const read = await target.ask(`/creators/${creatorId}/data?limit=200`, { as });
      if (read.text.split(needle).length < 4) return `it does not see what is kept about it: ${read.text.slice(0, 200)}`;
      // A backup of now holds the log, in which the texts are sealed already, and no keys.
      const backup = await places(target, needle, NOT_BACKED_UP);
      if (backup.length > 0) return `a backup from before has it in ${backup.join(', ')}`;
      await said(`/creators/${creatorId}/erase`, { reason: 'requested', forfeit: true }, null);
      const found = await places(target, needle, []);
      if (found.length > 0) return `it still stands in ${found.join(', ')}`;
      return firstOf([`/creators/${creatorId}/data?limit=200`, `/creators/${creatorId}/payout-account`, `/clips/${clipId}`], async (path) =>
        (await target.ask(path)).text.includes(needle) ? `${path} tells it` : null);
    },
  },
]; // prettier-ignore
