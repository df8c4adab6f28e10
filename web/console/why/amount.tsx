import { money } from '../../ui/money.js';
import { whyHref, type Line, type Party } from './line.js';

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
