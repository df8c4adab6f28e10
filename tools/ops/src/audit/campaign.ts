import {
  SETTLEMENT,
  amountOf,
  linesOf,
  millis,
  textOf,
  wholeOf,
  type Fact,
  type Line,
  type RawEvent,
} from './events.js';
import type { Fold } from './trail.js';
import { Views, type Field } from './views.js';

const DAY_MS = 86_400_000;

/** What a clip has earned, and what that rests on: `start` is where its own field began. */
export interface Entitlement extends Record<
  'earned' | 'views' | 'baseline' | 'start' | 'flat' | 'bonus',
  bigint
> {
  seen: Field['highWater'];
  field: string;
}

/** A clip in one campaign. */
export class Entry {
  /** Null until it is approved. */
  approvedAt: number | null = null;
  held = false;
  rejected = false;
  views = new Views();
  /** When the oldest observation was taken that no settlement has paid in full. */
  unsettledSince: number | null = null;
  accrued = 0n;
  reversed = 0n;
  /** What people have reversed. */
  voided = 0n;
  /** When its post was made, by the earliest that a source says. */
  postedAt = Infinity;
  submittedAt = Infinity;
  /** Platform fees of its lines, less what went back. */
  fees = 0n;
  /** `toViews` of its last line, and the view field that it was of if that has changed. */
  settledViews: bigint | null = null;
  settledField = '';

  constructor(
    readonly clipId: string,
    readonly creatorId: string,
    readonly platform: string,
  ) {}

  get had(): bigint {
    return this.accrued - this.reversed;
  }
  /** What counts towards the limit for its creator. */
  get taken(): bigint {
    return this.had + (this.rejected ? 0n : this.voided);
  }
  get accrues(): boolean {
    return this.approvedAt !== null && !this.held && !this.rejected;
  }
}

export interface Terms {
  currency: string;
  budget: bigint;
  rates: Record<string, unknown>;
  minViews: bigint;
  cap: bigint | null;
  fromApproval: boolean;
  trackingMs: number;
  startsAt: number;
  endsAt: number;
  validationMs: number;
  minPayout: bigint;
  creatorCap: bigint | null;
  flat: bigint;
  milestones: { views: bigint; bonus: bigint }[];
  /** Views of old posts count from the first observation. */
  oldAnew: boolean;
  postAgeMs: number;
  fee: { points: bigint; onTop: boolean } | null;
}

function feeOf(terms: Record<string, unknown>): Terms['fee'] {
  if (!terms['platformFee']) return null;
  const fee = terms['platformFee'] as Record<string, unknown>;
  return { points: amountOf(fee, 'basisPoints'), onTop: fee['bearer'] === 'brand' };
}

function termsOf(data: Record<string, unknown>): Terms {
  const terms = (data['terms'] ?? {}) as Record<string, unknown>;
  return {
    currency: textOf(terms, 'currency'),
    budget: amountOf(terms, 'budget'),
    rates: (terms['ratePerThousand'] ?? {}) as Record<string, unknown>,
    minViews: amountOf(terms, 'minViews'),
    cap: wholeOf(terms['maxPayoutPerClip']),
    fromApproval: terms['countFrom'] === 'approval',
    trackingMs: Number(terms['trackingDays'] ?? 30) * DAY_MS,
    startsAt: millis(textOf(terms, 'startsAt')),
    endsAt: terms['endsAt'] ? millis(textOf(terms, 'endsAt')) : Infinity,
    validationMs: Number(terms['validationDays'] ?? 3) * DAY_MS,
    minPayout: amountOf(terms, 'minPayout'),
    creatorCap: wholeOf(terms['maxPayoutPerCreator']),
    flat: amountOf(terms, 'flatFee'),
    milestones: ((terms['milestones'] ?? []) as Record<string, unknown>[]).map((one) => ({
      views: amountOf(one, 'views'),
      bonus: amountOf(one, 'bonus'),
    })),
    oldAnew: terms['oldPosts'] === 'first_observation',
    postAgeMs: Number(terms['maxPostAgeHours'] ?? Infinity) * 3_600_000,
    fee: feeOf(terms),
  };
}

/**
 * A campaign, its clips and the scrape requests that are open for them, as one prefix of the log
 * has them. docs/money.md, sections 1 to 4.
 */
