import { expect } from '@jest/globals';
import { balance, closeOut, due, entriesOf, net, payable, rests, spent, whyOf, type Entry, type Model } from '../money-model/index.js'; // prettier-ignore
import type { Prefixes } from '../prefixes.js';
import type { World } from './acts.js';

const plain = (of: object) =>
  JSON.parse(JSON.stringify(of, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))) as object; // prettier-ignore

async function ok(world: World, path: string) {
  const { status, body } = await world.get(path);
  expect([path, status]).toEqual([path, 200]);
  return body;
}

/** What can be asked of the service, each with what the model says of it. */
export function asksOf(world: World, prefixes: Prefixes, m: Model) {
  const parts = (...of: object[]) => JSON.stringify(of.map(plain));
  const ids = [...new Set(Object.values(m.entries).map(({ creator }) => creator))];
  return [
    ...Object.keys(m.campaigns).map((id) => ({
      of: (at: Model) => parts(at.campaigns[id]!, ...entriesOf(at, { campaign: id })),
      agrees: () => campaignAgrees(world, m, id),
    })),
    ...ids.map((creator) => ({
      of: (at: Model) => parts(...entriesOf(at, { creator }), ...Object.values(at.payouts)),
      agrees: () => creatorAgrees(world, prefixes, m, creator),
    })),
  ];
}

async function campaignAgrees(world: World, m: Model, id: string): Promise<void> {
  const now = world.clock.now().getTime();
  const campaign = m.campaigns[id]!;
  const used = spent(campaign);
  const { budget, accrued, reversed, fees, status } = campaign;
  const [shown, clips, lines, closing] = await Promise.all([ok(world, `/campaigns/${id}`), ok(world, `/clips?campaignId=${id}`), linesOf(world, `/campaigns/${id}`), ok(world, `/campaigns/${id}/close-out`)]); // prettier-ignore
  expect(shown).toMatchObject(plain({ budget, accrued, reversed, fees, status, spent: used, remaining: budget - used, exhausted: used === budget })); // prettier-ignore
  expect(BigInt(sumOf(lines))).toBe(used);
  expect(closing).toMatchObject(plain(closeOut(m, id, now)));
  type Shown = { clipId: string; campaigns: Record<string, unknown>[] };
  const found = (clips.items as Shown[]).flatMap(({ clipId, campaigns }) =>
    campaigns
      .filter(({ campaignId }) => campaignId === id)
      .map((one) => ({ clipId, ...one, held: one['hold'] !== null })),
  );
  const expected = entriesOf(m, { campaign: id }).map((e) => plain(shownOf(m, e)) as typeof found[number]); // prettier-ignore
  const inOrder = <T extends { clipId: string }>(of: T[]) =>
    of.toSorted((a, b) => (a.clipId < b.clipId ? -1 : 1));
  expect(inOrder(found)).toMatchObject(inOrder(expected));
  expect(found).toHaveLength(expected.length);
}

function shownOf(m: Model, e: Entry) {
  const { terms } = m.campaigns[e.campaign]!;
  const { earned, high } = rests(terms, e);
  const { clip: clipId, creator: creatorId, status, accrued, reversed, fees, old: oldPost } = e;
  const sums = { accrued, reversed, earned: net(e), fees, due: due(m, e), entitlement: earned };
  const approvedAt = e.approvedAt ? new Date(e.approvedAt).toISOString() : null;
  return { clipId, creatorId, status, held: e.held !== null, highWater: high, approvedAt, oldPost, ...sums }; // prettier-ignore
}

/** Why each entry of a clip earns or is paid nothing more just now. */
export async function whyAgrees(world: World, m: Model, clip: string): Promise<void> {
  const entries = entriesOf(m, { clip });
  if (entries.length === 0) return;
  const now = world.clock.now().getTime();
  const { campaigns } = await ok(world, `/clips/${clip}`);
  type Shown = { campaignId: string; keeps: { code: string }[] };
  const shown = (campaigns as Shown[]).map(({ campaignId, keeps }) => [campaignId, keeps.map(({ code }) => code)]); // prettier-ignore
  const expected = entries.map((e) => [e.campaign, whyOf(m, e, now)]);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(expected));
}

async function creatorAgrees(world: World, prefixes: Prefixes, m: Model, id: string) {
  const now = world.clock.now();
  const expected = plain(balance(m, id, now.getTime())) as Record<string, number>;
  const [{ balances }, lines, { items }] = await Promise.all([ok(world, `/creators/${id}/balance`), linesOf(world, `/creators/${id}`), ok(world, `/payouts?creatorId=${id}`)]); // prettier-ignore
  const none = {
    accrued: 0,
    reversed: 0,
    fees: 0,
    reserved: 0,
    paid: 0,
    available: 0,
    validating: 0,
  };
  expect(balances[0] ?? none).toMatchObject(expected);
  const { most, least } = payable(m, id, now.getTime());
  if (balances.length > 0) expect(balances[0]).toMatchObject(plain({ payable: most > 0n ? most : 0n, minimumPayout: least })); // prettier-ignore
  expect(prefixes.balance(id, now)).toEqual(expected);
  expect(sumOf(lines)).toBe(expected['available']! + expected['validating']!);
  expect(lines.at(-1)?.sum ?? 0).toBe(sumOf(lines));
  const asked = Object.entries(m.payouts).filter(([, { creator }]) => creator === id);
  type Shown = { payoutId: string; amount: number; status: string; destination: { account: string } | null }; // prettier-ignore
  const shown = (items as Shown[]).map(({ payoutId, amount, status, destination }) => [payoutId, { amount, status, account: destination?.account ?? null }]); // prettier-ignore
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(asked.map(([payoutId, { amount, status, account }]) => [payoutId, { amount: Number(amount), status, account }]))); // prettier-ignore
}

type Line = { amount: number; sum: number };
const sumOf = (lines: Line[]): number => lines.reduce((sum, { amount }) => sum + amount, 0);
async function linesOf(world: World, path: string): Promise<Line[]> {
  const lines: Line[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { lines: Line[]; next: string | null } = await ok(world, `${path}/statement?limit=200${cursor && `&cursor=${cursor}`}`); // prettier-ignore
    lines.push(...page.lines);
    cursor = page.next;
  }
  return lines;
}
