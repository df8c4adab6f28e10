import { useState } from 'preact/hooks';
import { Button, Choice, Tag, type Kind } from '../../ui/controls.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { usePages, usePost } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Item } from '../app/routes.js';
import { ClipLink, CreatorLink, ReasonDialog } from './parts.js';

type Link = Item<'GET /short-links'>;
type Status = Link['status'];
const STATES: readonly (readonly [Status, string])[] = [
  ['WAITING', 'Wait for a person'],
  ['PENDING', 'Tried by itself'],
  ['RESOLVED', 'Resolved'],
  ['REFUSED', 'Refused'],
];
const KINDS: Record<Status, Kind> = {
  WAITING: 'warn',
  PENDING: 'info',
  RESOLVED: 'good',
  REFUSED: 'bad',
};

export default function Links() {
  const [status, setStatus] = useState<Status>('WAITING');
  const links = usePages('GET /short-links', { query: { status } });
  return (
    <Page
      title="Short links"
      actions={<Choice label="State" value={status} options={STATES} onChange={setStatus} />}
    >
      <Card>
        <Loaded of={{ ...links, data: links.items }}>
          {(rows) =>
            rows.length === 0 ? (
              <Blank
                title={status === 'WAITING' ? 'No link waits for a person' : 'There is none here'}
              >
                <p>
                  A short link whose site does not answer for a day, or that leads to an unknown
                  address, waits here until somebody says which clip it is.
                </p>
              </Blank>
            ) : (
              <Table
                caption={`Short links: ${STATES.find(([own]) => own === status)![1]}`}
                columns={COLUMNS}
                rows={rows}
                rowId={({ linkId }) => linkId}
                more={links}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

const COLUMNS: readonly Column<Link>[] = [
  {
    header: 'Link',
    name: true,
    cell: ({ url, leadsTo }) => (
      <span class="two-lines">
        <a class="url" href={url} target="_blank" rel="noreferrer">
          {url.replace('https://', '')}
        </a>
        {leadsTo && (
          <small class="muted">
            leads to{' '}
            <a class="url" href={leadsTo} target="_blank" rel="noreferrer">
              {leadsTo.replace('https://', '')}
            </a>
          </small>
        )}
      </span>
    ),
  },
  {
    header: 'From',
    cell: ({ creatorId, campaignId, submittedAt }) => (
      <span class="two-lines">
        <CreatorLink id={creatorId} />
        <small class="muted">
          for {campaignId}, <When at={submittedAt} />
        </small>
      </span>
    ),
  },
  {
    header: 'State',
    cell: ({ status, detail, tries, nextTryAt, clipId }) => (
      <span class="two-lines">
        <span>
          <Tag kind={KINDS[status]}>{status.toLowerCase()}</Tag>{' '}
          {clipId && <ClipLink clipId={clipId} />}
        </span>
        <small class="muted">
          {detail} Tried {tries === 1 ? 'once' : `${tries} times`}
          {nextTryAt && (
            <>
              , next <When at={nextTryAt} />
            </>
          )}
          .
        </small>
      </span>
    ),
  },
  { header: 'Actions', figures: true, cell: (link) => <Actions link={link} /> },
];

function Actions({ link: { linkId, url, status, creatorId } }: { link: Link }) {
  const [asking, setAsking] = useState<'resolve' | 'refuse' | null>(null);
  const resolve = usePost('POST /short-links/{id}/resolve');
  const refuse = usePost('POST /short-links/{id}/refuse');
  const close = () => setAsking(null);
  if (status === 'RESOLVED') return null;
  return (
    <span class="row tight end">
      <Button aria-label={`Resolve ${url}`} onClick={() => setAsking('resolve')}>
        Resolve
      </Button>
      {status !== 'REFUSED' && (
        <Button danger aria-label={`Refuse ${url}`} onClick={() => setAsking('refuse')}>
          Refuse
        </Button>
      )}
      {asking === 'resolve' && (
        <ReasonDialog
          title="Which clip is it?"
          label="The clip's own link"
          hint="Open the short link, and paste the address that the browser then shows."
          action="Submit that clip"
          short
          most={2048}
          send={(clip, key) => resolve.mutateAsync({ id: linkId, body: { url: clip }, key })}
          onClose={close}
        >
          <p>
            <a href={url} target="_blank" rel="noreferrer">
              {url}
            </a>
          </p>
          <p class="muted">The clip is submitted for {creatorId}, as of now.</p>
        </ReasonDialog>
      )}
      {asking === 'refuse' && (
        <ReasonDialog
          title="Refuse the link"
          label="Reason"
          hint={`${creatorId} reads it. The link is tried no more.`}
          action="Refuse"
          send={(reason, key) => refuse.mutateAsync({ id: linkId, body: { reason }, key })}
          onClose={close}
        />
      )}
    </span>
  );
}
