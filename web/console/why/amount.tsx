import { money } from '../../ui/money.js';
import { whyHref, type Line, type Party } from './line.js';

/** What a clip has earned, which may be the sum of many lines: a click shows them. */
export function Earned({
  clipId,
  amount,
  currency,
}: {
  clipId: string;
  amount: number;
  currency: string;
}) {
  const words = money(amount, currency);
  if (amount === 0) return <>{words}</>;
  return (
    <a class="why" href={`/console/statement/clip/${clipId}`} aria-label={`${words}: which lines?`}>
      {words}
    </a>
  );
}

interface Props {
  of: Party;
  id: string;
  line: Line;
}

/** The amount of a line; a click says why it is this and no other. */
export function Why({ of, id, line }: Props) {
  const amount = money(line.amount, line.currency);
  const bad = line.amount < 0 ? 'bad' : '';
  if (line.lineId === undefined) return <span class={bad}>{amount}</span>;
  return (
    <a class={`why ${bad}`} href={whyHref(of, id, line)} aria-label={`${amount}: why?`}>
      {amount}
    </a>
  );
}
