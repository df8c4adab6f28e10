import { useState } from 'preact/hooks';
import { Button, Notice, Tag } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { PLATFORMS, number, plural } from '../../ui/format.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { useStore } from '../../ui/store.js';
import { addresses, bringToken } from '../app/config.js';
import { usePages, usePost } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Answer, Item } from '../app/routes.js';
import { ClipLink, Tick, useTicks } from './parts.js';

type Failed = Item<'GET /failed-scrapes'>;
type Reason = Failed['reason'];

/** What each reason means to who decides whether to send it again. */
const REASONS: Record<Reason, string> = {
  not_found: 'The platform does not have it',
  private: 'It is private',
  restricted: 'It is restricted',
  blocked: 'The platform blocked the source',
  no_view_field: 'The answer has no count of views',
  unmatched: 'The answer is of another clip',
  missing: 'The source left it out',
  source_failed: 'The source failed',
  source_timeout: 'The source did not answer in time',
  rate_limited: 'Too many calls to the source',
  quota_exhausted: 'The quota of the source is used up',
  rejected: 'The source refuses the request',
  dead_letter: 'Given up after the last delivery',
  implausible: 'The figure is not believed',
};
const EVERY = '';

export default function Scrapes() {
  const [platform, setPlatform] = useState(EVERY);
  const [reason, setReason] = useState<Reason | ''>(EVERY);
  const scrapes = usePages('GET /failed-scrapes', {
    query: { platform: platform || undefined, reason: reason || undefined },
  });
  const { livePage } = useStore(addresses);
  const retry = usePost('POST /failed-scrapes/retry');
  const [done, setDone] = useState<Answer<'POST /failed-scrapes/retry'> | null>(null);
  const rows = scrapes.items ?? [];
  const ticks = useTicks(rows, ({ id }) => id);
  const send = (body: object) =>
    retry.mutate(
      { body },
      {
        onSuccess: (answer) => {
          setDone(answer);
          ticks.all(false);
        },
      },
    );
  const columns: Column<Failed>[] = [
    {
      header: 'Clip',
      name: true,
      cell: ({ id, clipId }: Failed) => (
        <span class="row tight">
          <Tick
            label={`Choose ${clipId}`}
            on={ticks.has(id)}
            onChange={(on) => ticks.set(id, on)}
          />
          <ClipLink clipId={clipId} />
        </span>
      ),
    },
    { header: 'Why it failed', cell: (row: Failed) => <Why row={row} /> },
    { header: 'When', cell: ({ failedAt }: Failed) => <When at={failedAt} /> },
    {
      header: 'In a row',
      figures: true,
      cell: ({ failures }: Failed) => number(failures),
    },
    {
      header: 'Last seen',
      figures: true,
      cell: ({ views, observedAt }: Failed) =>
        views === null ? (
          <span class="muted">never</span>
        ) : (
          <span class="two-lines">
            {number(views)} views
            {observedAt && (
              <small class="muted">
                <When at={observedAt} />
              </small>
            )}
          </span>
        ),
    },
    { header: 'Figure', cell: (row: Failed) => (row.figure ? <Confirm row={row} /> : null) },
  ].filter(({ header }) => header !== 'Figure' || rows.some(({ figure }) => figure));
  return (
    <Page title="Failed scrapes" actions={livePage && <LivePage href={livePage} />}>
      <div class="filters">
        <label class="field">
          <span>Platform</span>
          <select value={platform} onChange={(event) => setPlatform(event.currentTarget.value)}>
            <option value={EVERY}>all</option>
            {Object.entries(PLATFORMS).map(([id, { name }]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Reason</span>
          <select
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value as Reason | '')}
          >
            <option value={EVERY}>all</option>
            {Object.entries(REASONS).map(([id, words]) => (
              <option key={id} value={id}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Outcome done={done} error={retry.error} />
      <Card>
        <Loaded of={{ ...scrapes, data: scrapes.items }}>
          {(known) =>
            known.length === 0 ? (
              <Blank title="No scrape waits for you">
                <p>
                  Clips whose newest scrape failed are listed here until one succeeds. A retry by
                  itself comes with the clip's next turn.
                </p>
              </Blank>
            ) : (
              <>
                <div class="row spread table-bar">
                  <Tick
                    shown
                    label={
                      ticks.chosen.length === 0 ? 'Choose all' : `${ticks.chosen.length} chosen`
                    }
                    on={ticks.chosen.length === known.length}
                    onChange={ticks.all}
                  />
                  <span class="row tight">
                    <Button
                      busy={retry.isPending}
                      onClick={() =>
                        send({
                          ...(platform && { platform }),
                          ...(reason && { reason }),
                          limit: 200,
                        })
                      }
                    >
                      Retry all that may succeed
                    </Button>
                    <Button
                      primary
                      busy={retry.isPending}
                      disabled={ticks.chosen.length === 0}
                      onClick={() => send({ ids: ticks.chosen.map(({ id }) => id) })}
                    >
                      Retry {ticks.chosen.length || ''} chosen
                    </Button>
                  </span>
                </div>
                <Table
                  caption="Clips whose newest scrape failed"
                  columns={columns}
                  rows={known}
                  rowId={({ id }) => id}
                  more={scrapes}
                />
              </>
            )
          }
        </Loaded>
      </Card>
      <Card title="Scrape budget">
        <p>
          What scraping has cost, and what it may cost, is on{' '}
          <a href="/console/budget">its own screen</a>.
          {livePage && (
            <>
              {' '}
              Batches and single scrapes are on <LivePage href={livePage} />.
            </>
          )}
        </p>
      </Card>
    </Page>
  );
}

/** In a tab of its own: it is another service's. */
const LivePage = ({ href }: { href: string }) => (
  <a href={href} target="_blank" rel="noopener" onClick={bringToken}>
    the live page
  </a>
);

const Why = ({
  row: { reason, detail, attempts, retryable, retiredAt, goneSince },
}: {
  row: Failed;
}) => (
  <span class="two-lines">
    <span>
      {REASONS[reason]} {!retryable && <Tag kind="quiet">not by itself</Tag>}{' '}
      {retiredAt && <Tag kind="warn">retired</Tag>}
    </span>
    <small class="muted">
      {detail ?? plural(attempts, 'attempt')}
      {goneSince && (
        <>
          , gone since <When at={goneSince} as="minute" />
        </>
      )}
    </small>
  </span>
);

interface OutcomeProps {
  done: Answer<'POST /failed-scrapes/retry'> | null;
  error: Error | null;
}

function Outcome({ done, error }: OutcomeProps) {
  if (error) return <Notice kind="bad">{error.message}</Notice>;
  if (!done) return null;
  const asked = done.items.filter(({ requestId }) => requestId !== null).length;
  const refused = done.items.filter(({ requestId }) => requestId === null);
  return (
    <Notice kind={refused.length > 0 ? 'warn' : 'good'}>
      {plural(asked, 'scrape is', 'scrapes are')} requested; each leaves the list once it succeeds.
      {done.next !== null && ' There are more: retry again for the rest.'}
      {refused.length > 0 && (
        <ul>
          {refused.map(({ id, detail }) => (
            <li key={id}>{detail}</li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

/** A figure that no rule believes: a person may say that it is right. */
function Confirm({ row }: { row: Failed }) {
  const [asking, setAsking] = useState(false);
  const confirm = usePost('POST /failed-scrapes/{id}/confirm');
  const { figure, clipId, id } = row;
  return (
    <>
      <Button
        aria-label={`${number(figure!.views)} views? Confirm the figure of ${clipId}`}
        onClick={() => setAsking(true)}
      >
        {number(figure!.views)} views?
      </Button>
      {asking && (
        <Dialog title="Is this figure right?" onClose={() => setAsking(false)}>
          <p>
            The source said <strong>{number(figure!.views)} views</strong>
            {row.views !== null && <> after {number(row.views)} before</>}. The rule{' '}
            <code>{figure!.rule}</code> does not believe it, so that it counts for nothing. Open the
            clip and compare. Confirmed, it counts as of{' '}
            <When at={figure!.observedAt} as="minute" />.
          </p>
          {confirm.error && <Notice kind="bad">{confirm.error.message}</Notice>}
          <div class="row">
            <Button
              primary
              busy={confirm.isPending}
              onClick={() => confirm.mutate({ id }, { onSuccess: () => setAsking(false) })}
            >
              It is right
            </Button>
            <Button onClick={() => setAsking(false)}>Leave it</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
