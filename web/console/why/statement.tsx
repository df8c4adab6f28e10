import { useState } from 'preact/hooks';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { Why } from './amount.js';
import { isParty, statementRoute, type Line, type Party } from './line.js';
import { What } from './what.js';

const TITLES: Record<Party, string> = {
  creator: 'Statement of',
  clip: 'Statement of the clip',
  campaign: 'Statement of the campaign',
};

/** Every line of one party, each with the way to what explains it. */
export default function StatementScreen({ params }: ScreenProps) {
  const { of = '', id = '' } = params;
  return isParty(of) ? (
    <Statement of={of} id={id} />
  ) : (
    <Page title="Statement">
      <Blank title="There is no such statement" />
    </Page>
  );
}

function Statement({ of, id }: { of: Party; id: string }) {
  const [limit] = useState(100);
  const lines = usePages(statementRoute(of), { id, query: { limit } });
  const columns: readonly Column<Line>[] = [
    { header: 'When', name: true, cell: ({ at }) => <When at={at} as="minute" /> },
    { header: 'What', cell: (line) => <What line={line} of={of} /> },
    { header: 'Amount', figures: true, cell: (line) => <Why of={of} id={id} line={line} /> },
    { header: 'Sum', figures: true, cell: ({ sum, currency }) => money(sum, currency) },
  ];
  return (
    <Page title={`${TITLES[of]} ${id}`}>
      <Card>
        <Loaded of={{ ...lines, data: lines.items }}>
          {(rows) =>
            rows.length === 0 ? (
              <Blank title="No line yet">
                <p>Each amount becomes a line, with the observation and the rule that made it.</p>
              </Blank>
            ) : (
              <Table
                caption={`${TITLES[of]} ${id}, oldest first`}
                columns={columns}
                rows={rows}
                rowId={({ eventId, clipId = '', kind }) => `${eventId} ${clipId} ${kind}`}
                more={lines}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
