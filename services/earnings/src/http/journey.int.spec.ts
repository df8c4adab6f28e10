import { streams } from '@cliptally/contracts';
import type { BalancesAnswer, ClipAnswer, StatementLineAnswer } from '@cliptally/contracts/api';
import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Document, OpenAPIClient } from 'openapi-client-axios';
import type { Role } from '@cliptally/contracts/api';
import { freshUrl, observation, startApiWorld } from '../testing/api-world.js';
import { generatedClient } from '../testing/generated-client.js';

const HOUR_MS = 3_600_000;
const OPS = fileURLToPath(new URL('../../../../tools/ops/dist/main.js', import.meta.url));
type Entry = ClipAnswer['campaigns'][number];

let world: Awaited<ReturnType<typeof startApiWorld>>;
let [admin, brand, ann, bob]: OpenAPIClient[] = [];
beforeAll(async () => {
  world = await startApiWorld({
    log: {
      info: () => {},
      warn: (...a: unknown[]) => console.error('WARN', ...a),
      error: (...a: unknown[]) => console.error('ERROR', ...a),
    } as never,
  });
  const document: Document = (await world.get('/openapi.json', { as: null })).body;
  const clientOf = async (...as: [Role, string]) =>
    generatedClient(document, world.service.url, await world.tokenOf(as));
  [admin, brand, ann, bob] = await Promise.all([
    clientOf('admin', 'root'),
    clientOf('brand', 'acme'),
    clientOf('creator', 'ann'),
    clientOf('creator', 'bob'),
  ]);
});
afterAll(() => world.close());

const now = () => world.clock.now();
const after = (hours: number, from = now()) =>
  new Date(from.getTime() + hours * HOUR_MS).toISOString();
/** Time goes on, step by step, until the service has done it by itself. */
const becomes = (what: string, so: () => Promise<boolean>, stepMs = 1) =>
  until(what, async () => {
    world.clock.advance(stepMs);
    return so();
  });
const MINUTE_MS = 60_000;
const inAMinute = (from: string, at: string | null) =>
  [Date.parse(at!) >= Date.parse(from), Date.parse(at!) < Date.parse(from) + MINUTE_MS]; // prettier-ignore
/** What a method of the client answers; of a refusal, its status and code. */
const call = async (client: OpenAPIClient | undefined, method: string, ...args: unknown[]) =>
  (client as unknown as Record<string, (...args: unknown[]) => Promise<{ data: unknown }>>)[
    method
  ]!(...args).then(
    ({ data }) => data as never,
    (error: { response?: { status: number; data: { code: string } } }) => {
      if (!error.response) throw error;
      return [error.response.status, error.response.data.code] as never;
    },
  );
const clip = (id: string, by = ann): Promise<ClipAnswer> => call(by, 'showClip', { id });
const entry = async (id: string): Promise<Entry> => (await clip(id)).campaigns[0]!;
/** Code and sentence of each thing that keeps the clip from earning or being paid. */
const keeps = async (id: string): Promise<Record<string, string>> =>
  Object.fromEntries((await entry(id)).keeps!.map(({ code, sentence }) => [code, sentence]));
const balance = async (): Promise<BalancesAnswer['balances'][number] | undefined> =>
  (await call(ann, 'balanceCreator', { id: 'ann' }).then((a: BalancesAnswer) => a.balances))[0];
const linesOf = async (client: OpenAPIClient | undefined, method: string, id: string) =>
  await call(client, method, { id }).then((a: { lines: StatementLineAnswer[] }) => a.lines);
async function see(clipId: string, views: number, likes: number): Promise<void> {
  const seen = observation(now(), clipId, views, { likes, comments: 0 });
  await world.store.append(streams.clip(clipId), [seen], 'any');
  await world.service.settled(AbortSignal.timeout(60_000));
}
const audit = () =>
  new Promise<string>((resolve) => {
    const env = { ...process.env, DATABASE_URL: world.database.url };
    execFile(process.execPath, [OPS, 'events', 'audit'], { env }, (error, out, err) =>
      resolve(error ? `${error.code}: ${out}${err}` : out),
    );
  });

