import { number, plural } from '../../ui/format.js';
import { money } from '../../ui/money.js';

interface Saying {
  type: string;
  data: Readonly<Record<string, unknown>>;
}

const LEFT_OUT = new Set([
  'clipId',
  'platform',
  'campaignId',
  'creatorId',
  'requestId',
  'runId',
  'decidedAt',
]);
const MOST = 3;

/** What an event says, in a line: sums first, then its first plain fields. */
export function summaryOf({ type, data }: Saying): string {
  const { currency, total, amount, views, lines, reason } = data;
  if (typeof currency === 'string' && typeof (total ?? amount) === 'number') {
    const sum = money((total ?? amount) as number, currency);
    return Array.isArray(lines) ? `${sum} in ${plural(lines.length, 'line')}` : sum;
  }
  if (type === 'ViewsRecorded') return `${number(views as number)} views`;
  if (typeof reason === 'string' && reason) return reason.replaceAll('_', ' ');
  const plain = Object.entries(data).filter(
    ([name, value]) =>
      !LEFT_OUT.has(name) &&
      (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'),
  );
  return plain
    .slice(0, MOST)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(', ');
}
