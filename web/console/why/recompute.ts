import { billed, due, earned, type Terms } from './rules.js';
import type { Entry } from './entry.js';
import { Campaign } from './fold.js';
import { SETTLEMENT, linesOf, type Data, type LogEvent } from './log-event.js';

/** One figure, as it follows from the events and as the line says it. */
export interface Step {
  name: string;
  /** Views, or an amount in minor units. */
  unit: 'views' | 'money';
  found: bigint;
  /** Null: the line does not say it. */
  said: bigint | null;
  /** The events that it follows from. */
  from: readonly string[];
}

export interface Recomputation {
  steps: readonly Step[];
  /** The first figure that is another one. */
  difference: Step | null;
  /** What could not be computed from these events alone, as a sentence. */
  open: string | null;
  /** How many events were read, up to which position. */
  read: number;
  upTo: number;
}

const big = (value: unknown): bigint => BigInt(value as number);
const orNull = (value: unknown): bigint | null => (value === undefined ? null : big(value));

/**
 * Computes one line of a settlement anew from the events before it, by docs/money.md, with code of
 * its own. `events` are in the order of the log, the line's own among them; `whole`: they have all
 * clips of the campaign. Null if the line is not there.
 */
export function recompute(
  events: readonly LogEvent[],
  { eventId, clipId, whole }: { eventId: string; clipId: string; whole: boolean },
): Recomputation | null {
  const target = events.find(({ id }) => id === eventId);
  const line = linesOf(target).find((one) => one['clipId'] === clipId);
  if (!target || !line) return null;
  const decidedAt = target.data['decidedAt'];
  const upTo = typeof decidedAt === 'number' ? decidedAt : target.position - 1;
  const campaign = new Campaign(target.data['campaignId'] as string, absentFrom(events, target));
  let read = 0;
  for (const event of events)
    if (event.position <= upTo) {
      campaign.take(event);
      read++;
    }
  const entry = campaign.entries.get(clipId);
  const { terms } = campaign;
  if (!terms || !entry)
    return {
      steps: [],
      difference: null,
      open: 'The events before it do not have the launch of the campaign or the submission of the clip.',
      read,
      upTo,
    };
  const { steps, open } =
    target.type === 'EarningsAccrued'
      ? accrual(campaign, entry, line, whole)
      : reversal(terms, entry, line, target.data['by'] === SETTLEMENT);
  const difference = steps.find(({ found, said }) => said !== null && found !== said) ?? null;
  return { steps, difference, open, read, upTo };
}

/** Clips that the settlement passed over, or held before it paid. */
function absentFrom(events: readonly LogEvent[], target: LogEvent): ReadonlySet<string> {
  const leftOut = (target.data['leftOut'] ?? []) as readonly Data[];
  const held = events.filter(
    ({ type, causationId, data }) =>
      type === 'ClipHeld' &&
      causationId === target.causationId &&
      data['campaignId'] === target.data['campaignId'],
  );
  return new Set([
    ...leftOut.map((one) => one['clipId'] as string),
    ...held.map(({ data }) => data['clipId'] as string),
  ]);
}

type Said = { steps: Step[]; open: string | null };

/** What the clip is owed at this moment, figure by figure. */
function figures(terms: Terms, entry: Entry, basis: Data | null): Step[] {
  const said = (name: string) => (basis ? orNull(basis[name]) : null);
  const { highWater, first } = entry;
  const { baseline, total } = earned(terms, entry);
  return [
    {
      name: 'Largest count inside the window',
      unit: 'views',
      found: highWater?.views ?? 0n,
      said: said('views'),
      from: highWater ? [highWater.id] : [],
    },
    {
      name: 'Views before counting began',
      unit: 'views',
      found: baseline,
      said: said('baseline'),
      from: baseline > 0n && first ? [first.id] : [],
    },
    {
      name: 'Earned in all: flat fee, bonuses and views at the rate, up to the cap',
      unit: 'money',
      found: total,
      said: said('earned'),
      from: [terms.event],
    },
    {
      name: 'Taken back for good',
      unit: 'money',
      found: entry.voided,
      said: said('voided'),
      from: entry.voids,
    },
    {
      name: 'Had before this line',
      unit: 'money',
      found: entry.had,
      said: said('had'),
      from: entry.lines,
    },
  ];
}

function accrual(campaign: Campaign, entry: Entry, line: Data, whole: boolean): Said {
  const terms = campaign.terms!;
  const basis = line['basis'] as Data | null;
  const steps = figures(terms, entry, basis);
  const amountSaid = big(line['amount']);
  const dueSaid = big(line['due']);
  const saidRoom = basis ? orNull(basis['creatorRoom']) : null;
  let owed = due(terms, entry);
  if (terms.maxPerCreator !== null) {
    const room = whole || saidRoom === null ? campaign.roomOf(entry) : saidRoom;
    steps.push({
      name: "Left of the campaign's limit for a creator",
      unit: 'money',
      found: room,
      said: saidRoom,
      from: [terms.event],
    });
    if (room < owed) owed = room;
  }
  steps.push({ name: 'Due', unit: 'money', found: owed, said: dueSaid, from: [] });
  let amount = owed;
  let open: string | null = null;
  let cost: bigint | null = null;
  if (amountSaid < dueSaid) {
    const share = whole ? campaign.shareOf(entry) : null;
    // A share rests on what all clips of the campaign were due, which only its brand may read.
    if (share === null)
      open =
        'The budget ended here, and was shared among all clips of the campaign. Your events say what the clip was due; the share of it rests on the events of others.';
    else ({ amount, cost } = share);
  }
  if (open === null)
    steps.push({ name: 'Amount', unit: 'money', found: amount, said: amountSaid, from: [] });
  const fee = line['fee'] as Data | undefined;
  if (terms.fee && fee && open === null) {
    const found =
      cost !== null && terms.fee.onTop
        ? cost - amount
        : billed(terms, entry.had + amount) - entry.fees;
    steps.push({
      name: `Platform fee of ${Number(terms.fee.basisPoints) / 100} %`,
      unit: 'money',
      found,
      said: big(fee['amount']),
      from: [terms.event],
    });
  }
  return { steps, open };
}

function reversal(terms: Terms, entry: Entry, line: Data, bySettlement: boolean): Said {
  const steps = figures(terms, entry, line['basis'] as Data | null);
  const amountSaid = big(line['amount']);
  if (!bySettlement)
    return {
      steps: steps.slice(-1),
      open: `A person took it back and gave a reason; at most what the clip had can be taken.`,
    };
  const amount = -due(terms, entry);
  steps.push({ name: 'Amount', unit: 'money', found: amount, said: amountSaid, from: [] });
  const fee = line['fee'] as Data | undefined;
  if (terms.fee && fee) {
    const back = entry.fees - billed(terms, entry.had - amount);
    steps.push({
      name: 'Of the platform fee goes back',
      unit: 'money',
      found: back > 0n ? back : 0n,
      said: big(fee['amount']),
      from: [terms.event],
    });
  }
  return { steps, open: null };
}
