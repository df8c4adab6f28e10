import { streams, type NewEvent } from '@cliptally/contracts';
import { until } from '@cliptally/dev/servers';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { observation } from '../../../../services/earnings/src/testing/api-world.js';
import { failed, halted, paying, payouts, why, written } from './incident-steps.js';
import type { RunbookWorld } from './runbook-world.js';

/** What the words in angle brackets of a page mean, now that its incident was made. */
export type Words = Readonly<Record<string, string>>;
export interface Made {
  words?: Words;
  /** Of single commands, as the page writes them. */
  of?: Readonly<Record<string, Words>>;
  /** What is sent, by command as the page writes it. */
  bodies?: Readonly<Record<string, object>>;
  /** What a command has to say. */
  says?: Readonly<Record<string, RegExp>>;
  /** Commands that find what is wrong, and end with status 1. */
  finds?: readonly string[];
}
type Incident = (world: RunbookWorld) => Promise<Made>;

const DAY_MS = 86_400_000;
/** A clip that no settlement can decide on. */
async function unsettled(world: RunbookWorld): Promise<Made> {
  const campaignId = await world.launched();
  const [clipId, held] = [await world.approved(campaignId), await world.approved(campaignId)];
  await world.api.see(clipId, 50_000);
  const fault = { campaignId, clipId, creatorId: 'ann', reason: 'a rule threw' };
  const event = written(world, 'ClipSettlementFailed', randomUUID(), fault);
  await world.api.store.append(streams.campaign(campaignId), [event], 'any');
  await world.api.post(`/clips/${held}/hold`, why);
  return {
    words: { '<id>': clipId },
    of: {
      'npm run events -- stream campaign-<id>': { '<id>': campaignId },
      'POST /campaigns/<id>/top-up': { '<id>': campaignId },
      'POST /clips/<id>/release': { '<id>': held },
    },
    bodies: {
      'POST /clips/<id>/hold': why,
      'POST /clips/<id>/reject': why,
      'POST /campaigns/<id>/top-up': { amount: 1_000 },
    },
    says: { 'GET /status': /a rule threw/ },
  };
}

/** More than half of a budget is due while a scrape is under way: the settlement waits for it. */
const waiting: Incident = async (world) => {
  const campaignId = await world.launched({ budget: 1_000 });
  const [clipId, other] = [await world.approved(campaignId), await world.approved(campaignId)];
  const requestId = randomUUID();
  const asked = { clipId: other, platform: 'youtube' as const, runId: 'r', requestId, score: 1 };
  const of = { ...asked, campaignIds: [campaignId] };
  const url = `https://www.youtube.com/watch?v=${other.slice('youtube-'.length)}`;
  const request = written(world, 'ClipTrackingRequested', requestId, { ...of, url });
  await world.api.store.append(streams.trackingRun('r'), [request], 'any');
  await world.api.store.append(streams.clip(clipId), [observation(world.api.clock.now(), clipId, 8_000)], 'any'); // prettier-ignore
  const due = 'select from earnings.entries where campaign_id = $1 and due > 0';
  await until('money that is due', async () => (await world.pool.query(due, [campaignId])).rowCount! > 0); // prettier-ignore
  return { words: { '<id>': clipId }, bodies: { 'POST /clips/<id>/hold': why } };
};

/** Sums in a table of the monitor that the log does not give. */
const wrongSums =
  (sql: string, differs: RegExp): Incident =>
  async (world) => {
    const { clipId, campaignId, creatorId } = await paying(world);
    await world.reached();
    await world.pool.query(sql);
    return {
      words: { '<id>': campaignId },
      of: {
        'GET /creators/<id>/balance': { '<id>': creatorId },
        'POST /clips/<id>/reverse': { '<id>': clipId },
      },
      bodies: {
        'POST /clips/<id>/reverse': { amount: 10, ...why },
        'POST /campaigns/<id>/pause': why,
      },
      says: { 'npm run rebuild -- monitor': differs },
    };
  };

const retried: Incident = async (world) => {
  const [one, other] = [await failed(world), await failed(world)];
  return {
    words: { '<id of the failed scrape>': one.id, '<id>': other.id },
    says: { 'npm run cliptally -- failed list': new RegExp(other.clipId) },
  };
};
const approvedPayouts: Incident = async (world) => {
  const { ids } = await payouts(world, 'approved');
  return { says: { 'npm run cliptally -- payout list --status APPROVED': new RegExp(ids[0]!) } };
};
const nothing: Incident = async () => ({});
const activeCampaign: Incident = async (world) => {
  await world.approved(await world.launched());
  return { says: { 'node services/scheduler/dist/main.js run --dry-run': /of [1-9]\d* clips/ } };
};
const reviews = (clipId: string, campaignId: string, decision: string) => ({
  'POST /clips/reviews': { reviews: [{ clipId, campaignId, decision }] },
});

