import { Choice } from '../../ui/controls.js';
import { number } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import type { Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import type { Answer } from '../app/routes.js';
import { Earned } from '../why/amount.js';
import { StateTag, type Clip, type Entry } from './parts.js';

/** What lists of clips share, a creator's and a brand's. */
export type ClipFilter = 'all' | 'pending' | 'approved' | 'held' | 'rejected' | 'retired';

interface FilterProps {
  value: ClipFilter;
  onChange: (value: ClipFilter) => void;
  counts: Answer<'GET /clips/counts'> | undefined;
}

/** Which clips are listed, each choice with how many there are. */
export function ClipFilterChoice({ value, onChange, counts }: FilterProps) {
  const counted = (word: string, n: number | undefined) => (n ? `${word} ${number(n)}` : word);
  return (
    <Choice
      label="State"
      value={value}
      onChange={onChange}
      options={[
        ['all', 'All'],
        ['pending', counted('In review', counts?.pending)],
        ['approved', counted('Approved', counts?.approved)],
        ['held', counted('On hold', counts?.held)],
        ['rejected', counted('Rejected', counts?.rejected)],
        ['retired', counted('Gone', counts?.retired)],
      ]}
    />
  );
}

/** State, views and earnings of a clip in a campaign; `due` says what is not settled yet. */
export const figuresOf = <T extends { clip: Clip; entry: Entry }>(due: string): Column<T>[] => [
  { header: 'State', cell: ({ entry }) => <StateTag entry={entry} /> },
  {
    header: 'Views',
    figures: true,
    cell: ({ clip: { views, observedAt } }) =>
      views === null || observedAt === null ? (
        <span class="muted">not scraped yet</span>
      ) : (
        <span class="two-lines">
          {number(views)}
          <small class="muted">
            <When at={observedAt} />
          </small>
        </span>
      ),
  },
  {
    header: 'Earned',
    figures: true,
    cell: ({ clip: { clipId }, entry: { earned, due: amount, currency } }) => (
      <span class="two-lines">
        <Earned clipId={clipId} amount={earned} currency={currency} />
        {amount > 0 && (
          <small class="muted">
            {money(amount, currency)} {due}
          </small>
        )}
      </span>
    ),
  },
];
