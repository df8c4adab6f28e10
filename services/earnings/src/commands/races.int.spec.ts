import type { AnyEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Prefixes } from '../testing/prefixes.js';
import { ROUNDS, rounds, startRaceWorld, type Part } from '../testing/race-world.js';

const HOUR_MS = 3_600_000;

/** How many of `of` went wrong, with some of them: none may. */
const expectNone = (wrong: readonly unknown[], of: number) =>
  expect({ wrong: wrong.length, of, such: wrong.slice(0, 3) }).toEqual({ wrong: 0, of, such: [] });

/**
 * What happens at once to the same money, on real servers, is judged by every prefix of the log
 * that it leaves. On 5b1a347, in the order of the tests, wrong were: 34 to 40 of 40, 6 of 6, 10 to
 * 24 of 40, 12 of 12, 40 of 40, 19 to 22 of 900 answers, 46 of 64, and the last three.
 */
describe('races of decisions about money', () => {
  let world: Awaited<ReturnType<typeof startRaceWorld>>;
  beforeAll(async () => {
    world = await startRaceWorld();
  });
  afterAll(() => world.close());

  /**
   * At most so many rounds of the settler, each on tables that have caught up, until it has
   * happened; says whether it has.
   */
  const settleBy = async (happened: () => Promise<boolean>, most = 500) => {
    for (let i = 0; i < most && !(await happened()); i++) await world.settled();
    return happened();
  };

  it('a reversal of all that a creator has, and a payment, at once: nothing is paid that was taken back', async () => {
    const parts = await world.earners('reversed');
    await Promise.all(parts.map((part) => world.request(part)));
    await Promise.all(parts.map(world.approve));
    await world.begin();
    for (const part of parts) {
      const [reversed, paid] = await Promise.all([world.reverse(part), world.pay(part)]);
      expect([200, paid.status === 200 ? 'paid' : paid.body.code]).toEqual([reversed.status, expect.stringMatching(/^paid$|^balance_below_zero$/)]);
    }
    expectNone(await world.faults('overpaid'), ROUNDS);
  }, 120_000); // prettier-ignore

  it('a payout decided on tables that are behind the log: no 50.00 of 0 are asked for, approved or paid', async () => {
    const parts = await world.earners('behind', 6);
    const [asking, approving, paying] = [parts.slice(0, 2), parts.slice(2, 4), parts.slice(4)];
    await Promise.all([...approving, ...paying].map((part) => world.request(part)));
    await Promise.all(paying.map(world.approve));
    await world.settled();
    await world.begin();
    const answers = await world.behindTheLog(async () => {
      expect((await Promise.all(parts.map(world.reverse))).map(({ status }) => status)).toEqual(
        parts.map(() => 202),
      );
      return Promise.all([
        ...asking.map((part) => world.request(part)),
        ...approving.map(world.approve),
        ...paying.map(world.pay),
      ]);
    });
    expectNone(answers.filter(({ status }) => status < 400 || status === 500).map(({ status }) => status), parts.length); // prettier-ignore
    await world.settled();
    expect(
      (await world.logSince())
        .map(({ type }) => type)
        .filter((type) => /^Payout(?!IdTaken)/.test(type)),
    ).toEqual([]);
    expectNone(await world.faults('overpaid'), parts.length);
  }, 120_000);

  it('a hold and a settlement at once: nothing accrues between the hold and its end', async () => {
    const parts = await world.cast(rounds.map((round) => `held-${round}`), {}, { apart: true }); // prettier-ignore
    await world.begin();
    for (const part of parts) {
      const [, held] = await Promise.all([world.observe(part.clipId, 10_000), world.hold(part)]);
      expect(held.status).toBe(200);
    }
    await world.settled();
    expectNone(await world.faults('accrued while held'), ROUNDS);
  }, 120_000);

  it('a clip that is suspected while its stream moves on: a closing settlement leaves no due clip out without naming it', async () => {
    const wrong: string[] = [];
    for (const round of rounds.slice(0, 12)) {
      const [odd, fine] = (await world.cast([`odd-${round}`, `fine-${round}`], {
        budget: 10_000,
        anomalyThreshold: 60,
      })) as [Part, Part];
      const { campaignId } = odd;
      await world.post(`/campaigns/${campaignId}/pause`, { reason: '' });
      for (const [many, few] of [
        [100_000, 50_000],
        [70_000, 150_000],
        [200_000, 200_000],
      ] as const) {
        world.clock.advance(HOUR_MS);
        await world.observe(odd.clipId, many);
        await world.observe(fine.clipId, few);
      }
      await world.settled();
      await world.begin();
      // Observations that change nothing: each of them moves the clip's stream on.
      const over = new AbortController();
      const stirring = (async () => {
        while (!over.signal.aborted) await world.observe(odd.clipId, 200_000, { cached: true });
      })();
      const closed = async () =>
        (await world.logSince()).some(
          ({ type, stream }) => type === 'CampaignBudgetExhausted' && stream.endsWith(campaignId),
        );
      await world.post(`/campaigns/${campaignId}/resume`, {});
      for (let i = 0; i < 20 && !(await closed()); i++) await world.service.settler.settleAll();
      over.abort();
      await stirring;
      await world.settled();
      expect(await settleBy(closed)).toBe(true);
      wrong.push(...unnamed(await world.logSince(), odd));
    }
    expectNone(wrong, 12);
  }, 240_000);

  /**
   * Closing settlements that give the clip nothing, although it is not on hold and they do not name
   * it.
   */
  function unnamed(events: readonly AnyEvent[], { clipId, campaignId }: Part): string[] {
    const found: string[] = [];
    let [held, served] = [false, false];
    for (const { type, data, position } of events) {
      if (type === 'ClipHeld' && data.clipId === clipId) held = true;
      if (type === 'EarningsAccrued' && data.campaignId === campaignId)
        served = [...data.lines, ...data.leftOut].some((line) => line.clipId === clipId);
      if (type === 'CampaignBudgetExhausted' && data.campaignId === campaignId && !held && !served)
        found.push(`${clipId} has nothing of the settlement that ends at ${position}`);
    }
    return found;
  }

  it('one payout id asked for by two creators at once: one has it, and the other learns nothing of it', async () => {
    const [ones, others] = [await world.earners('first'), await world.earners('second')];
    await world.begin();
    const wrong: unknown[] = [];
    for (const round of rounds) {
      const pair = [ones[round]!, others[round]!].map((part) => ({
        ...part,
        payoutId: `shared-${round}`,
      }));
      const answers = await Promise.all(pair.map((part, i) => world.request(part, 1_000 + i)));
      const right = answers.filter(({ status, body }, i) =>
        status === 201
          ? body.creatorId === pair[i]!.creatorId && body.amount === 1_000 + i
          : status === 409 &&
            body.code === 'payout_exists' &&
            !JSON.stringify(body).includes(pair[1 - i]!.creatorId),
      );
      if (right.length !== 2 || answers.filter(({ status }) => status === 201).length !== 1)
        wrong.push(answers.map(({ status, body }) => [status, body.code ?? body.creatorId]));
    }
    expectNone(wrong, ROUNDS);
    expectNone(await world.faults('payout id taken'), ROUNDS);
    for (const { creatorId } of [...ones, ...others]) {
      const [statement, balance] = await Promise.all([
        world.get(`/creators/${creatorId}/statement`),
        world.get(`/creators/${creatorId}/balance`),
      ]);
      const [{ available, validating, reserved }] = balance.body.balances;
      const { lines } = statement.body;
      const kept = lines.reduce(
        (sum: number, line: { reserved?: number }) => sum + (line.reserved ?? 0),
        0,
      );
      expect([creatorId, lines.at(-1).sum, kept]).toEqual([
        creatorId,
        available + validating,
        reserved,
      ]);
    }
  }, 120_000);

  it('a balance that is read while events are applied: each answer is the balance at some position of the log', async () => {
    const creatorId = 'torn';
    const parts = await world.cast(Array.from({ length: 8 }, () => creatorId), { validationDays: 3 }); // prettier-ignore
    await world.begin();
    const before = new Prefixes(await world.log());
    const over = new AbortController();
    const seen: (ReturnType<Prefixes['balance']> | undefined)[] = [];
    const reading = async () => {
      while (!over.signal.aborted)
        seen.push((await world.get(`/creators/${creatorId}/balance`)).body.balances[0]);
    };
    const readers = [reading(), reading(), reading()];
    for (const round of rounds) {
      await world.observeAll(
        parts.map(({ clipId }, i) => ({ clipId, views: (round + 1) * 1_000 + i * 10 })),
      );
      if (round % 3 === 2) await world.reverse(parts[round % parts.length]!);
      await world.settled();
    }
    over.abort();
    await Promise.all(readers);
    const shown = ({
      accrued,
      reversed,
      reserved,
      paid,
      available,
      validating,
    }: ReturnType<Prefixes['balance']>) =>
      JSON.stringify({ accrued, reversed, reserved, paid, available, validating });
    const truths = new Set([shown(before.balance(creatorId, world.clock.now()))]);
    for (const event of await world.logSince()) {
      before.take(event);
      truths.add(shown(before.balance(creatorId, world.clock.now())));
    }
    expectNone(seen.filter((answer) => answer !== undefined && !truths.has(shown(answer))), seen.length); // prettier-ignore
  }, 240_000);

  it('64 clients approve and reject the same payouts, and connections are scarce: no answer is 500, and each is decided once', async () => {
    const parts = await world.earners('load', 32);
    await Promise.all(parts.map((part) => world.request(part)));
    await world.settled();
    await world.begin();
    const replica = await world.starved(7);
    try {
      const answers = await Promise.all(
        parts.flatMap(({ payoutId }) => [
          replica.post(`/payouts/${payoutId}/approve`),
          replica.post(`/payouts/${payoutId}/reject`, { reason: 'no' }),
        ]),
      );
      expectNone(answers.filter((status) => ![200, 202, 409, 503].includes(status)), answers.length); // prettier-ignore
      await world.settled();
      const decided = (await world.logSince()).flatMap((event) =>
        event.type === 'PayoutApproved' || event.type === 'PayoutRejected'
          ? [event.data.payoutId]
          : [],
      );
      expect(decided).toHaveLength(new Set(decided).size);
      // One whose answer was lost for want of a connection is decided all the same.
      expect(decided.length).toBeGreaterThanOrEqual(
        answers.filter((status) => status < 300).length,
      );
    } finally {
      await replica.close();
    }
  }, 120_000);

  it('one clip about which no decision can be made (D9): it is held with a finite figure, and the others are paid', async () => {
    const [odd, fine] = (await world.cast(['d9-odd', 'd9-fine'], { anomalyThreshold: 30 })) as [
      Part,
      Part,
    ];
    for (const [views, other] of [
      [0, 1_000],
      [6_000, 2_000],
      [7_000, 3_000],
      [8_000, 10_000],
    ] as const) {
      world.clock.advance(HOUR_MS);
      await world.observe(odd.clipId, views, { likes: 0, comments: 0 });
      await world.observe(fine.clipId, other);
      await world.settled();
    }
    const [mine, theirs] = await Promise.all(
      [odd, fine].map(({ clipId }) => world.get(`/clips/${clipId}`)),
    );
    expect(theirs!.body.campaigns[0]).toMatchObject({ accrued: 1_000, due: 0 });
    const { hold } = mine!.body.campaigns[0];
    expect(hold.anomaly.reasons.map(({ rule }: { rule: string }) => rule)).toContain(
      'engagement_stands_still',
    );
    for (const { observed } of hold.anomaly.reasons) expect(Number.isFinite(observed)).toBe(true);
  }, 60_000);

  it('dues of more than 2^53, of one clip or in all, do not keep the others from theirs for longer than 30 minutes', async () => {
    const terms = { budget: 10 ** 13, ratePerThousand: { default: 1_000, youtube: 1_000 } };
    const [fine, ...absurd] = (await world.cast(
      ['fine', 'absurd-1', 'absurd-2', 'absurd-3'],
      terms,
    )) as [Part, ...Part[]];
    const [other, beyond] = (await world.cast(['other', 'beyond'], {
      ratePerThousand: { default: 9_000 },
    })) as [Part, Part];
    await world.begin();
    for (const { clipId } of absurd) await world.observe(clipId, 4e15);
    await world.observe(beyond.clipId, 8e15);
    for (const { clipId } of [fine, other]) await world.observe(clipId, 10_000);
    await world.settled();
    world.clock.advance(31 * 60_000);
    const dueOf = async ({ clipId }: Part) =>
      (await world.get(`/clips/${clipId}`)).body.campaigns[0];
    const spent = async () =>
      (await world.get(`/campaigns/${fine.campaignId}`)).body.spent as number;
    await settleBy(async () => (await spent()) === 10 ** 13 && (await dueOf(other)).due === 0, 50);
    expect(await dueOf(other)).toMatchObject({ accrued: 90_000, due: 0 });
    // All of the budget is shared, though what is due cannot be summed.
    expect(await spent()).toBe(10 ** 13);
    expectNone(await world.faults('overspent'), 2);
  }, 60_000);

  it('each decision says the position of the log that it was made at, and that lies before it', async () => {
    const log = await world.log();
    const { faults } = new Prefixes(log);
    expectNone(faults.filter(({ fault }) => fault === 'decided at'), log.length); // prettier-ignore
    expectNone(faults.filter(({ fault }) => fault === 'overspent' || fault === 'sums'), log.length); // prettier-ignore
  });
});
