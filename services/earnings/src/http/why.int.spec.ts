import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { freshUrl, startApiWorld, type Sending } from '../testing/api-world.js';

/** Events as a stranger reads them from the file. */
interface Read {
  position: number;
  id: string;
  type: string;
  time: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  data: any;
}

interface Line {
  lineId: string;
  kind: string;
  eventId: string;
  clipId: string;
  due: number;
  amount: number;
}

/** The file's events and its last hash, by a reader that shares no code with the product. */
function readExport(text: string): { events: Read[]; head: string } {
  let head = '0'.repeat(64);
  const events = text.trimEnd().split('\n').map((line) => {
    const [, hash, event] = /^\{"hash":"([0-9a-f]{64})","event":(.+)\}$/.exec(line)!;
    head = createHash('sha256').update(`${head}\n${event}`).digest('hex');
    expect(hash).toBe(head);
    return JSON.parse(event!) as Read;
  }); // prettier-ignore
  return { events, head };
}

/** What docs/money.md says of a line of an accrual, in BigInt, by the exported events alone. */
function recompute(events: Read[], eventId: string, clipId: string) {
  const line = events.find(({ id }) => id === eventId)!;
  const before = events.filter(({ position }) => position <= line.data.decidedAt);
  const { terms } = before.find(({ type }) => type === 'CampaignLaunched')!.data;
  const approvedAt = Date.parse(before.findLast(({ type }) => type === 'ClipApproved')!.time);
  const end = before.find(({ type }) => type === 'CampaignEnded');
  const from = Math.max(approvedAt, Date.parse(terms.startsAt));
  const to = Math.min(approvedAt + terms.trackingDays * 86_400_000, terms.endsAt ? Date.parse(terms.endsAt) : Infinity, end ? Date.parse(end.time) : Infinity); // prettier-ignore
  const seen = before
    .filter(({ type }) => type === 'ViewsRecorded')
    .map(({ data }) => ({ at: Date.parse(data.observedAt), views: BigInt(data.views) }))
    .filter(({ at }) => at >= from && at < to)
    .toSorted((a, b) => a.at - b.at);
  const high = seen.reduce((most, { views }) => (views > most ? views : most), 0n);
  const rate = BigInt(terms.ratePerThousand[clipId.split('-')[0]!] ?? terms.ratePerThousand.default); // prettier-ignore
  const counted = high - (terms.countFrom === 'approval' ? seen[0]!.views : 0n);
  const bonus = (terms.milestones ?? []).reduce((sum: bigint, one: { views: number; bonus: number }) => (counted >= BigInt(one.views) ? sum + BigInt(one.bonus) : sum), 0n); // prettier-ignore
  const byViews = high < BigInt(terms.minViews) ? 0n : (counted * rate) / 1000n + bonus;
  const plain = byViews + BigInt(terms.flatFee ?? 0);
  const cap = terms.maxPayoutPerClip === null ? plain : BigInt(terms.maxPayoutPerClip);
  const earned = plain < cap ? plain : cap;
  let [had, voided] = [0n, 0n];
  for (const { type, data } of before)
    for (const one of data.lines ?? []) {
      if (one.clipId !== clipId) continue;
      had += type === 'EarningsAccrued' ? BigInt(one.amount) : -BigInt(one.amount);
      if (type === 'EarningsReversed' && data.by !== 'cliptally:settlement') voided += BigInt(one.amount); // prettier-ignore
    }
  const due = (earned > voided ? earned - voided : 0n) - had;
  const together = events.filter(({ time, position }) => time === line.time && position >= line.position); // prettier-ignore
  const unpaid = together.find(({ type }) => type === 'CampaignBudgetExhausted')?.data.unpaid ?? 0;
  const paid = BigInt(line.data.total);
  const share = (due * paid) / (paid + BigInt(unpaid));
  return { due, amounts: unpaid === 0 ? [due] : [share, share + 1n] };
}

