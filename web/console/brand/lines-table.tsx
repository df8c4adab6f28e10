import { number } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { Why } from '../why/amount.js';
import type { Line } from './csv.js';

const MOST_SHOWN = 200;

const KINDS: Record<Line['kind'], (line: Line) => string> = {
  accrued: ({ fromViews, toViews, rate, currency }) =>
    `Views ${number(fromViews ?? 0)} to ${number(toViews ?? 0)}${
      rate ? ` at ${money(rate, currency)} a thousand` : ''
    }`,
  reversed: ({ reason }) => `Taken back: ${reason ?? 'a correction'}`,
  fee_withheld: () => 'Platform fee, out of the earnings',
  fee_on_top: () => 'Platform fee, on top of the earnings',
  payout: ({ status }) => `Payout ${(status ?? '').toLowerCase()}`,
};

const columnsOf = (campaignId: string): readonly Column<Line>[] => [
  { header: 'When', name: true, cell: ({ at }) => <When at={at} as="minute" /> },
  {
    header: 'Clip',
    cell: ({ clipId, creatorId }) => (
      <span class="two-lines">
        {clipId ? <a href={`/console/clips/${clipId}`}>{clipId}</a> : '–'}
        <small class="muted">{creatorId}</small>
      </span>
    ),
  },
  { header: 'What', cell: (line) => KINDS[line.kind](line) },
  {
    header: 'Amount',
    figures: true,
    cell: (line) => <Why of="campaign" id={campaignId} line={line} />,
  },
  { header: 'Sum', figures: true, cell: ({ sum, currency }) => money(sum, currency) },
];

export const Lines = ({ lines, campaignId }: { lines: readonly Line[]; campaignId: string }) =>
  lines.length === 0 ? (
    <Blank title="Nothing has been paid yet">
      <p>Each amount will be a line here, with the views and the rate that it comes from.</p>
    </Blank>
  ) : (
    <>
      <Table
        caption="Lines of the campaign's statement, newest first"
        columns={columnsOf(campaignId)}
        rows={lines.slice(-MOST_SHOWN).toReversed()}
        rowId={({ eventId, clipId, kind }) => `${eventId} ${clipId} ${kind}`}
      />
      {lines.length > MOST_SHOWN && (
        <p class="muted">
          The newest {MOST_SHOWN} of {number(lines.length)} lines. The export has all of them.
        </p>
      )}
    </>
  );
