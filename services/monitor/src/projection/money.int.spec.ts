import { EVENT_TYPES, streams, type EventInput, type NewEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { kindOf } from '../domain/sentence.js';
import { monitorProjection } from './monitor-projection.js';
import type { StatusReport } from '../status/status.js';
import type { MonitorService } from '../monitor.js';
import { made, TERMS } from '../testing/history.js';
import { get, startMonitorWorld, type MonitorWorld } from '../testing/monitor-world.js';

const NOON = '2026-03-15T12:00:00Z';

describe('what the monitor knows of money', () => {
  let world: MonitorWorld;
  let monitor: MonitorService;
  /** A campaign of its own for each test. */
  let campaignId: string;
  let tests = 0;
  beforeAll(async () => {
    world = await startMonitorWorld(NOON);
    monitor = await world.start();
    await world.reached(monitor);
  });
  afterAll(async () => {
    await monitor?.close();
    await world?.close();
  });
  beforeEach(async () => {
    campaignId = `c${++tests}`;
    await inCampaign(
      made(
        'CampaignLaunched',
        { campaignId, brandId: 'brand', name: 'Spring', terms: TERMS },
        now(),
      ),
    );
    for (const clipId of ['x-1', 'x-2']) {
      const url = `https://example.com/${clipId}`;
      const data = {
        clipId,
        platform: 'x' as const,
        videoId: clipId.slice(2),
        url,
        submittedUrl: url,
        campaignId,
        creatorId: 'ann',
      };
      await world.append(
        streams.clip(clipId),
        made('ClipSubmitted', data, now()),
        made('ClipApproved', { ...ofClip(clipId), by: 'r' }, now()),
      );
    }
  });

  const now = () => world.clock.now();
  const ofClip = (clipId: string) => ({ clipId, platform: 'x' as const, campaignId });
  const inCampaign = (...events: NewEvent[]) =>
    world.append(streams.campaign(campaignId), ...events);
  const fail = (clipId: string, reason = 'the ratio is not finite.') =>
    inCampaign(made('ClipSettlementFailed', { campaignId, clipId, reason }, now()));
  const accrue = (clipId: string, amount = 5) => {
    const line = {
      clipId,
      creatorId: 'ann',
      fromViews: 0,
      toViews: 100,
      due: amount,
      amount,
      observation: made('ClipHeld', hold(clipId), NOON).id,
    };
    return inCampaign(
      made('EarningsAccrued', { campaignId, currency: 'USD', total: amount, lines: [line] }, now()),
    );
  };
  const hold = (clipId: string): EventInput<'ClipHeld'> => ({
    ...ofClip(clipId),
    reason: 'odd',
    reviewAt: '2026-04-01T00:00:00Z',
    by: 'r',
  });

  async function holdIn(id: string, clipId: string) {
    const held = made('ClipHeld', { ...hold(clipId), campaignId: id }, now());
    await world.store.appendMany([
      { stream: streams.clip(clipId), events: [held], expected: 'any' },
      {
        stream: streams.campaign(id),
        events: [made('CampaignClipHeld', { campaignId: id, clipId }, now())],
        expected: 'any',
      },
    ]);
  }

  async function metric(name: string): Promise<number> {
    await world.reached(monitor);
    const { text } = await get(monitor, '/metrics');
    return Number(
      new RegExp(`^cliptally_${name}\\{service="monitor"\\} (.*)$`, 'm').exec(text)![1],
    );
  }
  const failures = async () => [
    await metric('settlement_failures_open'),
    await metric('settlement_failures_total'),
  ];
  const status = async () => JSON.parse((await get(monitor, '/status')).text) as StatusReport;

  it('counts a clip that cannot be settled until it is paid, and says so', async () => {
    expect(await failures()).toEqual([0, 0]);
    await fail('x-1');
    await fail('x-2');
    // Another reason is another failure of the same clip.
    world.clock.advance(60_000);
    await fail('x-1', 'its hold is refused.');
    expect(await failures()).toEqual([2, 3]);
    const report = await status();
    expect(report.settlementFailures).toMatchObject({ open: 2, total: 3 });
    expect(report.settlementFailures.oldest).toEqual([
      {
        campaignId,
        clipId: 'x-1',
        reason: 'its hold is refused.',
        since: '2026-03-15T12:00:00.000Z',
      },
      {
        campaignId,
        clipId: 'x-2',
        reason: 'the ratio is not finite.',
        since: '2026-03-15T12:00:00.000Z',
      },
    ]);
    expect(report.reasons).toContain(
      `The clip "x-1" cannot be settled in the campaign "${campaignId}": its hold is refused. Nor can 1 more.`,
    );
    await accrue('x-1');
    expect(await failures()).toEqual([1, 3]);
    await accrue('x-2');
    expect(await failures()).toEqual([0, 3]);
    expect((await status()).settlementFailures).toEqual({ open: 0, total: 3, oldest: [] });
  });

  it('counts it no more once it is held or rejected, and anew if it fails again', async () => {
    const total = (await failures())[1]!;
    await fail('x-1');
    await fail('x-2');
    await holdIn(campaignId, 'x-1');
    expect(await failures()).toEqual([1, total + 2]);
    await holdIn(campaignId, 'x-2');
    await world.append(
      streams.clip('x-2'),
      made('ClipRejected', { ...ofClip('x-2'), reason: 'no', by: 'r' }, now()),
    );
    expect(await failures()).toEqual([0, total + 2]);
    await world.append(
      streams.clip('x-1'),
      made('ClipReleased', { ...ofClip('x-1'), by: 'r' }, now()),
    );
    expect(await failures()).toEqual([0, total + 2]);
    await fail('x-1', 'again');
    expect(await failures()).toEqual([1, total + 3]);
    // Of another campaign, or of another clip, it says nothing.
    await holdIn('c1', 'x-1');
    await accrue('x-2');
    expect((await failures())[0]).toBe(1);
    const line = { clipId: 'x-1', creatorId: 'ann', amount: 1, reason: 'bots' };
    const reversal = { campaignId, currency: 'USD', total: 1, by: 'admin' } as const;
    await inCampaign(made('EarningsReversed', { ...reversal, lines: [line] }, now()));
    expect((await failures())[0]).toBe(1);
    const basis = { views: 0, baseline: 0, earned: 0, voided: 0, had: 1 };
    await inCampaign(
      made(
        'EarningsReversed',
        { ...reversal, by: 'cliptally:settlement', lines: [{ ...line, basis }] },
        now(),
      ),
    );
    expect((await failures())[0]).toBe(0);
  });

  it('D10: takes back what a payout went beyond what was earned, when the payout comes back', async () => {
    const payout = { payoutId: `p-${campaignId}`, creatorId: 'bea' };
    const beyond = 'payouts_beyond_earnings_minor_units';
    await world.append(
      streams.payout('bea'),
      made('PayoutRequested', { ...payout, currency: 'USD', amount: 70 }, now()),
      made('PayoutApproved', { ...payout, by: 'finance' }, now()),
      made('PayoutPaid', { ...payout, externalReference: 'tr_1', by: 'finance' }, now()),
    );
    expect(await metric(beyond)).toBe(70);
    await world.append(
      streams.payout('bea'),
      made('PayoutFailed', { ...payout, reason: 'came back', by: 'cliptally:stripe' }, now()),
    );
    expect(await metric(beyond)).toBe(0);
  });

  it('knows from the sums alone that a budget is used up', async () => {
    const before = await metric('campaigns_exhausted');
    await accrue('x-1', TERMS.budget);
    expect(await metric('campaigns_exhausted')).toBe(before + 1);
    await inCampaign(made('CampaignToppedUp', { campaignId, amount: 1, by: 'brand' }, now()));
    expect(await metric('campaigns_exhausted')).toBe(before);
  });

  it('tells of each event that it has words for', () => {
    expect(
      EVENT_TYPES.filter(
        (type) => kindOf(type) !== null && !monitorProjection.types.includes(type),
      ),
    ).toEqual([]);
  });

  it('counts payouts that fail in a row, and how long an approved one has waited', async () => {
    const at = streams.payout('ann');
    const asked = (payoutId: string) => ({ payoutId, creatorId: 'ann' });
    const approved = (payoutId: string) => [
      made('PayoutRequested', { ...asked(payoutId), currency: 'USD', amount: 5 }, now()),
      made('PayoutApproved', { ...asked(payoutId), by: 'finance' }, now()),
    ];
    const failed = (payoutId: string) =>
      made('PayoutFailed', { ...asked(payoutId), reason: 'no such account', by: 'bank' }, now());
    const paid = (payoutId: string) =>
      made('PayoutPaid', { ...asked(payoutId), externalReference: payoutId, by: 'finance' }, now());
    const figures = async () => {
      await world.reached(monitor);
      const { text } = await get(monitor, '/metrics');
      return ['payout_failures_in_a_row', 'oldest_approved_payout_seconds'].map((name) =>
        Number(new RegExp(`^cliptally_${name}\\{.*\\} (\\S+)$`, 'm').exec(text)![1]),
      );
    };
    await world.append(at, ...approved('p1'), failed('p1'), ...approved('p2'), paid('p2'));
    world.clock.advance(60_000);
    await world.append(at, ...approved('p3'), failed('p3'), ...approved('p4'), failed('p4'));
    expect(await figures()).toEqual([2, 0]);
    await world.append(at, ...approved('p5'));
    world.clock.advance(86_400_000);
    expect(await figures()).toEqual([2, 86_400]);
    await world.append(at, paid('p5'));
    expect(await figures()).toEqual([0, 0]);
  });
});