export class CampaignFold implements Fold {
  terms: Terms | null = null;
  status: 'ACTIVE' | 'PAUSED' | 'ENDED' = 'ACTIVE';
  endedAt = Infinity;
  toppedUp = 0n;
  accrued = 0n;
  reversed = 0n;
  /** Platform fees that the budget bears, less what went back. */
  onTop = 0n;
  /** When money came, or the campaign was resumed: patience does not begin before. */
  moneySince = -Infinity;
  readonly entries = new Map<string, Entry>();
  readonly outstanding = new Set<string>();
  /** Clips of which ClipSettlementFailed says that no decision could be made. */
  readonly failed = new Set<string>();

  get budget(): bigint {
    return (this.terms?.budget ?? 0n) + this.toppedUp;
  }
  get remaining(): bigint {
    return this.budget - (this.accrued - this.reversed) - this.onTop;
  }

  apply({ event }: Fact): void {
    const { type, data } = event;
    if (type === 'CampaignLaunched') this.terms ??= termsOf(data);
    else if (type === 'CampaignToppedUp')
      this.#money(event, () => (this.toppedUp += amountOf(data, 'amount')));
    else if (type === 'CampaignPaused') this.status = 'PAUSED';
    else if (type === 'CampaignResumed') {
      this.status = 'ACTIVE';
      this.moneySince = millis(event.time);
    } else if (type === 'CampaignEnded') {
      this.status = 'ENDED';
      this.endedAt = Math.min(this.endedAt, millis(event.time));
    } else if (type === 'EarningsAccrued') for (const line of linesOf(event)) this.#accrue(line);
    else if (type === 'EarningsReversed') this.#money(event, () => this.#reverse(event));
    else if (type === 'ClipSettlementFailed') this.failed.add(textOf(data, 'clipId'));
    else if (type === 'ClipTrackingRequested') this.outstanding.add(textOf(data, 'requestId'));
    else if (type === 'ViewsRecorded' || type === 'ScrapeFailed') {
      this.outstanding.delete(textOf(data, 'requestId'));
      if (type === 'ViewsRecorded') this.#observe(event);
    } else if (type === 'ViewFieldChanged')
      this.entries.get(textOf(data, 'clipId'))?.views.change(data);
    else this.#review(event);
  }

