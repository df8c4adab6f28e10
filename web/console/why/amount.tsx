import { money } from '../../ui/money.js';
import { whyHref, type Line, type Party } from './line.js';

interface Props {
  of: Party;
  id: string;
  line: Line;
}

/** The amount of a line; a click says why it is this and no other. */
export const Why = ({ of, id, line }: Props) => (
  <a
    class={line.amount < 0 ? 'why bad' : 'why'}
    href={whyHref(of, id, line)}
    aria-label={`${money(line.amount, line.currency)}: why?`}
  >
    {money(line.amount, line.currency)}
  </a>
);
