import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@cliptally/contracts/api';
import { startApiWorld } from '../testing/api-world.js';
import { API_CONTROLLERS } from './application.js';
import { routesOf } from './routes.js';

/**
 * Subjects as providers make them and attackers would: each is an id on every route, or is refused
 * by name on every route.
 */
const SUBJECTS: [name: string, subject: string, admin: boolean, others: boolean][] = [
  ['an id', 'ann-1_A', true, true],
  ['a name that objects have', '__proto__', true, true],
  ['64 letters', 'x'.repeat(64), true, true],
  ['65 letters', 'x'.repeat(65), true, false],
  ['that of Auth0', 'auth0|507f1f77bcf86cd799439020', true, false],
  ['an e-mail address', 'ann@example.com', true, false],
  ['a path', '../x', true, false],
  ['a wildcard of NATS', '*', true, false],
  ['all of NATS', 'cliptally.>', true, false],
  ['SQL', "'; drop table events; --", true, false],
  ['an encoded path', '%2e%2e%2f', true, false],
  ['a line break', 'ann\nbob', true, false],
  ['other letters', 'Ännchen 💥', true, false],
  ['a space', ' ', true, false],
  ['nothing', '', false, false],
  ['U+0000', 'a\u0000b', false, false],
  ['half a surrogate', '\ud800', false, false],
  ['the other half', 'a\udc00', false, false],
  ['201 letters', 'x'.repeat(201), false, false],
  ['a part of Cliptally, to an admin', 'stripe', false, true],
];

describe('any subject of a token', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    world = await startApiWorld();
  });
  afterAll(() => world.close());
  const routes = routesOf(API_CONTROLLERS);

  const statusesOf = async (role: Role, subject: string) => {
    const seen = new Map<number, string[]>();
    for (const { method, path } of routes) {
      const address = path.replace(':id', 'nobody').replace(':position', '1').replace(':line', '1-0').replace(':year', '2026'); // prettier-ignore
      const writes = method !== 'get';
      const { status, body } = await world.send(method.toUpperCase(), address, {
        as: [role, subject],
        ...(writes && { body: {}, key: `${role}-${path}`.replaceAll(/[^\w-]/g, '') }),
      });
      seen.set(status, [...(seen.get(status) ?? []), `${method} ${path}`]);
      if (status === 401) expect(body.detail).toMatch(/subject/);
    }
    return seen;
  };

  it.each(SUBJECTS)(
    '%s',
    async (_, subject, admin, others) => {
      for (const [role, taken] of [['admin', admin], ['brand', others], ['creator', others]] as const) {
        const seen = await statusesOf(role, subject);
        const statuses = [...seen.keys()];
        const failed = statuses.filter((status) => status >= 500 && status !== 503).flatMap((status) => seen.get(status)!);
        expect([role, failed]).toEqual([role, []]);
        if (taken) expect([role, statuses.includes(401)]).toEqual([role, false]);
        else expect([role, statuses]).toEqual([role, [401]]);
      }
    },
    300_000,
  ); // prettier-ignore

  it.each(SUBJECTS.filter(([, , admin]) => admin))(
    '%s acts as an admin, and stands in the log by an id',
    async (_, subject) => {
      const as: [Role, string] = ['admin', subject];
      const { status, body } = await world.post('/campaigns', world.terms({ brandId: 'acme' }), { as }); // prettier-ignore
      expect(status).toBe(201);
      expect((await world.post(`/campaigns/${body.campaignId}/pause`, {}, { as })).status).toBe(200); // prettier-ignore
      const events = await Array.fromAsync(world.store.readStream(`campaign-${body.campaignId}`));
      // An address says who it is without a list of people.
      const by = subject.includes('@') ? expect.stringMatching(/^admin-[0-9a-f]{20}$/) : subject;
      expect(events.at(-1)).toMatchObject({ type: 'CampaignPaused', data: { by } });
    },
  );
});
