import {
  EVENTS,
  clipIdOf,
  isPayable,
  newEvent,
  payoutStep,
  streams,
  type AnyEvent,
  type EventInput,
  type EventType,
  type NewEvent,
} from '@cliptally/contracts';
import {
  EMPTY_BALANCE,
  availableAt,
  type Balance,
} from '../../../../services/earnings/src/domain/balance.js';
import {
  decideEnd,
  decidePause,
  decideResume,
  decideTopUp,
  evolveCampaign,
  type Campaign,
  type CampaignFact,
} from '../../../../services/earnings/src/domain/campaign.js';
import {
  decideApproval,
  decideHold,
  decideRejection,
  decideRelease,
} from '../../../../services/earnings/src/domain/clip-review.js';
import { decideSubmission } from '../../../../services/earnings/src/domain/submission.js';
import {
  accrue,
  evolveEntry,
  netOf,
  type ClipEntry,
  type ClipFact,
} from '../../../../services/earnings/src/domain/clip.js';
import { reverse } from '../../../../services/earnings/src/domain/clip-reversal.js';
import type { Decided } from '../../../../services/earnings/src/domain/fact.js';
import * as payouts from '../../../../services/earnings/src/domain/payout.js';
import { decideReversal } from '../../../../services/earnings/src/domain/reversal.js';
import { RuleBroken } from '../../../../services/earnings/src/domain/rule-broken.js';
import { settle } from '../../../../services/earnings/src/domain/settlement.js';
import {
  ADMIN,
  eventId,
  on,
  terms,
} from '../../../../services/earnings/src/domain/testing/facts.js';
import { CAMPAIGNS, type Act } from './money-acts.js';

const PLATFORM = 'tiktok';

type Written = [stream: string, event: Decided];

/**
 * The log that acts make, decided by the rules of earnings, with the small facts that decisions
 * leave in a second stream.
 */
export class MoneyHistory {
  readonly events: AnyEvent[] = [];
  readonly #campaigns = new Map<string, { campaign: Campaign; clips: Map<string, ClipEntry> }>();
  readonly #balances = new Map<string, Balance>();
  readonly #payouts = new Map<string, payouts.Payout>();
  readonly #revisions = new Map<string, number>();
  #hours = 0;

  constructor() {
    for (const [id, change] of Object.entries(CAMPAIGNS))
      this.#append([[streams.campaign(id), { type: 'CampaignLaunched', data: { campaignId: id, brandId: 'brand', name: id, terms: terms({ validationDays: 0, exclusive: false, ...change }) } }]]); // prettier-ignore
  }

  do(act: Act): this {
    this.#hours += 3;
    try {
      this.#append(this.#decide(act));
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
    }
    return this;
  }

  get #now(): Date {
    return new Date(on(1, this.#hours));
  }

  #append(written: Written[]): void {
    for (const [stream, { type, data }] of written) {
      const position = this.events.length + 1;
      const revision = (this.#revisions.get(stream) ?? -1) + 1;
      this.#revisions.set(stream, revision);
      const context = { time: this.#now, correlationId: 'test', causationId: 'test' };
      const event = newEvent(
        type,
        eventId(position),
        data as EventInput<EventType>,
        context,
      ) as NewEvent;
      const stored = { ...event, stream, revision, position } as AnyEvent;
      this.events.push(stored);
      this.#fold(stored);
    }
  }

  #fold(event: AnyEvent): void {
    const { category } = EVENTS[event.type];
    if (category === 'clip') this.#foldClip(event as AnyEvent & ClipFact);
    else if (category === 'campaign') this.#foldCampaign(event as AnyEvent & CampaignFact);
    else if (category === 'payout' && 'payoutId' in event.data)
      this.#foldPayout(event as AnyEvent & payouts.PayoutFact);
  }

  #foldClip(event: AnyEvent & ClipFact): void {
    const { clipId } = event.data;
    for (const [id, { campaign, clips }] of this.#campaigns) {
      if ('campaignId' in event.data ? event.data.campaignId !== id : !clips.has(clipId)) continue;
      clips.set(clipId, evolveEntry(clips.get(clipId) ?? null, event, campaign));
    }
  }