/**
 * Each answer says what its reader has to know at that step, and at the end all sums agree to
 * the cent. Nothing is decided by the test but what people decide: dates pass, and the service
 * acts.
 */
it('a clip from its submission to the close of its campaign, by the generated client', async () => {
  const { campaignId } = await call(brand, 'launchCampaign', {}, world.terms({
    name: 'Journey', budget: 10_000, ratePerThousand: { default: 150 }, reviewHours: 48, validationDays: 2, minPayout: 1_000,
    platformFee: { basisPoints: 1_000, bearer: 'creator' }, publicCatalogue: true,
  })).then((c: { campaignId: string }) => c); // prettier-ignore
  expect(await balance()).toBeUndefined();

  // 1. Submitted: it waits, and everybody sees until when.
  const fine: string = (await call(ann, 'submitClip', {}, { url: freshUrl(), campaignId }).then((c: ClipAnswer) => c)).clipId; // prettier-ignore
  const deadline = after(48);
  expect(await entry(fine)).toMatchObject({ status: 'PENDING', reviewAt: deadline, hold: null, due: 0, earned: 0 }); // prettier-ignore
  expect(await keeps(fine)).toEqual({
    pending: `It waits for its review, at most until ${deadline}.`,
  });
  expect(await clip(fine)).toMatchObject({ lastScrapeAt: null, freshness: null, nextScrapeAfter: now().toISOString() }); // prettier-ignore
  expect(await call(bob, 'showClip', { id: fine })).toEqual([404, 'not_found']);
  expect(await call(brand, 'countsClips', { campaignId })).toMatchObject({ pending: 1, overdue: 0 }); // prettier-ignore
  expect(await call(brand, 'closeOutCampaign', { id: campaignId })).toMatchObject({ closed: false, waiting: { end: true, pending: 1 } }); // prettier-ignore

  // 2. The deadline passes: nothing is odd, and it is approved by itself.
  world.clock.advance(48 * HOUR_MS - 1);
  expect((await entry(fine)).status).toBe('PENDING');
  world.clock.advance(1);
  await becomes('it is approved', async () => (await entry(fine)).status === 'APPROVED');
  const approved = await entry(fine);
  expect([approved.reviewAt, ...inAMinute(deadline, approved.approvedAt)]).toEqual([null, true, true]); // prettier-ignore
  expect(await keeps(fine)).toEqual({
    not_seen: 'It has not been scraped since its approval.',
  });

  // 3. Views: 25,499 at 1.50 USD per thousand are 38.2485, so 38.24 USD, of which 3.82 are a fee.
  world.clock.advance(HOUR_MS);
  await see(fine, 25_499, 1_200);
  const validated = after(48);
  expect(await entry(fine)).toMatchObject({ accrued: 3_824, earned: 3_824, fees: 382, due: 0, highWater: 25_499 }); // prettier-ignore
  expect(await keeps(fine)).toEqual({
    validating: `34.42 USD can be paid out from ${validated} on.`,
  });
  expect(await clip(fine)).toMatchObject({ freshness: 0, nextScrapeAfter: after(1), views: 25_499 }); // prettier-ignore
  const [line] = await linesOf(ann, 'statementClip', fine);
  expect(line).toMatchObject({ kind: 'accrued', amount: 3_824, sum: 3_824, toViews: 25_499, due: 3_824 }); // prettier-ignore
  expect(await balance()).toMatchObject({
    accrued: 3_824, fees: 382, available: 0, validating: 3_442, payable: 0,
    upcoming: [{ at: validated, amount: 3_442 }],
  }); // prettier-ignore

  // 4. A second clip, with 60,000 views and three likes: at its deadline it is held, with reasons.
  const odd: string = (await call(ann, 'submitClip', {}, { url: freshUrl(), campaignId }).then((c: ClipAnswer) => c)).clipId; // prettier-ignore
  for (const [hours, views] of [[1, 5_100], [3, 58_000], [10, 60_000]] as const) {
    world.clock.advance(hours * HOUR_MS);
    await see(odd, views, 3);
  } // prettier-ignore
  expect(Object.keys(await keeps(odd))).toEqual(['pending']);
  world.clock.advance(34 * HOUR_MS);
  await becomes('it is held', async () => (await entry(odd)).hold !== null);
  const held = await entry(odd);
  const review = held.reviewAt!;
  expect(held).toMatchObject({ status: 'PENDING', earned: 0, hold: { reviewAt: review } });
  expect(inAMinute(after(71.99), review)).toEqual([true, true]);
  // What was odd about it the creator reads too, and not from where on something is.
  const reviewed = (await clip(odd, brand)).campaigns[0]!.hold!.anomaly!;
  expect(reviewed.score).toBeGreaterThanOrEqual(60);
  expect(reviewed.reasons.map(({ rule }) => rule)).toContain('views_tenfold');
  expect(held.hold!.reason).toMatch(/^Its figures look odd: .*-fold within hours/);
  expect(JSON.stringify(await clip(odd))).not.toMatch(/threshold|on\)|"score"|held from/i);
  expect(await keeps(odd)).toEqual({
    held: `It is on hold until its review on ${review}: ${held.hold!.reason}. Its creator can object to that, once.`,
  });
  expect(await call(brand, 'listClips', { campaignId, status: 'held', sort: 'score', minScore: 60 })).toMatchObject({ items: [{ clipId: odd }] }); // prettier-ignore

  // 5. The creator objects, once, and a person answers with a reason: the hold is released.
  world.clock.advance(HOUR_MS);
  const text = 'A larger account shared it.';
  expect(await call(bob, 'appealClip', { id: odd }, { text })).toEqual([404, 'not_found']);
  await call(ann, 'appealClip', { id: odd }, { text });
  expect(await entry(odd)).toMatchObject({ appeal: { text, at: now().toISOString(), answer: null } }); // prettier-ignore
  expect((await keeps(odd))['held']).toContain(`The objection of ${now().toISOString()} waits for an answer.`); // prettier-ignore
  expect(await call(ann, 'appealClip', { id: odd }, { text })).toEqual([409, 'appeal_exists']);
  expect(await call(brand, 'countsClips', { campaignId })).toMatchObject({ held: 1, appealed: 1 });
  expect(await call(brand, 'closeOutCampaign', { id: campaignId })).toMatchObject({ waiting: { held: 1, appeals: 1 } }); // prettier-ignore
  const answer = { granted: true, reason: 'The account that shared it is known.' };
  expect(await call(ann, 'answerClip', { id: odd }, answer)).toEqual([403, 'forbidden']);
  await call(brand, 'answerClip', { id: odd }, answer);
  expect(await entry(odd)).toMatchObject({ hold: null, appeal: { answer } });
  // Its deadline has passed meanwhile, and a person has seen what was odd.
  await becomes('it is approved', async () => (await entry(odd)).status === 'APPROVED', 10_000);
  world.clock.advance(HOUR_MS);
  await see(odd, 60_500, 3);
  // 60,500 views are 90.75 USD; the budget left 61.76.
  expect(await entry(odd)).toMatchObject({ hold: null, entitlement: 9_075, accrued: 6_176, fees: 617, due: 2_899 }); // prettier-ignore
  expect(await keeps(odd)).toEqual({
    budget_gone: 'The budget is used up: 28.99 USD is due, and is paid if the brand adds to it.',
    validating: `55.59 USD can be paid out from ${after(48)} on.`,
  });
  expect(await call(admin, 'showCampaign', { id: campaignId })).toMatchObject({ spent: 10_000, remaining: 0, exhausted: true }); // prettier-ignore

  // 6. Paid out: asked for, approved, failed, asked for again, paid.
  expect(await balance()).toMatchObject({ available: 3_442, payable: 3_442, minimumPayout: 1_000, upcoming: [{ at: after(48), amount: 5_559 }] }); // prettier-ignore
  expect(await call(ann, 'requestPayout', {}, { currency: 'USD', amount: 999 })).toEqual([422, 'below_minimum']); // prettier-ignore
  expect(await call(ann, 'requestPayout', {}, { currency: 'USD', amount: 3_443 })).toEqual([422, 'over_balance']); // prettier-ignore
  const ask = async (amount: number): Promise<string> =>
    (await call(ann, 'requestPayout', {}, { currency: 'USD', amount }).then((p: { payoutId: string }) => p)).payoutId; // prettier-ignore
  const first = await ask(3_442);
  expect(await balance()).toMatchObject({ available: 0, payable: 0, reserved: 3_442 });
  expect(await call(ann, 'approvePayout', { id: first }, {})).toEqual([403, 'forbidden']);
  await call(admin, 'approvePayout', { id: first }, {});
  await call(admin, 'failedPayout', { id: first }, { reason: 'The bank knows no such account.' });
  expect(await call(ann, 'showPayout', { id: first })).toMatchObject({ status: 'FAILED', reason: 'The bank knows no such account.' }); // prettier-ignore
  expect(await balance()).toMatchObject({ available: 3_442, payable: 3_442, reserved: 0, paid: 0 });
  const second = await ask(3_442);
  await call(admin, 'approvePayout', { id: second }, {});
  await call(admin, 'paidPayout', { id: second }, { externalReference: 'SEPA 1' });
  expect(await call(ann, 'showPayout', { id: second })).toMatchObject({ status: 'PAID', externalReference: 'SEPA 1' }); // prettier-ignore
  expect(await balance()).toMatchObject({ available: 0, paid: 3_442, reserved: 0, validating: 5_559 }); // prettier-ignore
  expect(await keeps(fine)).toMatchObject({ budget_gone: 'The budget is used up.' });

  // 7. Topped up by less than is due, ended, and closed: what remains goes back to the brand.
  await call(brand, 'topUpCampaign', { id: campaignId }, { amount: 3_000 });
  await world.service.settled(AbortSignal.timeout(60_000));
  expect(await entry(odd)).toMatchObject({ accrued: 9_075, due: 0, fees: 907 });
  await call(brand, 'endCampaign', { id: campaignId }, { reason: 'over' });
  world.clock.advance(49 * HOUR_MS);
  expect(Object.keys(await keeps(odd))).toEqual(['window_over']);
  expect(await call(brand, 'closeOutCampaign', { id: campaignId })).toMatchObject({
    closed: true, budget: 13_000, spent: 12_899, fees: 1_289, remaining: 101,
    waiting: { end: false, pending: 0, held: 0, appeals: 0, unsettled: 0, scrapes: 0 },
  }); // prettier-ignore
  const rest = await ask(8_168);
  await call(admin, 'approvePayout', { id: rest }, {});
  await call(admin, 'paidPayout', { id: rest }, { externalReference: 'SEPA 2' });

  // 8. Every sum is the same, to the cent.
  expect(await balance()).toMatchObject({
    accrued: 12_899, fees: 1_289, paid: 11_610, reserved: 0, available: 0, validating: 0, payable: 0, upcoming: [], kept: [],
  }); // prettier-ignore
  const own = await linesOf(ann, 'statementCreator', 'ann');
  expect(own.at(-1)!.sum).toBe(0);
  const of = (kind: string, lines: StatementLineAnswer[]) =>
    lines.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.amount, 0);
  expect([of('accrued', own), of('fee_withheld', own), of('payout', own)]).toEqual([12_899, -1_289, -11_610]); // prettier-ignore
  const all = await linesOf(brand, 'statementCampaign', campaignId);
  expect([of('accrued', all), all.at(-1)!.sum]).toEqual([12_899, 12_899]);
  for (const [id, earned] of [[fine, 3_824], [odd, 9_075]] as const)
    expect(of('accrued', await linesOf(ann, 'statementClip', id))).toBe(earned); // prettier-ignore
  expect(await call(admin, 'creatorsExport', { year: '2026' })).toMatchObject({ items: [{ paid: 11_610, fees: 1_289, gross: 12_899, payments: 2, returned: 0 }] }); // prettier-ignore
  expect(await audit()).toMatch(/^The log is sound: \d+ events, 1 campaign, .*not recomputed: 0 lines\.\n$/); // prettier-ignore
}, 120_000);