/** Work of the log is in the files of an archive. */
const archived: Incident = async (world) => {
  const runId = `archived-${randomUUID()}`;
  const slot = world.api.clock.now().toISOString();
  const counts = { candidates: 0, requested: 0, estimatedCostMicroUsd: 0 };
  const run = written(world, 'TrackingRunStarted', randomUUID(), { runId, slot, policy: 'p', ...counts }); // prettier-ignore
  await world.api.store.append(streams.trackingRun(runId), [run], 'none');
  const folder = join(world.cli.dir, 'archive');
  await world.run(`npm run events -- archive ${folder} 0s`, null);
  const [file] = readdirSync(folder);
  return { words: { '<folder>': folder, '<file>': join(folder, file!) } };
};

/** Makes what each page is about; the pages of a halted projection come last. */
export const INCIDENTS: Readonly<Record<string, Incident>> = {
  async AppealsWaiting(world) {
    const clipId = await world.submitted(await world.launched());
    await world.api.post(`/clips/${clipId}/reject`, why);
    await world.api.post(
      `/clips/${clipId}/appeal`,
      { text: 'look again' },
      { as: ['creator', 'ann'] },
    );
    return {
      words: { '<id>': clipId },
      bodies: { 'POST /clips/<id>/appeal/answer': { granted: true, ...why } },
    };
  },
  ArchiveOverdue: archived,
  BooksDiffer: wrongSums(
    `update monitor.creators set money = jsonb_set(money, '{USD,accrued}', '1')`,
    /Rows that differed from the one it replaces: creators: /,
  ),
  LedgerDiffers: wrongSums(
    `update monitor.creators set money = jsonb_set(money, '{USD,accrued}', '1')`,
    /Rows that differed from the one it replaces: creators: /,
  ),
  CampaignOverspent: wrongSums(
    'update monitor.campaigns set accrued = budget + 1 where accrued > 0',
    /Rows that differed from the one it replaces: campaigns: /,
  ),
  CampaignUnsettled: waiting,
  SettlementFailures: unsettled,
  SettlementsBlocked: unsettled,
  async CampaignsNearlyUsed(world) {
    return {
      words: { '<id>': await world.launched({ budget: 1_000 }) },
      bodies: { 'POST /campaigns/<id>/top-up': { amount: 1_000 } },
    };
  },
  DatabaseUnreachable: nothing,
  DeadLetters: retried,
  PlatformFailing: retried,
  SuccessRateLow: retried,
  async DiskFull({ cli }) {
    return { words: { '<folder>': cli.dir } };
  },
  async FailedScrapesWaiting(world) {
    const { clipId } = await failed(world);
    return {
      words: { '<id>': clipId },
      bodies: { 'POST /clips/<id>/hold': why, 'POST /clips/<id>/reject': why },
    };
  },
  async FailuresOfOneReason(world) {
    const figure = { rule: 'growth', views: 1_000_000_000, metric: 'viewCount' };
    const observedAt = world.api.clock.now().toISOString();
    const { id } = await failed(world, { reason: 'implausible', figure: { ...figure, observedAt } } as object); // prettier-ignore
    return { words: { '<id>': id } };
  },
  async HoldsOverdue(world) {
    const { clipId, campaignId } = await paying(world);
    const reviewAt = new Date(world.api.clock.now().getTime() + DAY_MS).toISOString();
    await world.api.post(`/clips/${clipId}/hold`, { ...why, reviewAt });
    world.api.clock.advance(2 * DAY_MS);
    return {
      words: { '<id>': clipId },
      bodies: {
        ...reviews(clipId, campaignId, 'release'),
        'POST /clips/<id>/reverse': { amount: 10, ...why },
      },
    };
  },
  async PayoutBeyondEarnings(world) {
    const { creatorId, ids } = await payouts(world, 'paid');
    await world.reached();
    await world.pool.query('update monitor.payouts set overpaid = 5 where payout_id = $1', ids);
    return {
      words: { '<id>': ids[0]! },
      of: { 'GET /creators/<id>/statement': { '<id>': creatorId } },
    };
  },
  async PayoutPaidTwice(world) {
    const { creatorId, ids } = await payouts(world, 'paid');
    const stream = streams.payout(creatorId);
    const [first] = (await Array.fromAsync(world.api.store.readStream(stream))).filter(
      ({ type }) => type === 'PayoutPaid',
    );
    await world.api.store.append(stream, [{ ...first!, id: randomUUID() } as NewEvent], 'any');
    return {
      words: { '<creator>': creatorId },
      says: { 'select * from monitor.payouts where times_paid > 1': new RegExp(ids[0]!) },
    };
  },
  async PayoutsFailing(world) {
    const { ids } = await payouts(world, 'failed');
    return { says: { 'npm run cliptally -- payout list --status FAILED': new RegExp(ids[0]!) } };
  },
  PayoutsStalled: approvedPayouts,
  PayoutsWaitForBalance: approvedPayouts,
  async PayoutsUnanswered(world) {
    const { ids } = await payouts(world, 'asked', 'asked', 'approved');
    return {
      words: { '<id>': ids[0]! },
      of: { 'POST /payouts/<id>/reject': { '<id>': ids[1]! } },
      bodies: { 'POST /payouts/<id>/reject': why },
    };
  },
  LogGrowing: archived,
  ProjectionUnknown: nothing,
  RunsChooseNothing: activeCampaign,
  TrackingStateUnknown: activeCampaign,
  TrackingUnhealthy: nothing,
  async ShortLinksWaiting(world) {
    const campaignId = await world.launched();
    const linkOf = async (url: string) =>
      (await world.api.post('/clips', { url, campaignId, creatorId: 'ann' })).body.linkId as string;
    const one = await linkOf('https://vm.tiktok.com/ZM1');
    return {
      words: { '<id>': one },
      of: {
        'POST /short-links/<id>/refuse': { '<id>': await linkOf('https://vm.tiktok.com/ZM2') },
      },
      bodies: {
        'POST /short-links/<id>/resolve': {
          url: 'https://www.tiktok.com/@a/video/7000000000000000001',
        },
        'POST /short-links/<id>/refuse': why,
      },
    };
  },
  async SubmissionsOverdue(world) {
    const startsAt = new Date(world.api.clock.now().getTime() + 90 * DAY_MS).toISOString();
    const campaignId = await world.launched({ reviewHours: 1, startsAt });
    const clipId = await world.submitted(campaignId);
    world.api.clock.advance(DAY_MS);
    return { bodies: reviews(clipId, campaignId, 'approve') };
  },
  async SubmissionsWaiting(world) {
    const campaignId = await world.launched();
    const [clipId, other] = [await world.submitted(campaignId), await world.submitted(campaignId)];
    world.api.clock.advance(8 * DAY_MS);
    const rows = `clipId,campaignId,decision,reason\n${other},${campaignId},approve,\n`;
    return {
      words: { '<id>': campaignId, '<file>': world.cli.file('reviews.csv', rows) },
      bodies: reviews(clipId, campaignId, 'approve'),
    };
  },
  async ViewFieldShift(world) {
    const clipId = await world.approved(await world.launched());
    await world.api.see(clipId, 1_000);
    return { words: { '<id>': clipId } };
  },
  async WebhookEndpointDead(world) {
    const url = `https://hooks.example/${randomUUID()}`;
    const id = (await world.api.post('/webhook-endpoints', { url })).body.endpointId as string;
    const from = world.api.clock.now().toISOString();
    await world.api.post(`/webhook-endpoints/${id}/test`);
    await world.pool.query(
      `update earnings_webhooks.endpoints set status = 'DEAD', reason = 'no answer for three days' where endpoint_id = $1`,
      [id],
    );
    return {
      words: { '<id>': id },
      bodies: {
        'POST /webhook-endpoints/<id>/replay': { from },
        'POST /webhook-endpoints/<id>/disable': why,
      },
    };
  },
  async ProjectionHalted(world) {
    const { position, stream } = await halted(world);
    return { words: { '<projection>': 'earnings', '<position>': position, '<stream>': stream } };
  },
  async EventsSkipped(world) {
    const { position, stream } = await halted(world);
    await world.run(`npm run events -- skip earnings ${position} --reason "a test"`, null);
    const other = await halted(world);
    await world.run(`npm run events -- skip earnings ${other.position} --reason "a test"`, null);
    return {
      words: { '<projection>': 'earnings', '<position>': position, '<stream>': stream },
      of: {
        'npm run events -- review <projection> <position> --reason "a duplicate"': {
          '<projection>': 'earnings',
          '<position>': other.position,
        },
      },
      says: {
        'npm run events -- audit': new RegExp(`earnings skips the event at position ${position} `),
        // Nobody has mended the rule here.
        'npm run rebuild -- <projection>': new RegExp(
          `The event at position ${position} .* cannot be applied`,
        ),
      },
      // Of the incidents before, the auditor names the first.
      finds: ['npm run events -- audit', 'npm run rebuild -- <projection>'],
    };
  },
};
