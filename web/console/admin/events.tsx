import { useState } from 'preact/hooks';
import { Button, Field } from '../../ui/controls.js';
import { number } from '../../ui/format.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Item } from '../app/routes.js';
import type { ScreenProps } from '../app/screen.js';
import { summaryOf } from './event-summary.js';
import { EVENT_GROUPS } from './event-types.js';

type Event = Item<'GET /events'>;
const EMPTY = {
  types: '',
  campaignId: '',
  clipId: '',
  creatorId: '',
  from: '',
  to: '',
  text: '',
  position: '',
};
type Filter = typeof EMPTY;
const TEXTS = [
  ['campaignId', 'Campaign'],
  ['clipId', 'Clip'],
  ['creatorId', 'Creator'],
  ['text', 'Text'],
] as const;

/** What somebody types in their own zone, as the API takes it. */
const instantOf = (local: string): string => (local ? new Date(local).toISOString() : '');

export default function Events({ query }: ScreenProps) {
  const given = Object.keys(EMPTY).flatMap((name) => (query[name] ? [[name, query[name]]] : []));
  const [typed, setTyped] = useState<Filter>({ ...EMPTY, ...Object.fromEntries(given) });
  const [filter, setFilter] = useState<Filter>(typed);
  const set = (name: keyof Filter) => (event: { currentTarget: { value: string } }) =>
    setTyped({ ...typed, [name]: event.currentTarget.value });
  const active = Object.values(filter).some((value) => value !== '');
  return (
    <Page title="Events">
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          setFilter(typed);
        }}
      >
        <Field label="Type">
          {(props) => (
            <select {...props} value={typed.types} onChange={set('types')}>
              <option value="">all</option>
              {EVENT_GROUPS.map(([group, types]) => (
                <optgroup key={group} label={group}>
                  {types.map((type) => (
                    <option key={type} value={type}>
                      {type}
                    </option>
                  ))}
                </optgroup>
              ))}
            </select>
          )}
        </Field>
        {TEXTS.map(([name, label]) => (
          <Field key={name} label={label}>
            {(props) => (
              <input
                {...props}
                type="search"
                placeholder="all"
                autocomplete="off"
                value={typed[name]}
                onInput={set(name)}
              />
            )}
          </Field>
        ))}
        <Field label="From">
          {(props) => (
            <input {...props} type="datetime-local" value={typed.from} onInput={set('from')} />
          )}
        </Field>
        <Field label="To">
          {(props) => (
            <input {...props} type="datetime-local" value={typed.to} onInput={set('to')} />
          )}
        </Field>
        <Field label="Up to position">
          {(props) => (
            <input
              {...props}
              inputMode="numeric"
              pattern="\d*"
              placeholder="newest"
              value={typed.position}
              onInput={set('position')}
            />
          )}
        </Field>
        <div class="row tight">
          <Button primary type="submit" icon="search">
            Find
          </Button>
          {active && (
            <Button
              onClick={() => {
                setTyped(EMPTY);
                setFilter(EMPTY);
              }}
            >
              Show all
            </Button>
          )}
        </div>
      </form>
      <Found key={JSON.stringify(filter)} filter={filter} />
    </Page>
  );
}

function Found({ filter }: { filter: Filter }) {
  const { from, to, ...rest } = filter;
  const query = { ...rest, from: instantOf(from), to: instantOf(to) };
  const events = usePages('GET /events', { query });
  const last = events.data?.pages.at(-1);
  return (
    <Card>
      <Loaded of={{ ...events, data: events.items }} lines={8}>
        {(rows) => (
          <>
            {rows.length === 0 ? (
              <Blank title="No such event">
                {events.hasNextPage && (
                  <p>None in this part of the log. Older ones may be before it.</p>
                )}
              </Blank>
            ) : (
              <Table
                caption="Events, newest first"
                columns={COLUMNS}
                rows={rows}
                rowId={({ id }) => id}
              />
            )}
            <div class="row spread">
              <span class="muted">
                {last &&
                  `Searched down to position ${number(last.searched.from)}; ${number(rows.length)} found.`}
              </span>
              {events.hasNextPage && (
                <Button
                  busy={events.isFetchingNextPage}
                  onClick={() => void events.fetchNextPage()}
                >
                  Search older events
                </Button>
              )}
            </div>
          </>
        )}
      </Loaded>
    </Card>
  );
}

const COLUMNS: readonly Column<Event>[] = [
  {
    header: 'Event',
    name: true,
    cell: ({ position, type }) => (
      <span class="two-lines">
        <a href={`/console/events/${position}`}>{type}</a>
        <small class="muted">position {number(position)}</small>
      </span>
    ),
  },
  {
    header: 'When',
    cell: ({ time }) => (
      <span class="nowrap">
        <When at={time} as="minute" />
      </span>
    ),
  },
  { header: 'Stream', cell: ({ stream }) => <span class="url">{stream}</span> },
  { header: 'What it says', cell: (event) => <span class="url">{summaryOf(event)}</span> },
];
