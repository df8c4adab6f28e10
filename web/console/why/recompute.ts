import type { Entry } from './entry.js';
import { Campaign } from './fold.js';
import { SETTLEMENT, linesOf, type Data, type LogEvent } from './log-event.js';
import { billed, due, earned, type Terms } from './rules.js';

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
  /** How many events it rests on, up to which position. */
  read: number;
  upTo: number;
}

const big = (value: unknown): bigint => BigInt(value as number);
const orNull = (value: unknown): bigint | null => (value === undefined ? null : big(value));

/**
 * Computes one line of a settlement anew from the events before it, by docs/money.md, with code of
 * its own. `events` are those of the campaign and of the clip in the order of the log, the line's
 * own among them; lines of other clips may be missing. Null if the line is not there.
 */
export function recompute(
  events: readonly LogEvent[],
  eventId: string,
  clipId: string,
): Recomputation | null {
  const target = events.find(({ id }) => id === eventId);
  const line = linesOf(target).find((one) => one['clipId'] === clipId);
  if (!target || !line) return null;
  const decidedAt = target.data['decidedAt'];
  const upTo = typeof decidedAt === 'number' ? decidedAt : target.position - 1;
  const known = events.filter(({ position }) => position <= upTo);
  const campaign = new Campaign(target.data['campaignId'] as string, clipId);
  for (const event of known) campaign.take(event);
  const { terms, entry } = campaign;
  const about = { read: known.length, upTo };
  if (!terms || !entry) return { steps: [], difference: null, open: WITHOUT_BEGINNING, ...about };
  const { steps, open } =
    target.type === 'EarningsAccrued'
      ? accrual(terms, entry, line, lastMoney(events, target, upTo, campaign))
      : reversal(terms, entry, line, target.data['by'] === SETTLEMENT);
  const difference = steps.find(({ found, said }) => said !== null && found !== said) ?? null;
  return { steps, difference, open, ...about };
}

const WITHOUT_BEGINNING =
  'The events before it have no launch of the campaign, or no submission of the clip.';
const BY_PERSON =
  'A person took it back, with a reason; a person decides how much of what the clip had.';
const WITH_FEES =
  'The budget ended here, with fees on top of it. What all clips cost together is not in your events, so that the share is not computed.';

type Said = { steps: Step[]; open: string | null };

/** What there was for all clips of this settlement, and what they were due together. */
interface LastMoney {
  remaining: bigint;
  dueOfAll: bigint;
}

/** Of all events that were appended together: what they paid, and what they left unpaid. */
function lastMoney(
  events: readonly LogEvent[],
  { causationId, time }: LogEvent,
  upTo: number,
  { remaining, terms }: Campaign,
): LastMoney {
  let [room, dueOfAll] = [remaining, 0n];
  for (const event of events) {
    if (event.position <= upTo || event.causationId !== causationId || event.time !== time)
      continue;
    const { type, data } = event;
    const fees = (data['fee'] as { total?: number } | undefined)?.total ?? 0;
    if (type === 'EarningsReversed')
      room += big(data['total']) + (terms?.fee?.onTop ? BigInt(fees) : 0n);
    if (type === 'EarningsAccrued') dueOfAll += big(data['total']);
    if (type === 'CampaignBudgetExhausted') dueOfAll += big(data['unpaid']);
  }
  return { remaining: room, dueOfAll };
}

/** What the clip is owed at this moment, figure by figure. */
function figures(terms: Terms, entry: Entry, basis: Data | null): Step[] {
  const said = (name: string) => (basis ? orNull(basis[name]) : null);
  const { baseline, total, field } = earned(terms, entry);
  const { highWater, first } = field;
  const step = (
    name: string,
    unit: Step['unit'],
    found: bigint,
    field: string,
    from: readonly string[],
  ): Step => ({ name, unit, found, said: said(field), from });
  const seen = highWater ? [highWater.id] : [];
  return [
    step('Largest count in the window', 'views', highWater?.views ?? 0n, 'views', seen),
    step(
      'Views that do not count',
      'views',
      baseline,
      'baseline',
      baseline > 0n ? [first!.id] : [],
    ),
    step('Earned in all', 'money', total, 'earned', [terms.event]),
    step('Taken back for good', 'money', entry.voided, 'voided', entry.voids),
    step('Had before', 'money', entry.had, 'had', entry.lines),
  ];
}

const money = (name: string, found: bigint, said: bigint | null, from: string[] = []): Step => ({
  name,
  unit: 'money',
  found,
  said,
  from,
});

function accrual(terms: Terms, entry: Entry, line: Data, { remaining, dueOfAll }: LastMoney): Said {
  const basis = line['basis'] as Data | null;
  const steps = figures(terms, entry, basis);
  const [amountSaid, dueSaid] = [big(line['amount']), big(line['due'])];
  let owed = due(terms, entry);
  // What the creator's other clips had is not among these events: the line says what was left.
  const room = basis ? orNull(basis['creatorRoom']) : null;
  if (room !== null && room < owed) owed = room;
  steps.push(money('Due', owed, dueSaid, [terms.event]));
  const shared = amountSaid < dueSaid;
  if (shared && terms.fee?.onTop) return { steps, open: WITH_FEES };
  let amount = owed;
  if (shared) {
    steps.push(money('Left of the budget', remaining, null));
    steps.push(money('Due to all clips together', dueOfAll, null));
    // Rounded down; what is left over goes to some clips, one unit each.
    const part = dueOfAll > 0n ? (owed * remaining) / dueOfAll : 0n;
    amount = amountSaid === part + 1n ? amountSaid : part;
  }
  steps.push(money('Amount', amount, amountSaid));
  const fee = line['fee'] as Data | undefined;
  if (terms.fee && fee)
    steps.push(
      money(
        `Platform fee of ${Number(terms.fee.basisPoints) / 100} %`,
        billed(terms, entry.had + amount) - entry.fees,
        big(fee['amount']),
        [terms.event],
      ),
    );
  return { steps, open: null };
}

function reversal(terms: Terms, entry: Entry, line: Data, bySettlement: boolean): Said {
  const steps = figures(terms, entry, line['basis'] as Data | null);
  if (!bySettlement) return { steps: steps.slice(-1), open: BY_PERSON };
  const amount = -due(terms, entry);
  steps.push(money('Amount', amount, big(line['amount'])));
  const fee = line['fee'] as Data | undefined;
  if (terms.fee && fee) {
    const back = entry.fees - billed(terms, entry.had - amount);
    steps.push(money('Of the platform fee goes back', back > 0n ? back : 0n, big(fee['amount'])));
  }
  return { steps, open: null };
}
