import type { ChaosState, CheckOfLog, Verdict as Judged } from '@cliptally/contracts/api';
import { Icon } from '../../../ui/icon.js';
import { number, plural } from '../../../ui/format.js';
import { Table, type Column } from '../../../ui/table.js';

/** The one sentence that all of this is for. Read out when it changes, not each second. */
export function Verdict({ state }: { state: ChaosState }) {
  const { verdict } = state;
  return (
    <div role="status" class="chaos-verdict">
      {verdict ? <Said verdict={verdict} /> : <p class="muted">{wordsFor(state)}</p>}
    </div>
  );
}

function wordsFor({ ready, faults, awaited }: ChaosState): string {
  if (!ready) return 'The log is being read from its beginning.';
  if (faults.some(({ overAt }) => overAt === null))
    return 'A fault is under way. Scrapes wait, and nothing that was acknowledged may be lost.';
  if (awaited !== null)
    return 'It is over. What was requested before has to end; then the log is judged.';
  return 'Nothing has been disturbed so far. Press a button, and see what is lost: the answer is computed from the log.';
}

function Said({ verdict }: { verdict: Judged }) {
  const { problem, lost, twice, differs, requests, upTo } = verdict;
  if (problem !== null)
    return (
      <>
        <p class="said bad">
          <Icon name="warning" /> Not known
        </p>
        <p>{problem}</p>
      </>
    );
  const good = lost + twice + differs === 0;
  return (
    <>
      <p class={`said ${good ? 'good' : 'bad'}`}>
        <Icon name={good ? 'check' : 'warning'} /> {number(lost)} lost, {number(twice)} twice
      </p>
      <p class="muted">
        Computed from the log up to position {number(upTo)}: {plural(requests, 'scrape request')} by
        their outcomes, and batches, bills, lines and sums beside them.
        {differs > 0 && <strong> {plural(differs, 'figure differs', 'figures differ')}.</strong>}
      </p>
    </>
  );
}

const count = (value: number) =>
  value === 0 ? '0' : <strong class="bad-text">{number(value)}</strong>;

const COLUMNS: Column<CheckOfLog>[] = [
  {
    header: 'What',
    name: true,
    cell: ({ what, examples }) => (
      <span class="two-lines">
        <span>{what}</span>
        {examples.map((example) => (
          <small class="muted id-link" key={example}>
            {example}
          </small>
        ))}
      </span>
    ),
  },
  { header: 'Checked', figures: true, cell: ({ checked }) => number(checked) },
  {
    header: 'Found',
    figures: true,
    cell: ({ lost, twice, differs }) => (
      <>
        {count(lost)} lost, {count(twice)} twice, {count(differs)}{' '}
        {differs === 1 ? 'differs' : 'differ'}
      </>
    ),
  },
];

export const Judgement = ({ verdict }: { verdict: Judged }) => (
  <Table
    caption="What was checked in the log"
    columns={COLUMNS}
    rows={verdict.checks}
    rowId={({ what }) => what}
  />
);
