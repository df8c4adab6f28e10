import type { Entry, Field, Seen } from './entry.js';
import { SETTLEMENT, linesOf, type Data, type LogEvent } from './log-event.js';
import { countedIn, termsOf, type Terms } from './rules.js';

/** One campaign and one clip in it, event by event. */
export class Campaign {
  terms: Terms | null = null;
  entry: Entry | null = null;
  #budget = 0n;
  #spent = 0n;
  #endedAt = Infinity;

  constructor(
    readonly id: string,
    readonly clipId: string,
  ) {}

  /** Minor units that are left for settlements. */
  get remaining(): bigint {
    return this.#budget - this.#spent;
  }

  take(event: LogEvent): void {
    const { id, type, time, data } = event;
    if (type === 'ViewsRecorded') return this.#observe(id, data);
    if (type === 'ViewFieldChanged') return this.#changeField(data);
    if (data['campaignId'] !== this.id) return;
    if (type === 'CampaignLaunched') {
      this.terms = termsOf(id, data);
      this.#budget += this.terms.budget;
    } else if (type === 'CampaignToppedUp') this.#budget += BigInt(data['amount'] as number);
    else if (type === 'CampaignEnded') this.#endedAt = Math.min(this.#endedAt, Date.parse(time));
    else if (type === 'EarningsAccrued') this.#pay(event, 1n);
    else if (type === 'EarningsReversed') this.#pay(event, -1n);
    else if (type.startsWith('Clip') && data['clipId'] === this.clipId)
      this.#review(type, time, data);
  }

  #review(type: string, time: string, data: Data): void {
    if (type === 'ClipSubmitted') this.entry = submitted(this.clipId, time, data);
    const { entry } = this;
    if (type !== 'ClipApproved' || !entry) return;
    const moved = data['moved'] as Data | null | undefined;
    if (!moved) {
      entry.approvedAt ??= Date.parse(time);
      return;
    }
    entry.approvedAt = Date.parse(moved['approvedAt'] as string);
    entry.highWater = kept(moved['highWater'] as Data | null);
    entry.first = kept(moved['first'] as Data | null);
    entry.fields = ((moved['fields'] ?? []) as Data[]).map((field) => ({
      name: field['field'] as string | null,
      carried: BigInt(field['carried'] as number),
      highWater: kept(field['highWater'] as Data | null),
      first: kept(field['first'] as Data | null),
    }));
  }

  /** In the new field counts what was counted before, and what it grows by. */
  #changeField(data: Data): void {
    const { entry } = this;
    // In version 1 the baseline of the old field stays.
    if (!entry || data['clipId'] !== this.clipId || data['baseline'] !== 'own') return;
    const { fields, highWater, first } = entry;
    if (fields.length === 0)
      fields.push({ name: data['from'] as string | null, carried: 0n, highWater, first });
    const name = data['to'] as string;
    if (fields.some((field) => field.name === name)) return;
    const carried = fields.map(countedIn).reduce((most, one) => (one > most ? one : most));
    fields.push({ name, carried, highWater: null, first: null });
  }

  #observe(id: string, data: Data): void {
    const { entry, terms } = this;
    if (!entry || !terms || data['clipId'] !== this.clipId) return;
    const posted = data['postedAt'];
    if (typeof posted === 'string')
      entry.postedAt = Math.min(entry.postedAt ?? Infinity, Date.parse(posted));
    if (entry.approvedAt === null) return;
    const seen = {
      id,
      views: BigInt(data['views'] as number),
      at: Date.parse(data['observedAt'] as string),
    };
    const from = Math.max(entry.approvedAt, terms.startsAt);
    const to = Math.min(entry.approvedAt + terms.trackingMs, terms.endsAt, this.#endedAt);
    if (seen.at < from || seen.at >= to) return;
    const metric = data['metric'] as string;
    const field = entry.fields.find(({ name }) => name === metric) ?? entry.fields[0];
    for (const views of field ? [entry, field] : [entry]) keep(views, seen);
  }

  /** The event's total is of all clips; its lines may be those of one creator alone. */
  #pay(event: LogEvent, sign: 1n | -1n): void {
    const { id, data } = event;
    const fees = (data['fee'] as { total?: number } | undefined)?.total ?? 0;
    const onTop = this.terms?.fee?.onTop ? BigInt(fees) : 0n;
    this.#spent += sign * (BigInt(data['total'] as number) + onTop);
    const { entry } = this;
    if (!entry) return;
    for (const line of linesOf(event)) {
      if (line['clipId'] !== this.clipId) continue;
      const amount = BigInt(line['amount'] as number);
      entry.had += sign * amount;
      entry.fees += sign * feeOf(line);
      entry.lines.push(id);
      if (sign > 0n || data['by'] === SETTLEMENT) continue;
      entry.voided += amount;
      entry.voids.push(id);
    }
  }
}

function submitted(clipId: string, time: string, data: Data): Entry {
  const { platform, submittedAt, postedAt } = data as Record<string, string | undefined>;
  return {
    clipId,
    platform: platform!,
    submittedAt: Date.parse(submittedAt ?? time),
    postedAt: postedAt === undefined ? null : Date.parse(postedAt),
    approvedAt: null,
    highWater: null,
    first: null,
    fields: [],
    had: 0n,
    voided: 0n,
    fees: 0n,
    lines: [],
    voids: [],
  };
}

const feeOf = (line: Data): bigint =>
  BigInt((line['fee'] as { amount?: number } | undefined)?.amount ?? 0);
const kept = (of: Data | null): Seen | null =>
  of && {
    id: of['id'] as string,
    views: BigInt(of['views'] as number),
    at: Date.parse(of['observedAt'] as string),
  };
function keep(views: Pick<Field, 'highWater' | 'first'>, seen: Seen): void {
  if (!views.highWater || higher(seen, views.highWater)) views.highWater = seen;
  if (!views.first || earlier(seen, views.first)) views.first = seen;
}
/** The largest count, of equal ones the earliest. */
const higher = (a: Seen, b: Seen): boolean =>
  a.views !== b.views ? a.views > b.views : a.at !== b.at ? a.at < b.at : a.id < b.id;
const earlier = (a: Seen, b: Seen): boolean =>
  a.at !== b.at ? a.at < b.at : a.views !== b.views ? a.views < b.views : a.id < b.id;
