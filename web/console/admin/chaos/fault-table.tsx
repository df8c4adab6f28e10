import type { Fault } from '@cliptally/contracts/api';
import { Tag } from '../../../ui/controls.js';
import { span } from '../../../ui/format.js';
import { Table, type Column } from '../../../ui/table.js';
import { KINDS, clockTime } from './words.js';

const COLUMNS: Column<Fault>[] = [
  {
    header: 'What',
    name: true,
    cell: ({ kind, struck, problem }) => (
      <span class="two-lines">
        <span>{KINDS[kind].name}</span>
        <small class={problem ? 'bad-text' : 'muted'}>{problem ?? struck}</small>
      </span>
    ),
  },
  { header: 'Begun', figures: true, cell: ({ beganAt }) => clockTime(beganAt) },
  {
    header: 'Over',
    figures: true,
    cell: ({ overAt }) => (overAt === null ? <Tag kind="warn">under way</Tag> : clockTime(overAt)),
  },
  {
    header: 'Recovered',
    figures: true,
    cell: ({ overAt, recoveredAt, problem }) => {
      if (recoveredAt !== null && overAt !== null)
        return `after ${span(Math.max(0, recoveredAt - overAt) / 1_000)}`;
      if (problem !== null) return <Tag kind="bad">no</Tag>;
      return <span class="muted">not yet</span>;
    },
  },
];

/** Newest first. */
export const FaultTable = ({ faults }: { faults: readonly Fault[] }) => (
  <Table
    caption="What was disturbed, and when it recovered"
    columns={COLUMNS}
    rows={faults.toReversed()}
    rowId={({ id }) => id}
  />
);
