import type { Role } from '@cliptally/contracts/api';
import { firstOf, type Attack } from './attack.js';
import type { Target } from './target.js';

interface Route {
  path: string;
  method: string;
  roles: readonly Role[];
}

async function routesOf(target: Target): Promise<Route[]> {
  const { body } = await target.ask('/openapi.json', { as: null });
  const paths = body.paths as Record<string, Record<string, { 'x-roles'?: Role[] }>>;
  return Object.entries(paths).flatMap(([path, of]) =>
    Object.entries(of).flatMap(([method, spec]) =>
      spec['x-roles'] ? [{ path, method: method.toUpperCase(), roles: spec['x-roles'] }] : [],
    ),
  );
}

/** Ann's things, which Bob and Eve are after. */
async function annsThings(target: Target) {
  const campaignId = await target.launch('acme');
  const clip = { url: target.freshUrl(), campaignId, creatorId: 'ann' };
  const { clipId } = (await target.ask('/clips', { body: clip })).body as { clipId: string };
  const account = { provider: 'manual', account: 'DE02 1203 0000 0000 2020 51' };
  await target.ask('/creators/ann/payout-account', { body: account });
  return { campaignId, clipId };
}

export const CALLERS: Attack[] = [
  {
    who: 'creator',
    promise: 'own-things',
    name: 'each role asks the routes of the others (the matrix of the API document)',
    async try(target) {
      const routes = await routesOf(target);
      if (routes.length < 60) return `the document names ${routes.length} routes only`;
      const roles = ['admin', 'brand', 'creator'] as const;
      return firstOf(routes, async ({ path, method, roles: allowed }) =>
        firstOf(roles.filter((role) => !allowed.includes(role)), async (role) => {
          const asked = { as: [role, 'mallory'] as const, method, ...(method === 'GET' ? {} : { body: {} }) };
          const { status } = await target.ask(path.replaceAll(/\{\w+\}/g, 'x'), asked);
          return status === 403 || status === 404 ? null : `a ${role} has ${status} from ${method} ${path}`;
        }));
    },
  },
  {
    who: 'creator',
    promise: 'own-things',
    name: "reads and changes another's balance, statement, account, payouts, clips and tax profile",
    async try(target) {
      const { campaignId, clipId } = await annsThings(target);
      const others = [['creator', 'bob'], ['creator', 'Ann'], ['brand', 'eve'], ['brand', 'ann']] as const;
      const paths = ['/creators/ann/balance', '/creators/ann/statement', '/creators/ann/payout-account', '/creators/ann/accounts', '/creators/ann/tax-profile', `/clips/${clipId}/statement`, `/clips/${clipId}/observations`, `/clips/${clipId}`, `/campaigns/${campaignId}/close-out`, `/campaigns/${campaignId}/statement`, '/brands/acme/funding'];
      const read = await firstOf(others, async (as) =>
        firstOf(paths, async (path) => {
          const { status, text } = await target.ask(path, { as });
          return status === 403 || status === 404 ? null : `${as.join(' ')} has ${status} from GET ${path}: ${text.slice(0, 80)}`;
        }));
      if (read) return read;
      return firstOf(others, async (as) =>
        firstOf([['/creators/ann/payout-account', { provider: 'manual', account: 'mine' }], [`/campaigns/${campaignId}/top-up`, { amount: 1 }], [`/campaigns/${campaignId}/end`, {}], [`/clips/${clipId}/approve`, { campaignId }], ['/payouts', { creatorId: 'ann', currency: 'USD', amount: 1 }], ['/brands/acme/funding', { currency: 'USD', amount: 1, reference: 'x' }]] as const, async ([path, body]) => {
          const { status } = await target.ask(path, { as, body });
          return status === 403 || status === 404 ? null : `${as.join(' ')} has ${status} from POST ${path}`;
        }));
    },
  },
  {
    who: 'creator',
    promise: 'own-things',
    name: "learns from the answer whether another's campaign or clip exists",
    async try(target) {
      const { campaignId, clipId } = await annsThings(target);
      const pairs = [[`/campaigns/${campaignId}`, '/campaigns/c-nothing', ['brand', 'eve']], [`/clips/${clipId}`, '/clips/youtube-nothing0000', ['creator', 'bob']], [`/campaigns/${campaignId}/close-out`, '/campaigns/c-nothing/close-out', ['brand', 'eve']]] as const;
      return firstOf(pairs, async ([there, not, as]) => {
        const [one, other] = [await target.ask(there, { as }), await target.ask(not, { as })];
        return one.status === other.status ? null : `${there} is answered with ${one.status}, and what there is not with ${other.status}`;
      });
    },
  },
  {
    who: 'creator',
    promise: 'own-things',
    name: 'reads what a shared clip earns others (case D16), and from which score on clips are held',
    async try(target) {
      const exclusive = false;
      const [a, b] = [await target.launch('acme', { exclusive, anomalyThreshold: 77 }), await target.launch('acme', { exclusive })];
      const url = target.freshUrl();
      const { clipId } = (await target.ask('/clips', { body: { url, campaignId: a, creatorId: 'ann' } })).body;
      await target.ask('/clips', { body: { url, campaignId: b, creatorId: 'bob' } });
      const seen = await target.ask(`/clips/${clipId}`, { as: ['creator', 'bob'] });
      if (seen.text.includes('"ann"') || seen.text.includes(a)) return `Bob reads of Ann: ${seen.text.slice(0, 200)}`;
      const statement = await target.ask(`/clips/${clipId}/statement`, { as: ['creator', 'bob'] });
      if (statement.text.includes('"ann"')) return "Bob reads Ann's lines";
      const campaign = await target.ask(`/campaigns/${a}`, { as: ['creator', 'bob'] });
      return 'anomalyThreshold' in campaign.body || campaign.text.includes('77 of 100') ? 'a creator reads anomalyThreshold' : null;
    },
  },
  {
    who: 'creator',
    promise: 'one-reading',
    name: 'asks again under another spelling of the path, with the same key',
    async try(target) {
      const campaignId = await target.launch('acme');
      const as = ['brand', 'acme'] as const;
      const body = { amount: 1_000 };
      const path = `/campaigns/${campaignId}/top-up`;
      const headers = { 'idempotency-key': `spelled-${campaignId}` };
      const budget = async () => ((await target.ask(`/campaigns/${campaignId}`)).body as { budget: number }).budget;
      const first = await target.ask(path, { as, body, headers });
      if (first.status !== 200) return `the first was answered with ${first.status}`;
      const once = await budget();
      const spelled = [`${path}/`, `/campaigns//${campaignId}/top-up`, path.toUpperCase(), path.replace('top-up', 'top%2Dup'), `/%63ampaigns/${campaignId}/top-up`, `/x/..${path}`, `${path}?dryRun=false`, `${path};x=1`, `${path}%2f`, `${path}/.`];
      return firstOf(spelled, async (other) => {
        const { status } = await target.ask(other, { as, body, headers });
        const now = await budget();
        return now === once ? null : `${other} was answered with ${status} and added ${now - once} more`;
      });
    },
  },
  {
    who: 'creator',
    promise: 'bounded',
    name: 'puts 1,000 unknown clips before the reviewers, at once and in batches',
    async try(target) {
      const campaignId = await target.launch('acme');
      const as = ['creator', 'flood'] as const;
      for (let round = 0; round < 5; round++)
        await Promise.all(Array.from({ length: 200 }, () => target.ask('/clips', { as, body: { url: target.freshUrl(), campaignId } })));
      const { body } = await target.ask(`/clips/counts?campaignId=${campaignId}`);
      const { body: list } = await target.ask(`/clips?campaignId=${campaignId}&limit=200`);
      const waiting = (list.items as unknown[]).length;
      return waiting <= 20 ? null : `${waiting} wait: ${JSON.stringify(body).slice(0, 120)}`;
    },
    whole: true,
  },
]; // prettier-ignore
