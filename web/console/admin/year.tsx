import { useState } from 'preact/hooks';
import { Field, Tag } from '../../ui/controls.js';
import { now } from '../../ui/clock.js';
import { minorOf, money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { usePages } from '../app/data.js';
import { Download } from '../app/download.js';
import { Card, Page } from '../app/page.js';
import type { Item } from '../app/routes.js';
import { CreatorLink } from './parts.js';

type Year = Item<'GET /exports/years/{year}/creators'>;
const FIRST_YEAR = 2020;

/** What each creator was paid in a year, for tax reports. */
export default function YearScreen() {
  const last = new Date(now()).getUTCFullYear();
  const [year, setYear] = useState(String(last));
  const [currency, setCurrency] = useState('');
  const [least, setLeast] = useState('');
  const code = /^[A-Z]{3}$/.test(currency) ? currency : '';
  const atLeast = code && least ? (minorOf(least, code) ?? undefined) : undefined;
  const query = { currency: code || undefined, atLeast };
  const years = usePages('GET /exports/years/{year}/creators', { params: { year }, query });
  return (
    <Page
      title="A year"
      actions={
        <Download
          path={`/exports/years/${year}/creators.csv`}
          query={query}
          name={`creators-${year}.csv`}
        >
          Download as CSV
        </Download>
      }
    >
      <div class="filters">
        <Field label="Year">
          {(props) => (
            <select
              {...props}
              value={year}
              onChange={(event) => setYear(event.currentTarget.value)}
            >
              {Array.from({ length: last - FIRST_YEAR + 1 }, (_, nth) => String(last - nth)).map(
                (one) => (
                  <option key={one}>{one}</option>
                ),
              )}
            </select>
          )}
        </Field>
        <Field label="Currency">
          {(props) => (
            <input
              {...props}
              placeholder="all"
              maxLength={3}
              value={currency}
              onInput={(event) => setCurrency(event.currentTarget.value.toUpperCase())}
            />
          )}
        </Field>
        <Field label="From what sum on">
          {(props) => (
            <input
              {...props}
              inputMode="decimal"
              placeholder={code ? `any, in ${code}` : 'needs a currency'}
              disabled={!code}
              value={least}
              onInput={(event) => setLeast(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      <Card>
        <Loaded of={{ ...years, data: years.items }}>
          {(rows) =>
            rows.length === 0 ? (
              <Blank title={`Nobody was paid in ${year}`}>
                <p>Payments count in the year in which they left.</p>
              </Blank>
            ) : (
              <Table
                caption={`What creators were paid in ${year}`}
                columns={COLUMNS}
                rows={rows}
                rowId={({ creatorId, currency: own }) => `${creatorId} ${own}`}
                more={years}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

const sum =
  (of: (year: Year) => number) =>
  (year: Year): string =>
    money(of(year), year.currency);
const COLUMNS: readonly Column<Year>[] = [
  { header: 'Creator', name: true, cell: ({ creatorId }) => <CreatorLink id={creatorId} /> },
  {
    header: 'Tax profile',
    cell: ({ hasTaxProfile, taxProfileFault }) => {
      if (taxProfileFault) return <Tag kind="bad">cannot be opened</Tag>;
      return hasTaxProfile ? <Tag kind="good">given</Tag> : <Tag kind="warn">missing</Tag>;
    },
  },
  { header: 'Payments', figures: true, cell: ({ payments }) => payments },
  { header: 'Paid', figures: true, cell: sum(({ paid }) => paid) },
  { header: 'Came back', figures: true, cell: sum(({ returned }) => returned) },
  { header: 'Fees', figures: true, cell: sum(({ fees }) => fees) },
  { header: 'Gross', figures: true, cell: sum(({ gross }) => gross) },
];
