import { SETTLEMENT, type Data, type LogEvent } from './log-event.js';
import type { Entry, Seen } from './entry.js';
import { billed, due, termsOf, type Terms } from './rules.js';

/** One campaign and its clips, event by event. */
export class Campaign {
  terms: Terms | null = null;
  readonly entries = new Map<string, Entry>();
  #added = 0n;
  #spent = 0n;
  #endedAt = Infinity;

  /** `absent`: clips that the settlement in question passes over. */
  constructor(
    readonly id: string,
    private readonly absent: ReadonlySet<string>,
  ) {}

  take({ id, type, time, data }: LogEvent): void {
    if (type === 'ViewsRecorded') return this.#observe(id, data);
    if (data['campaignId'] !== this.id) return;
    if (type === 'CampaignLaunched') this.terms = termsOf(id, data);
    else if (type === 'CampaignToppedUp') this.#added += BigInt(data['amount'] as number);
    else if (type === 'CampaignEnded') this.#endedAt = Math.min(this.#endedAt, Date.parse(time));
    else if (type === 'EarningsAccrued') this.#accrue(id, data);
    else if (type === 'EarningsReversed') this.#reverse(id, data);
    else if (type.startsWith('Clip')) this.#review(type, time, data);
  }

  #review(type: string, time: string, data: Data): void {
    const clipId = data['clipId'] as string;
    if (type === 'ClipSubmitted') {
      this.entries.set(clipId, submitted(clipId, time, data));
      return;
    }
    const entry = this.entries.get(clipId);
    if (!entry) return;
    if (type === 'ClipHeld') entry.held = true;
    else if (type === 'ClipReleased') entry.held = false;
    else if (type === 'ClipRejected') Object.assign(entry, { status: 'REJECTED', held: false });
    else if (type === 'ClipApproved') {
      entry.status = 'APPROVED';
      const moved = data['moved'] as Data | null | undefined;
      if (!moved) entry.approvedAt ??= Date.parse(time);
      else {
        entry.approvedAt = Date.parse(moved['approvedAt'] as string);
        entry.highWater = kept(moved['highWater'] as Data | null);
        entry.first = kept(moved['first'] as Data | null);
      }
    }
  }

  #observe(id: string, data: Data): void {
    const entry = this.entries.get(data['clipId'] as string);
    if (!entry || !this.terms) return;
    const posted = data['postedAt'];
    if (typeof posted === 'string')
      entry.postedAt = Math.min(entry.postedAt ?? Infinity, Date.parse(posted));
    if (entry.approvedAt === null) return;
    const seen = {
      id,
      views: BigInt(data['views'] as number),
      at: Date.parse(data['observedAt'] as string),
    };
    const { startsAt, endsAt, trackingMs } = this.terms;
    const from = Math.max(entry.approvedAt, startsAt);
    const to = Math.min(entry.approvedAt + trackingMs, endsAt, this.#endedAt);
    if (seen.at < from || seen.at >= to) return;
    if (!entry.highWater || higher(seen, entry.highWater)) entry.highWater = seen;
    if (!entry.first || earlier(seen, entry.first)) entry.first = seen;
  }

  #accrue(event: string, data: Data): void {
    for (const line of data['lines'] as Data[]) {
      const amount = BigInt(line['amount'] as number);
      const fee = feeOf(line);
      this.#spent += amount + this.#onTop(fee);
      const entry = this.entries.get(line['clipId'] as string);
      if (!entry) continue;
      entry.had += amount;
      entry.fees += fee;
      entry.lines.push(event);
    }
  }

  #reverse(event: string, data: Data): void {
    for (const line of data['lines'] as Data[]) {
      const amount = BigInt(line['amount'] as number);
      const fee = feeOf(line);
      this.#spent -= amount + this.#onTop(fee);
      const entry = this.entries.get(line['clipId'] as string);
      if (!entry) continue;
      entry.had -= amount;
      entry.fees -= fee;
      entry.lines.push(event);
      if (data['by'] === SETTLEMENT) continue;
      entry.voided += amount;
      entry.voids.push(event);
    }
  }

  #onTop = (fee: bigint): bigint => (this.terms?.fee?.onTop ? fee : 0n);

  /** Clips that earn, and have something to get or to give back. */
  #dues(): { over: Entry[]; owed: Entry[] } {
    const payable = [...this.entries.values()].filter(
      ({ clipId, status, held }) => status === 'APPROVED' && !held && !this.absent.has(clipId),
    );
    return {
      over: payable.filter((entry) => due(this.terms!, entry) < 0n),
      owed: payable.filter((entry) => due(this.terms!, entry) > 0n),
    };
  }

  /** What the limit for the creator leaves for this clip, after those approved before it. */
  roomOf(of: Entry): bigint {
    const { over, owed } = this.#dues();
    const own = ({ creatorId }: Entry) => creatorId === of.creatorId;
    let room = this.terms!.maxPerCreator!;
    for (const entry of this.entries.values())
      if (own(entry)) room -= entry.had + (entry.status === 'REJECTED' ? 0n : entry.voided);
    // `due` of what goes back is below nothing.
    for (const entry of over) if (own(entry)) room -= due(this.terms!, entry);
    if (room < 0n) room = 0n;
    for (const entry of owed.filter(own).toSorted(byApproval)) {
      if (entry === of) break;
      room -= smaller(room, due(this.terms!, entry));
    }
    return room;
  }

  /**
   * The clip's part of the last money: in proportion to what all cost, what is left over to the
   * largest remainders. Null if these events do not have all clips that share it.
   */
  shareOf(of: Entry): { amount: bigint; cost: bigint } | null {
    const terms = this.terms!;
    const { over, owed } = this.#dues();
    let remaining = terms.budget + this.#added - this.#spent;
    for (const entry of over) remaining += this.#refund(entry);
    const costs = owed
      .map((entry) => ({ entry, cost: this.#cost(entry, this.#within(entry)) }))
      .filter(({ cost }) => cost > 0n);
    const sum = costs.reduce((all, { cost }) => all + cost, 0n);
    if (sum <= remaining) return null;
    const parts = costs.map(({ entry, cost }) => ({
      entry,
      part: (cost * remaining) / sum,
      rest: (cost * remaining) % sum,
    }));
    const left = Number(remaining - parts.reduce((all, { part }) => all + part, 0n));
    const order = parts.toSorted(
      (a, b) => Number(b.rest > a.rest) - Number(b.rest < a.rest) || byApproval(a.entry, b.entry),
    );
    const nth = order.findIndex(({ entry }) => entry === of);
    if (nth < 0) return null;
    const cost = order[nth]!.part + (nth < left ? 1n : 0n);
    return { amount: this.#amountFor(of, cost), cost };
  }

  #within(entry: Entry): bigint {
    const whole = due(this.terms!, entry);
    return this.terms!.maxPerCreator === null ? whole : smaller(whole, this.roomOf(entry));
  }
  #cost(entry: Entry, amount: bigint): bigint {
    const terms = this.terms!;
    return amount === 0n
      ? 0n
      : amount + this.#onTop(billed(terms, entry.had + amount) - entry.fees);
  }
  #refund(entry: Entry): bigint {
    const back = -due(this.terms!, entry);
    const fee = entry.fees - billed(this.terms!, entry.had - back);
    return back + this.#onTop(fee > 0n ? fee : 0n);
  }
  /** The least that costs as much. */
  #amountFor(entry: Entry, cost: bigint): bigint {
    if (!this.terms!.fee?.onTop) return cost;
    let amount = (cost * 10_000n) / (10_000n + this.terms!.fee.basisPoints);
    while (amount > 1n && this.#cost(entry, amount - 1n) >= cost) amount--;
    while (this.#cost(entry, amount) < cost) amount++;
    return amount;
  }
}

function submitted(clipId: string, time: string, data: Data): Entry {
  const { creatorId, platform, submittedAt, postedAt } = data as Record<string, string | undefined>;
  return {
    clipId,
    creatorId: creatorId!,
    platform: platform!,
    status: 'PENDING',
    held: false,
    submittedAt: Date.parse(submittedAt ?? time),
    postedAt: postedAt === undefined ? null : Date.parse(postedAt),
    approvedAt: null,
    highWater: null,
    first: null,
    had: 0n,
    voided: 0n,
    fees: 0n,
    lines: [],
    voids: [],
  };
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const feeOf = (line: Data): bigint =>
  BigInt((line['fee'] as { amount?: number } | undefined)?.amount ?? 0);
const kept = (of: Data | null): Seen | null =>
  of && {
    id: of['id'] as string,
    views: BigInt(of['views'] as number),
    at: Date.parse(of['observedAt'] as string),
  };
const byText = (a: string, b: string): number => Number(a > b) - Number(a < b);
const byApproval = (a: Entry, b: Entry): number =>
  (a.approvedAt ?? 0) - (b.approvedAt ?? 0) || byText(a.clipId, b.clipId);
/** The largest count, of equal ones the earliest. */
const higher = (a: Seen, b: Seen): boolean =>
  a.views !== b.views ? a.views > b.views : a.at !== b.at ? a.at < b.at : a.id < b.id;
const earlier = (a: Seen, b: Seen): boolean =>
  a.at !== b.at ? a.at < b.at : a.views !== b.views ? a.views < b.views : a.id < b.id;
