import {
  createSortedRowModel,
  rowSortingFeature,
  sortFn_basic,
  tableFeatures,
  useTable,
  type ColumnDef,
} from '@tanstack/preact-table';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Button } from './controls.js';

export interface Column<T> {
  header: string;
  cell: (row: T) => ComponentChildren;
  /** Of a column that one can sort by: what a row is sorted by. */
  sort?: (row: T) => string | number | null;
  /** Figures are right-aligned. */
  figures?: boolean;
  /** The row's own name, which readers say before each of its cells. */
  name?: boolean;
}

interface TableProps<T> {
  /** What the table is of; readers say it first. */
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowId: (row: T) => string;
  more?: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

/**
 * Rows under headers; on a narrow screen a card for each row. Sorting is of the rows that are here:
 * give `sort` only if all of them are.
 */
export function Table<T extends object>({ caption, columns, rows, rowId, more }: TableProps<T>) {
  const defined = useMemo(
    () =>
      columns.map(({ header, sort }): ColumnDef<typeof features, T> => ({
        id: header,
        header,
        accessorFn: (row) => sort?.(row) ?? undefined,
        enableSorting: sort !== undefined,
        sortFn: sortFn_basic,
        sortUndefined: 'last',
      })),
    [columns],
  );
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: defined, data, getRowId: rowId });
  return (
    <div class="table-box">
      <table class="table">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {table.getFlatHeaders().map(({ column }, index) => {
              const sorted = column.getIsSorted();
              const { figures, header } = columns[index]!;
              return (
                <th
                  key={column.id}
                  scope="col"
                  class={figures ? 'figures' : undefined}
                  aria-sort={sorted ? (sorted === 'asc' ? 'ascending' : 'descending') : undefined}
                >
                  {column.getCanSort() ? (
                    <button type="button" onClick={() => column.toggleSorting()}>
                      {header}
                      <span aria-hidden="true">
                        {sorted ? (sorted === 'asc' ? ' ↑' : ' ↓') : ' ↕'}
                      </span>
                    </button>
                  ) : (
                    header
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id}>
              {columns.map(({ header, cell, figures, name }) =>
                name ? (
                  <th key={header} scope="row" data-label={header}>
                    {cell(row.original)}
                  </th>
                ) : (
                  <td key={header} class={figures ? 'figures' : undefined} data-label={header}>
                    {cell(row.original)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {more?.hasNextPage && (
        <Button busy={more.isFetchingNextPage} onClick={() => void more.fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  );
}