describe('why a line is what it is', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let clips: Record<string, string>;
  const creator = (name: string): Sending => ({ as: ['creator', name] });
  const brand = (name: string): Sending => ({ as: ['brand', name] });
  const linesOf = async (path: string, sending?: Sending) => (await world.get(`${path}/statement?limit=200`, sending)).body.lines as Line[]; // prettier-ignore

  beforeAll(async () => {
    world = await startApiWorld();
    const campaigns = {
      plain: { budget: 100_000 },
      capped: { maxPayoutPerClip: 1_200, countFrom: 'approval', minViews: 5_000, flatFee: 50, milestones: [{ views: 8_000, bonus: 33 }] }, // prettier-ignore
      scarce: { budget: 10_001, ratePerThousand: { default: 133 } },
    };
    for (const [campaignId, more] of Object.entries(campaigns))
      await world.post('/campaigns', world.terms({ campaignId, brandId: campaignId, exclusive: false, anomalyThreshold: null, ...more })); // prettier-ignore
    clips = {};
    for (const campaignId of Object.keys(campaigns))
      for (const creatorId of ['ann', 'bob', 'cid']) {
        const { clipId } = (await world.post('/clips', { url: freshUrl(), campaignId, creatorId })).body; // prettier-ignore
        clips[`${campaignId} ${creatorId}`] = clipId;
        await world.post(`/clips/${clipId}/approve`);
      }
    const seen = [[1_001, 4_000, 7_777], [9_999, 12_345, 30_000], [33_333, 61_001, 64_000]]; // prettier-ignore
    for (const round of seen)
      for (const campaignId of Object.keys(campaigns))
        for (const [nth, creatorId] of ['ann', 'bob', 'cid'].entries()) {
          world.clock.advance(60_000);
          await world.see(clips[`${campaignId} ${creatorId}`]!, round[nth]!);
        }
    const taken = clips['plain ann']!;
    await world.post(`/clips/${taken}/reverse`, { amount: 500, reason: 'Half of them were bots' });
    world.clock.advance(60_000);
    await world.see(taken, 90_000);
  }, 120_000);
  afterAll(() => world.close());

  it('gives the same amount to who computes it anew from the exported events, for each line there is', async () => {
    let [accrued, shared] = [0, 0];
    for (const name of ['ann', 'bob', 'cid']) {
      const lines = await linesOf(`/creators/${name}`, creator(name));
      for (const { lineId, kind, eventId, clipId, due, amount } of lines) {
        const why = (await world.get(`/creators/${name}/statement/${lineId}/why`, creator(name))).body; // prettier-ignore
        const file = await world.get(why.export, creator(name));
        expect(file.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
        const { events, head } = readExport(file.body);
        expect(why.chain).toEqual({ events: events.length, head });
        expect([why.line.lineId, why.line.amount, why.steps.at(-1).amount]).toEqual([lineId, amount, amount]); // prettier-ignore
        if (kind !== 'accrued') continue;
        accrued++;
        const anew = recompute(events, eventId, clipId);
        expect([lineId, anew.due]).toEqual([lineId, BigInt(due)]);
        expect(anew.amounts).toContain(BigInt(amount));
        if (amount! < due) shared++;
        expect(why.share === null).toBe(amount === due);
        const roles = why.events.map(({ role }: { role: string }) => role);
        expect(roles).toEqual(expect.arrayContaining(['terms', 'submission', 'approval', 'observation', 'line'])); // prettier-ignore
      }
    }
    expect([accrued, shared]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(accrued).toBeGreaterThan(15);
    expect(shared).toBeGreaterThan(0);
  });

  it('shows the brand the lines of its campaign, and everything to an admin', async () => {
    const [line] = await linesOf('/campaigns/plain', brand('plain'));
    const path = `/campaigns/plain/statement/${line!.lineId}`;
    expect((await world.get(`${path}/why`, brand('plain'))).body).toMatchObject({
      campaignId: 'plain',
      sentence: expect.stringContaining('per thousand'),
      export: `${path}/events`,
    });
    const shown = readExport((await world.get(`${path}/events`, brand('plain'))).body).events;
    const whole = readExport((await world.get(`${path}/events`)).body).events;
    const log = new Map((await Array.fromAsync(world.store.readAll(0))).map((event) => [event.id, event])); // prettier-ignore
    expect(whole).toEqual(whole.map(({ id }) => log.get(id)));
    expect(whole.length).toBeGreaterThanOrEqual(shown.length);
  });

  it('says nothing of others: no clip, no line, no creator, no submitted link', async () => {
    const lines = await linesOf('/creators/ann', creator('ann'));
    for (const { lineId } of lines)
      for (const part of ['why', 'events']) {
        const { body } = await world.get(`/creators/ann/statement/${lineId}/${part}`, creator('ann')); // prettier-ignore
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        for (const [name, clipId] of Object.entries(clips))
          if (!name.endsWith(' ann')) expect(text).not.toContain(clipId);
        for (const word of ['"bob"', '"cid"', '"submittedUrl":']) expect(text).not.toContain(word);
      }
  });

  it('is refused to everybody else, for any line', async () => {
    const [mine] = await linesOf('/creators/ann', creator('ann'));
    const [other] = await linesOf('/creators/bob', creator('bob'));
    const lineId = mine!.lineId;
    const status = async (path: string, sending: Sending) => (await world.get(path, sending)).status; // prettier-ignore
    for (const part of ['why', 'events']) {
      expect(await status(`/creators/ann/statement/${lineId}/${part}`, creator('bob'))).toBe(403);
      // A line of another is no line of this statement.
      expect(await status(`/creators/ann/statement/${other!.lineId}/${part}`, creator('ann'))).toBe(404); // prettier-ignore
      expect(await status(`/campaigns/plain/statement/${lineId}/${part}`, brand('scarce'))).toBe(404); // prettier-ignore
      expect(await status(`/creators/ann/statement/${lineId}/${part}`, brand('plain'))).toBe(403);
      expect(await status(`/creators/ann/statement/1-0/${part}`, creator('ann'))).toBe(404);
      expect(await status(`/creators/ann/statement/x/${part}`, creator('ann'))).toBe(400);
    }
  });

  it('explains the steps of a payout too', async () => {
    world.clock.advance(30 * 86_400_000);
    await world.post('/payouts', { creatorId: 'ann', currency: 'USD', amount: 100 });
    const line = (await linesOf('/creators/ann', creator('ann'))).at(-1)!;
    const { status, body } = await world.get(`/creators/ann/statement/${line.lineId}/why`, creator('ann')); // prettier-ignore
    expect([status, body.line.kind, body.steps[0].amount, body.events.length]).toEqual([200, 'payout', -100, 1]); // prettier-ignore
  });
});
