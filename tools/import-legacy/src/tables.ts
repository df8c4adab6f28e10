import { CliFailure, EXIT, wrongUse } from '@cliptally/cli';
import { Client } from 'pg';

/**
 * What is read of the replaced system's tables, in Prisma's naming; `?` marks what may be missing.
 * Money is in major units there.
 */
const TABLES = {
  campaigns: ['id', 'name', 'brandId', 'status', 'budget', 'spent', 'cpm', 'startDate', 'endDate?', 'minViews?', 'maxPayoutPerClip?', 'createdAt', 'updatedAt'],
  clips: ['id', 'url', 'userId', 'views', 'earnings', 'createdAt'],
  clip_submissions: ['id', 'clipId', 'campaignId', 'userId', 'status', 'initialViews?', 'rejectionReason?', 'reviewedAt?', 'createdAt', 'updatedAt'],
  view_tracking: ['id', 'clipId', 'views', 'createdAt'],
  payout_requests: ['id', 'userId', 'amount', 'status', 'transactionId?', 'reason?', 'createdAt', 'updatedAt'],
} as const; // prettier-ignore
export type TableName = keyof typeof TABLES;

/** A number as it stands in the database: float, numeric or bigint. */
type Quantity = number | string;

export interface OldCampaign {
  id: string; name: string; brandId: string; status: string; budget: Quantity; spent: Quantity; cpm: Quantity; startDate: Date; endDate: Date | null;
  minViews: Quantity | null; maxPayoutPerClip: Quantity | null; createdAt: Date; updatedAt: Date;
} // prettier-ignore
export interface OldClip {
  id: string; url: string; userId: string; views: Quantity | null; earnings: Quantity | null; createdAt: Date;
} // prettier-ignore
export interface OldSubmission {
  id: string; clipId: string; campaignId: string; userId: string; status: string; initialViews: Quantity | null; rejectionReason: string | null;
  reviewedAt: Date | null; createdAt: Date; updatedAt: Date;
} // prettier-ignore
export interface OldTracking {
  id: string; clipId: string; views: Quantity | null; createdAt: Date;
} // prettier-ignore
export interface OldPayout {
  id: string; userId: string; amount: Quantity; status: string; transactionId: string | null; reason: string | null; createdAt: Date; updatedAt: Date;
} // prettier-ignore

export interface OldSystem {
  campaigns: OldCampaign[];
  clips: OldClip[];
  clip_submissions: OldSubmission[];
  view_tracking: OldTracking[];
  payout_requests: OldPayout[];
}

/** Other names of columns, by `table.column`. */
export type ColumnNames = Readonly<Record<string, string>>;

/**
 * Reads all tables as of one instant, changing nothing. Throws a sentence that names every column
 * that is missing.
 */
export async function readOldSystem(url: string, names: ColumnNames): Promise<OldSystem> {
  const client = new Client({ connectionString: url, application_name: 'cliptally-import' });
  try {
    await client.connect();
    await client.query('begin isolation level repeatable read read only');
    // Prisma's timestamps have no zone and mean UTC.
    await client.query(`set local time zone 'UTC'`);
    const columns = await columnsOf(client, names);
    const read = async <T extends object>(table: TableName, order: string) =>
      (await client.query<T>(selectOf(table, columns[table], order))).rows;
    return {
      campaigns: await read('campaigns', 'createdAt'),
      clips: await read('clips', 'createdAt'),
      clip_submissions: await read('clip_submissions', 'createdAt'),
      view_tracking: await read('view_tracking', 'createdAt'),
      payout_requests: await read('payout_requests', 'createdAt'),
    };
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    throw new CliFailure(
      EXIT.unavailable,
      `The old database cannot be read: ${(error as Error).message || (error as { code?: string }).code}.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** For each column the name that it has there; null for one that may be missing, and is. */
type Found = Record<TableName, Record<string, string | null>>;

async function columnsOf(client: Client, names: ColumnNames): Promise<Found> {
  const { rows } = await client.query<{ table_name: string; column_name: string }>(
    `select table_name, column_name from information_schema.columns where table_schema = any(current_schemas(false)) and table_name = any($1)`,
    [Object.keys(TABLES)],
  );
  const there = new Set(rows.map(({ table_name, column_name }) => `${table_name}.${column_name}`));
  const missing: string[] = [];
  const found = Object.fromEntries(
    Object.entries(TABLES).map(([table, wanted]) => [
      table,
      Object.fromEntries(
        wanted.map((want) => {
          const column = want.replace('?', '');
          const name = names[`${table}.${column}`] ?? column;
          if (there.has(`${table}.${name}`)) return [column, name];
          if (!want.endsWith('?')) missing.push(`${table}.${name}`);
          return [column, null];
        }),
      ),
    ]),
  ) as Found;
  if (missing.length > 0) {
    const example = missing[0]!;
    throw wrongUse(
      `The old database has no ${missing.join(', ')}. If such a column has another name there, say so: --column ${example}=<its name>.`,
    );
  }
  return found;
}

/** Timestamps without a zone are read as UTC; ids are text whatever they are there. */
function selectOf(table: TableName, columns: Record<string, string | null>, order: string): string {
  const list = Object.entries(columns).map(([column, name]) => {
    if (name === null) return `null as "${column}"`;
    if (/(At|Date)$/.test(column)) return `"${name}"::timestamptz as "${column}"`;
    return /(id|Id|status)$/.test(column)
      ? `"${name}"::text as "${column}"`
      : `"${name}" as "${column}"`;
  });
  return `select ${list.join(', ')} from "${table}" order by "${columns[order]}", "${columns['id']}"`;
}
