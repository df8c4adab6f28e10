import { formatMoney } from '@cliptally/contracts';
import type { AccruedLine, ReversedLine, StatementLine } from './statement-line.js';

/** The line as a sentence for people. */
export function explain(line: StatementLine): string {
  const money = (amount: number) => formatMoney(amount, line.currency);
  switch (line.kind) {
    case 'accrued': {
      const views = `${grouped(line.fromViews)} to ${grouped(line.toViews)} views at ${money(line.rate)} per thousand`;
      const cap = line.capReached ? ', up to the most that the campaign pays for a clip' : '';
      const share = line.amount < line.due ? `; the budget left ${money(line.amount)} of it` : '';
      return `${views}${cap}: ${money(line.due)} due${share}.${computed(line, money)} Seen in ${line.observation}.`;
    }
    case 'reversed':
      return `${money(-line.amount)} taken back by ${line.by}: ${line.reason}.${computed(line, money)}`;
    case 'fee_withheld':
    case 'fee_on_top': {
      const percent = `${line.basisPoints / 100} % of ${money(line.of)}`;
      const had = line.had > 0 ? `; ${money(line.had)} of it before` : '';
      const back = (line.kind === 'fee_on_top') === line.amount < 0;
      return `Platform fee, ${percent}${had}: ${money(Math.abs(line.amount))}${back ? ' goes back' : ''}.`;
    }
    default:
      return `Payout ${line.payoutId} ${line.status.toLowerCase()}${line.note === null ? '' : ` (${line.note})`}.`;
  }
}

/**
 * How a reader gets to the amount, if the views of the line alone do not say it: after a baseline
 * moved, a void or a rounded share.
 */
function computed(
  { basis }: AccruedLine | ReversedLine,
  money: (amount: number) => string,
): string {
  if (!basis) return '';
  const { views, baseline, earned, voided, had, flat = 0, bonus = 0, creatorRoom, field } = basis;
  const plain = creatorRoom === undefined && flat + bonus === 0 && field === undefined;
  if (plain && baseline === 0 && voided === 0 && had === 0) return '';
  const counted =
    baseline > 0 ? `${grouped(views)} less the first ${grouped(baseline)}` : grouped(views);
  const less = [
    voided > 0 ? `${money(voided)} taken back for good` : '',
    had > 0 ? `${money(had)} accrued before` : '',
  ].filter((part) => part !== '');
  const extras = [
    flat > 0 ? `${money(flat)} for the approved clip` : '',
    bonus > 0 ? `${money(bonus)} for milestones` : '',
  ].filter((part) => part !== '');
  const beside = extras.length > 0 ? `, ${extras.join(' and ')} included` : '';
  const room =
    creatorRoom === undefined
      ? ''
      : ` The campaign had ${money(creatorRoom)} left for this creator.`;
  return ` In all ${money(earned)} for ${counted} views${field === undefined ? '' : ` in ${field}`}${beside}${less.length > 0 ? `, less ${less.join(' and ')}` : ''}.${room}`;
}

const grouped = (count: number): string => count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