  #money(event: RawEvent, change: () => void): void {
    const before = this.remaining;
    change();
    if (before <= 0n && this.remaining > 0n) this.moneySince = millis(event.time);
  }

  #review({ type, time, data }: RawEvent): void {
    const clipId = textOf(data, 'clipId');
    const entry = this.entries.get(clipId);
    if (type === 'ClipSubmitted') {
      // A clip that was approved once stays whose it was; a claim that was rejected makes room for
      // the next one.
      if (!entry || (entry.rejected && entry.approvedAt === null)) {
        const fresh = new Entry(clipId, textOf(data, 'creatorId'), textOf(data, 'platform'));
        fresh.submittedAt = millis(textOf(data, 'submittedAt') || time);
        if (data['postedAt']) fresh.postedAt = millis(textOf(data, 'postedAt'));
        this.entries.set(clipId, fresh);
      }
    } else if (!entry) return;
    else if (type === 'ClipApproved') approve(entry, time, data);
    else if (type === 'ClipRejected') {
      entry.rejected = true;
      entry.held = false;
    } else if (type === 'ClipHeld') entry.held = true;
    else if (type === 'ClipReleased') entry.held = false;
  }

  /** When what is seen counts for a clip that was approved at this time. */
  windowFrom(approvedAt: number): readonly [from: number, to: number] {
    const { startsAt = 0, trackingMs = 0, endsAt = Infinity } = this.terms ?? {};
    return [
      Math.max(approvedAt, startsAt),
      Math.min(approvedAt + trackingMs, endsAt, this.endedAt),
    ];
  }

  /**
   * From its approval for the days of tracking, within the campaign's dates and before its end: the
   * first instant is inside, the last outside.
   */
  #counts(entry: Entry, observedAt: number): boolean {
    if (!this.terms || entry.approvedAt === null) return false;
    const [from, to] = this.windowFrom(entry.approvedAt);
    return observedAt >= from && observedAt < to;
  }

  #observe({ id, data }: RawEvent): void {
    const entry = this.entries.get(textOf(data, 'clipId'));
    const views = wholeOf(data['views']);
    const observedAt = millis(textOf(data, 'observedAt'));
    if (entry && data['postedAt'])
      entry.postedAt = Math.min(entry.postedAt, millis(textOf(data, 'postedAt')));
    if (!entry || views === null || !this.#counts(entry, observedAt)) return;
    entry.views.see(id, views, observedAt, textOf(data, 'metric'));
    if (entry.unsettledSince === null || observedAt < entry.unsettledSince)
      entry.unsettledSince = observedAt;
  }

  #accrue(line: Line): void {
    const amount = amountOf(line, 'amount');
    this.accrued += amount;
    const entry = this.entries.get(textOf(line, 'clipId'));
    if (!entry) return;
    entry.accrued += amount;
    this.#fee(entry, feeIn(line));
    entry.settledViews = wholeOf(line['toViews']);
    entry.settledField = textOf((line['basis'] ?? {}) as Record<string, unknown>, 'field');
    if (amount === amountOf(line, 'due')) entry.unsettledSince = null;
  }

  #reverse(event: RawEvent): void {
    for (const line of linesOf(event)) {
      const amount = amountOf(line, 'amount');
      this.reversed += amount;
      const entry = this.entries.get(textOf(line, 'clipId'));
      if (!entry) continue;
      entry.reversed += amount;
      this.#fee(entry, -feeIn(line));
      if (event.data['by'] !== SETTLEMENT) entry.voided += amount;
    }
  }

  #fee(entry: Entry, amount: bigint): void {
    entry.fees += amount;
    if (this.terms?.fee?.onTop) this.onTop += amount;
  }

  /** The fee of a clip that has so much; rounded down. */
  feeOn(had: bigint): bigint {
    return (had * (this.terms?.fee?.points ?? 0n)) / 10_000n;
  }

  /** Section 4: what a clip has earned by its observations, in minor units. */
  entitlement(entry: Entry): Entitlement {
    const { terms } = this;
    const { views } = entry;
    const anew = terms && (terms.fromApproval || (terms.oldAnew && this.#isOld(entry, terms)));
    if (!anew) return this.#earnedIn(entry, views, 0n);
    const fields = views.fields.length > 0 ? views.fields : [views];
    return fields
      .map((field) => this.#earnedIn(entry, field, field.baseline))
      .reduce((most, one) => (one.earned > most.earned ? one : most));
  }

  #earnedIn(entry: Entry, of: Field, baseline: bigint): Entitlement {
    const { terms } = this;
    const views = of.highWater?.views ?? 0n;
    const field = of === entry.views || of === entry.views.fields[0] ? '' : (of.name ?? '');
    const grounds = { seen: of.highWater, views, baseline, start: baseline + of.carried, field };
    if (!terms || !of.highWater) return { earned: 0n, flat: 0n, bonus: 0n, ...grounds };
    let { flat: earned } = terms;
    let bonus = 0n;
    if (views >= terms.minViews) {
      const rate = wholeOf(terms.rates[entry.platform]) ?? wholeOf(terms.rates['default']) ?? 0n;
      for (const one of terms.milestones) if (views - baseline >= one.views) bonus += one.bonus;
      earned += bonus + ((views - baseline) * rate) / 1000n;
    }
    if (terms.cap !== null && earned > terms.cap) earned = terms.cap;
    return { earned, flat: terms.flat, bonus, ...grounds };
  }

  #isOld({ postedAt, submittedAt }: Entry, { startsAt, postAgeMs }: Terms): boolean {
    return postedAt < startsAt || postedAt < submittedAt - postAgeMs;
  }

  /** Section 5: what it is owed beyond what it has; below 0 if it has too much. */
  due(entry: Entry): bigint {
    const owed = this.entitlement(entry).earned - entry.voided;
    return (owed > 0n ? owed : 0n) - entry.had;
  }
}

/** The fee that a line says. */
export const feeIn = (line: Line): bigint =>
  amountOf((line['fee'] ?? {}) as Record<string, unknown>, 'amount');

/** A clip that was moved here keeps its date and what was seen since. */
function approve(entry: Entry, time: string, data: Record<string, unknown>): void {
  const moved = data['moved'] as Record<string, unknown> | null | undefined;
  // An appeal may have been granted.
  entry.rejected = false;
  if (!moved) {
    entry.approvedAt ??= millis(time);
    return;
  }
  entry.approvedAt = millis(textOf(moved, 'approvedAt'));
  entry.views = Views.moved(moved);
  // What is moved is as new to this campaign as an observation of now.
  entry.unsettledSince = entry.views.highWater && millis(time);
}