  #foldCampaign(event: AnyEvent & CampaignFact): void {
    const { campaignId: id } = event.data;
    const before = this.#campaigns.get(id);
    const campaign = evolveCampaign(before?.campaign ?? null, event);
    const clips = before?.clips ?? new Map<string, ClipEntry>();
    this.#campaigns.set(id, { campaign, clips });
    if (event.type === 'EarningsAccrued')
      for (const line of event.data.lines) {
        clips.set(line.clipId, accrue(clips.get(line.clipId)!, line, campaign, event.time));
        const withheld = event.data.fee?.bearer === 'creator' ? line.fee!.amount : 0;
        this.#add(line.creatorId, event.data.currency, { accrued: line.amount, withheld });
      }
    if (event.type === 'EarningsReversed')
      for (const line of event.data.lines) {
        clips.set(
          line.clipId,
          reverse(clips.get(line.clipId)!, line, event.data.by, campaign, event.time),
        );
        const withheld = event.data.fee?.bearer === 'creator' ? -line.fee!.amount : 0;
        this.#add(line.creatorId, event.data.currency, { reversed: line.amount, withheld });
      }
  }

  #foldPayout(event: AnyEvent & payouts.PayoutFact): void {
    const before = this.#payouts.get(event.data.payoutId) ?? null;
    const after = payouts.evolvePayout(before, event);
    this.#payouts.set(after.payoutId, after);
    this.#add(
      after.creatorId,
      after.currency,
      payoutStep(before?.status ?? null, after.status, after.amount),
    );
  }

  #add(
    creator: string,
    inCurrency: string,
    change: Partial<Record<'accrued' | 'reversed' | 'withheld' | 'reserved' | 'paid', number>>,
  ): void {
    const balance = this.#balance(creator, inCurrency);
    const added = Object.entries(change).map(([name, amount]) => [
      name,
      balance[name as keyof typeof change] + amount,
    ]);
    this.#balances.set(`${creator} ${inCurrency}`, { ...balance, ...Object.fromEntries(added) });
  }

  /** Nothing has to be validated. */
  #balance(creator: string, inCurrency: string): Balance {
    return this.#balances.get(`${creator} ${inCurrency}`) ?? EMPTY_BALANCE;
  }

  #decide(act: Act): Written[] {
    const now = this.#now;
    if ('payout' in act) return this.#decidePayout(act, now);
    if (act.act === 'request') return this.#request(act, now);
    if (act.act === 'observe') return this.#observe(act, now);
    const { campaign, clips } = this.#campaigns.get(act.campaignId)!;
    const ofCampaign = (events: Decided[]) =>
      events.map((event): Written => [streams.campaign(act.campaignId), event]);
    if (!('video' in act)) {
      if (act.act === 'top up')
        return ofCampaign(decideTopUp(campaign, { amount: 3_000, by: 'brand' }));
      if (act.act === 'pause')
        return ofCampaign(decidePause(campaign, { reason: '', by: 'brand' }));
      if (act.act === 'resume') return ofCampaign(decideResume(campaign, { by: 'brand' }));
      if (act.act === 'end') return ofCampaign(decideEnd(campaign, { reason: '', by: 'brand' }));
      const decision = settle({ campaign, clips, scrapesOutstanding: 0 }, now);
      if (decision.kind !== 'settle') return [];
      return ofCampaign(decision.events).flatMap((one) => [one, ...reversalsIn(one[1])]);
    }
    const clipId = clipIdOf(PLATFORM, act.video);
    const entries = [...this.#campaigns.values()].flatMap((each) => each.clips.get(clipId) ?? []);
    const named = { campaignId: act.campaignId, clipId };
    const ofClip = (
      events: Decided[],
      notice?: 'CampaignClipHeld' | 'CampaignClipReleased',
    ): Written[] => [
      ...events.map((event): Written => [streams.clip(clipId), event]),
      ...(notice ? ofCampaign([{ type: notice, data: named }]) : []),
    ];
    if (act.act === 'submit') {
      const url = `https://www.tiktok.com/@u/video/${act.video}`;
      const submission = { platform: PLATFORM, videoId: act.video, url, submittedUrl: url, campaignId: act.campaignId, creatorId: act.creatorId } as const; // prettier-ignore
      return ofClip(decideSubmission(entries, submission, campaign, now));
    }
    const entry = clips.get(clipId);
    if (!entry) return [];
    if (
      act.act === 'settlement fails' &&
      !isPayable({ status: entry.status, held: entry.hold !== null })
    )
      return [];
    if (act.act === 'settlement fails')
      return ofCampaign([
        { type: 'ClipSettlementFailed', data: { ...named, reason: 'it is odd.' } },
      ]);
    if (act.act === 'approve') return ofClip(decideApproval(entry, campaign, { by: ADMIN }, now));
    if (act.act === 'reject') return ofClip(decideRejection(entry, { reason: 'no', by: ADMIN }));
    if (act.act === 'hold')
      return ofClip(
        decideHold(entry, { reason: 'odd', reviewAt: on(70), by: ADMIN }, now),
        'CampaignClipHeld',
      );
    if (act.act === 'release')
      return ofClip(decideRelease(entry, { by: ADMIN }), 'CampaignClipReleased');
    const { percent: portion } = act as Extract<Act, { act: 'reverse' }>;
    const amount = part(netOf(entry.tally), portion);
    return ofCampaign(
      decideReversal(entry, campaign, { amount, reason: 'bots', by: ADMIN }),
    ).flatMap((one) => [one, ...reversalsIn(one[1])]);
  }

  #observe(
    { video: videoId, views: count }: Extract<Act, { act: 'observe' }>,
    now: Date,
  ): Written[] {
    const clipId = clipIdOf(PLATFORM, videoId);
    const known = [...this.#campaigns.values()].some(({ clips }) => clips.has(clipId));
    const scrape = {
      clipId,
      platform: PLATFORM,
      requestId: eventId(1),
      runId: 'none',
      source: 'apify',
      costMicroUsd: 0,
    } as const;
    const data = {
      ...scrape,
      views: count,
      metric: 'playCount',
      observedAt: now.toISOString(),
      cached: false,
    };
    return known ? [[streams.clip(clipId), { type: 'ViewsRecorded', data }]] : [];
  }

  #request(act: Extract<Act, { act: 'request' }>, now: Date): Written[] {
    const earnedIn = [...this.#campaigns.values()].flatMap(({ campaign, clips }) => {
      const own = [...clips.values()].filter(({ creatorId }) => creatorId === act.creatorId);
      const sum = (of: 'accrued' | 'reversed' | 'fees') =>
        own.reduce((all, { tally }) => all + tally[of], 0);
      const { campaignId, terms } = campaign;
      if (terms.currency !== act.currency || sum('accrued') === 0) return [];
      const bears = terms.platformFee?.bearer === 'creator';
      const accrued = sum('accrued') - (bears ? sum('fees') : 0);
      return [{ campaign, campaignId, accrued, reversed: sum('reversed') }];
    });
    const balance = { ...this.#balance(act.creatorId, act.currency), campaigns: earnedIn };
    const payoutId = `p${this.#payouts.size}`;
    const request = {
      payoutId,
      creatorId: act.creatorId,
      currency: act.currency,
      amount: part(availableAt(balance, now), act.percent),
    };
    const [requested] = payouts.decidePayoutRequest(
      null,
      balance,
      request,
      earnedIn.map(({ campaign }) => campaign),
      now,
    );
    return [
      [streams.payout(act.creatorId), requested!],
      [
        streams.uniquePayoutId(payoutId),
        { type: 'PayoutIdTaken', data: { payoutId, creatorId: act.creatorId } },
      ],
    ];
  }

  #decidePayout({ act, payout: nth }: Extract<Act, { payout: number }>, now: Date): Written[] {
    const needs = {
      'approve payout': 'REQUESTED',
      'reject payout': 'REQUESTED',
      'come back': 'PAID',
    } as Record<string, string>;
    const all = [...this.#payouts.values()];
    const fitting = all.filter(({ status }) => status === (needs[act] ?? 'APPROVED'));
    const chosen = fitting[nth % fitting.length] ?? all[nth];
    if (!chosen) return [];
    const balance = this.#balance(chosen.creatorId, chosen.currency);
    const externalReference = `tr-${chosen.payoutId}`;
    const written = (events: Decided[]) =>
      events.map((event): Written => [streams.payout(chosen.creatorId), event]);
    if (act === 'approve payout')
      return written(payouts.decidePayoutApproval(chosen, balance, { by: ADMIN }, now));
    if (act === 'reject payout')
      return written(payouts.decidePayoutRejection(chosen, { reason: 'no', by: ADMIN }));
    if (act === 'fail')
      return written(payouts.decidePayoutFailure(chosen, { reason: 'no', by: ADMIN }));
    if (act === 'come back')
      return written(
        payouts.decidePayoutReturn(chosen, { externalReference, reason: 'taken back' }),
      );
    const by = act === 'pay' ? ADMIN : payouts.BY_STRIPE;
    return written(payouts.decidePayoutPaid(chosen, balance, { externalReference, by }, now));
  }
}

const part = (whole: number, portion: number): number =>
  Math.max(1, Math.floor((whole * portion) / 100));

/** What an EarningsReversed leaves in the payout stream of each of its creators. */
function reversalsIn({ type, data }: Decided): Written[] {
  if (type !== 'EarningsReversed') return [];
  const { campaignId: id, currency: of, lines } = data;
  return [...Map.groupBy(lines, (line) => line.creatorId)].map(([creator, own]): Written => {
    const amount = own.reduce((sum, line) => sum + line.amount, 0);
    const reversed = {
      creatorId: creator,
      campaignId: id,
      currency: of,
      amount,
      reversal: eventId(1),
    };
    return [streams.payout(creator), { type: 'CreatorEarningsReversed', data: reversed }];
  });
}
