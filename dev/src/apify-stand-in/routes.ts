import type { Account } from './account.js';
import type { Call } from './faults.js';
import { flagIn, numberIn, type Answer } from './http.js';
import { costAt, itemsAt, statusAt, TIER, USER_ID, viewOf, type Run } from './runs.js';
import { parseWebhooks } from './webhooks.js';

interface Request {
  /** The part of the path that names an actor, a run, a dataset or a store. */
  id: string;
  query: URLSearchParams;
  body: unknown;
}

export interface Route {
  call: Call;
  method: string;
  path: RegExp;
  handle: (request: Request) => Answer | Promise<Answer>;
}

const MAX_WAIT_SECS = 60;
const NO_LIMIT = 999_999_999_999;

/**
 * What of Apify's API v2 is answered: all that `apify-client` asks for actors, runs, their items,
 * input and log, and the user's limits.
 */
export function routesOf(account: Account): Route[] {
  const now = () => account.options.clock.now().getTime();
  const shown = (run: Run): Answer => ({ body: { data: viewOf(run, now()) } });
  const waited = async (run: Run, query: URLSearchParams) =>
    shown(
      await account.wait(run.id, Math.min(MAX_WAIT_SECS, numberIn(query, 'waitForFinish') ?? 0)),
    );
  // The client says /v2/actors; /v2/acts is the older name for the same.
  const actor = '/v2/act(?:or)?s/ID';
  const route = (method: string, call: Call, path: string, handle: Route['handle']): Route => {
    return { method, call, path: new RegExp(`^${path.replace('ID', '(?<id>[^/]+)')}$`), handle };
  };

  return [
    route('POST', 'start', `${actor}/runs`, async ({ id, query, body }) => {
      const usd = numberIn(query, 'maxTotalChargeUsd');
      const options = {
        timeoutSecs: numberIn(query, 'timeout') || 3_600,
        memoryMbytes: numberIn(query, 'memory') || 1_024,
        maxItems: numberIn(query, 'maxItems'),
        maxChargeMicroUsd: usd === null ? null : Math.round(usd * 1e6),
      };
      const run = account.start(
        account.actor(id),
        body,
        options,
        parseWebhooks(query.get('webhooks')),
      );
      return { ...(await waited(run, query)), status: 201 };
    }),
    route('GET', 'list', `${actor}/runs`, ({ id, query }) => {
      const found = account.actor(id);
      return listed(account.runs().filter((run) => run.actorId === found.id), query, now()); // prettier-ignore
    }),
    route('GET', 'actor', actor, ({ id }) => {
      const found = account.actor(id);
      const [username, name] = found.name.split('/');
      const price = {
        pricingModel: 'PAY_PER_EVENT',
        startedAt: new Date(0),
        minimalMaxTotalChargeUsd: found.price.minimumMicroUsd / 1e6,
      };
      return {
        body: {
          data: {
            id: found.id,
            name,
            username,
            title: name,
            isPublic: true,
            pricingInfos: [price],
          },
        },
      };
    }),
    route('GET', 'get', '/v2/actor-runs/ID', ({ id, query }) => waited(account.run(id), query)),
    route('POST', 'abort', '/v2/actor-runs/ID/abort', ({ id }) =>
      shown(account.abort(account.run(id))),
    ),
    route('GET', 'log', '/v2/(?:actor-runs|logs)/ID(?:/log)?', ({ id }) => ({
      body: logOf(account.run(id), now()),
    })),
    route('GET', 'items', '/v2/(?:actor-runs|datasets)/ID(?:/dataset)?/items', ({ id, query }) =>
      page(itemsAt(account.run(id), now()), query),
    ),
    route(
      'GET',
      'input',
      '/v2/(?:actor-runs|key-value-stores)/ID(?:/key-value-store)?/records/INPUT',
      ({ id }) => ({
        body: account.run(id).input,
      }),
    ),
    route('GET', 'user', '/v2/users/me', () => ({
      body: { data: { id: USER_ID, username: 'stand-in', plan: { id: 'STAND-IN', tier: TIER } } },
    })),
    route('GET', 'user', '/v2/users/me/limits', () => {
      const { cycleDay: _, ...limits } = account.limits;
      const current = {
        monthlyUsageUsd: account.usageMicroUsd(now()) / 1e6,
        activeActorJobCount: account.active(now()).length,
      };
      return { body: { data: { monthlyUsageCycle: account.cycleAt(now()), limits, current } } };
    }),
  ];
}

const LISTED =
  'id actId userId status startedAt finishedAt meta usageTotalUsd defaultKeyValueStoreId defaultDatasetId'.split(
    ' ',
  );

function listed(all: Run[], query: URLSearchParams, now: number): Answer {
  const statuses = query.get('status')?.split(',');
  const instant = (name: string, otherwise: number) =>
    Date.parse(query.get(name) ?? '') || otherwise;
  const [after, before] = [instant('startedAfter', -Infinity), instant('startedBefore', Infinity)];
  const fitting = all.filter(
    (run) =>
      run.startedAt >= after &&
      run.startedAt <= before &&
      (statuses?.includes(statusAt(run, now)) ?? true),
  );
  const desc = flagIn(query, 'desc');
  if (desc) fitting.reverse();
  const offset = numberIn(query, 'offset') ?? 0;
  const limit = Math.min(numberIn(query, 'limit') || 1_000, 1_000);
  const items = fitting
    .slice(offset, offset + limit)
    .map((run) => picked(viewOf(run, now), LISTED));
  return {
    body: { data: { total: fitting.length, offset, limit, desc, count: items.length, items } },
  };
}

function page(all: Record<string, unknown>[], query: URLSearchParams): Answer {
  const offset = numberIn(query, 'offset') ?? 0;
  const limit = numberIn(query, 'limit') || NO_LIMIT;
  const desc = flagIn(query, 'desc');
  const fields = query.get('fields')?.split(',');
  const rows = (desc ? all.toReversed() : all).slice(offset, offset + limit);
  const paging = Object.entries({ total: all.length, offset, limit, count: rows.length, desc });
  return {
    headers: Object.fromEntries(
      paging.map(([name, value]) => [`x-apify-pagination-${name}`, String(value)]),
    ),
    body: fields
      ? rows.map((row) =>
          typeof row === 'object' && row !== null ? picked(row, fields) : (row as unknown),
        )
      : rows,
  };
}

const picked = (from: Record<string, unknown>, fields: string[]) =>
  Object.fromEntries(fields.filter((f) => f in from).map((f) => [f, from[f]]));

function logOf(run: Run, now: number): string {
  const line = (at: number, text: string) =>
    at <= now ? `${new Date(at).toISOString()} ACTOR: ${text}\n` : '';
  return (
    line(run.startedAt, 'Starting the run.') +
    line(run.plan.endAt, `${run.plan.message}. Cost: $${costAt(run, now) / 1e6}.`)
  );
}
