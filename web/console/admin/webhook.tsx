import { useState } from 'preact/hooks';
import { Button, Choice, Notice, Tag, type Kind } from '../../ui/controls.js';
import { plural } from '../../ui/format.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { useGet, usePages, usePost } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Item } from '../app/routes.js';
import type { ScreenProps } from '../app/screen.js';
import { BrandLink, ReasonDialog } from './parts.js';
import { ChangeDialog, DeleteDialog, RotateDialog } from './webhook-dialogs.js';
import { EndpointState, shortUrl, type Endpoint } from './webhooks.js';

export default function WebhookScreen({ params }: ScreenProps) {
  const endpoint = useGet('GET /webhook-endpoints/{id}', { id: params['id']! });
  return (
    <Page title="Webhook endpoint" back={{ href: '/console/webhooks', label: 'Webhooks' }}>
      <Loaded of={endpoint}>
        {(known) => (
          <>
            <About endpoint={known} />
            <Deliveries endpoint={known} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function About({ endpoint }: { endpoint: Endpoint }) {
  const { endpointId: id, url, status, brandId, types, reason, form, createdAt } = endpoint;
  const enable = usePost('POST /webhook-endpoints/{id}/enable');
  const disable = usePost('POST /webhook-endpoints/{id}/disable');
  const test = usePost('POST /webhook-endpoints/{id}/test');
  const [asking, setAsking] = useState<'change' | 'disable' | 'rotate' | 'delete' | null>(null);
  const on = status === 'ENABLED';
  const error = enable.error ?? test.error;
  return (
    <Card>
      <div class="row spread">
        <h2 class="url">{shortUrl(url)}</h2>
        <EndpointState endpoint={endpoint} />
      </div>
      {reason && <Notice kind="warn">{reason}</Notice>}
      {error && <Notice kind="bad">{error.message}</Notice>}
      {test.data && !test.error && (
        <Notice kind="info">A test is on its way; the outcome is in the list below.</Notice>
      )}
      <dl class="fact-list">
        <dt>Of</dt>
        <dd>{brandId ? <BrandLink id={brandId} /> : 'the operator'}</dd>
        <dt>Since</dt>
        <dd>
          <When at={createdAt} as="minute" />
        </dd>
        <dt>Gets</dt>
        <dd>
          <details>
            <summary>{plural(types.length, 'type')} of events</summary>
            {types.join(', ')}
          </details>
        </dd>
      </dl>
      <div class="row">
        {on ? (
          <Button busy={test.isPending} onClick={() => test.mutate({ id })}>
            Send a test
          </Button>
        ) : (
          <Button primary busy={enable.isPending} onClick={() => enable.mutate({ id })}>
            Switch on
          </Button>
        )}
        <Button onClick={() => setAsking('change')}>Change it</Button>
        {form === 'standard' && (
          <Button onClick={() => setAsking('rotate')}>Replace the secret</Button>
        )}
        {on && (
          <Button danger onClick={() => setAsking('disable')}>
            Switch off
          </Button>
        )}
        <Button danger onClick={() => setAsking('delete')}>
          Delete
        </Button>
      </div>
      {asking === 'disable' && (
        <ReasonDialog
          title="Switch the endpoint off"
          label="Reason"
          hint="For the person who switches it on again. What waits is kept."
          action="Switch off"
          send={(words, key) => disable.mutateAsync({ id, body: { reason: words }, key })}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === 'change' && <ChangeDialog endpoint={endpoint} onClose={() => setAsking(null)} />}
      {asking === 'rotate' && <RotateDialog endpoint={endpoint} onClose={() => setAsking(null)} />}
      {asking === 'delete' && <DeleteDialog endpoint={endpoint} onClose={() => setAsking(null)} />}
    </Card>
  );
}

type Delivery = Item<'GET /webhook-endpoints/{id}/deliveries'>;
type Filter = Delivery['status'] | 'ALL';
const FILTERS: readonly (readonly [Filter, string])[] = [
  ['ALL', 'All'],
  ['PENDING', 'Waiting'],
  ['DELIVERED', 'Delivered'],
  ['FAILED', 'Failed'],
];
const KINDS: Record<Delivery['status'], [Kind, string]> = {
  PENDING: ['info', 'waiting'],
  DELIVERED: ['good', 'delivered'],
  FAILED: ['bad', 'failed'],
};

function Deliveries({ endpoint: { endpointId: id } }: { endpoint: Endpoint }) {
  const [status, setStatus] = useState<Filter>('ALL');
  const query = status === 'ALL' ? {} : { status };
  const deliveries = usePages('GET /webhook-endpoints/{id}/deliveries', { id, query });
  const replay = usePost('POST /webhook-endpoints/{id}/replay');
  const columns: readonly Column<Delivery>[] = [
    { header: 'Queued', name: true, cell: ({ queuedAt }) => <When at={queuedAt} as="minute" /> },
    { header: 'Type', cell: ({ type }) => type },
    {
      header: 'State',
      cell: ({ status: own, attempts, lastFault, lastStatus, nextTryAt }) => (
        <span class="two-lines">
          <span>
            <Tag kind={KINDS[own][0]}>{KINDS[own][1]}</Tag>
          </span>
          <small class="muted">
            {plural(attempts, 'attempt')}
            {lastFault ? `: ${lastFault}` : lastStatus ? `, status ${lastStatus}` : ''}
            {nextTryAt && (
              <>
                , next <When at={nextTryAt} />
              </>
            )}
          </small>
        </span>
      ),
    },
    {
      header: 'Again',
      cell: ({ webhookId, type }) => (
        <Button
          aria-label={`Send again: ${type} ${webhookId.slice(0, 8)}`}
          onClick={() => replay.mutate({ id, body: { webhookId } })}
        >
          Send again
        </Button>
      ),
    },
  ];
  return (
    <Card title="Deliveries of the last 30 days">
      <p>
        <Choice label="State" value={status} options={FILTERS} onChange={setStatus} />
      </p>
      {replay.error && <Notice kind="bad">{replay.error.message}</Notice>}
      {replay.data && <Notice kind="info">It is sent again, with the same id as before.</Notice>}
      <Loaded of={{ ...deliveries, data: deliveries.items }}>
        {(rows) =>
          rows.length === 0 ? (
            <Blank title="Nothing here">
              <p>What is sent appears with its outcome.</p>
            </Blank>
          ) : (
            <Table
              caption="Deliveries"
              columns={columns}
              rows={rows}
              rowId={({ webhookId }) => webhookId}
              more={deliveries}
            />
          )
        }
      </Loaded>
    </Card>
  );
}
