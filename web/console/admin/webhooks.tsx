import { useState } from 'preact/hooks';
import { Button, Tag, type Kind } from '../../ui/controls.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Item } from '../app/routes.js';
import { BrandLink } from './parts.js';
import { NewEndpointDialog } from './webhook-new.js';

export type Endpoint = Item<'GET /webhook-endpoints'>;

const STATES: Record<Endpoint['status'], [Kind, string]> = {
  ENABLED: ['good', 'On'],
  DISABLED: ['quiet', 'Off'],
  DEAD: ['bad', 'Switched off'],
};
export function EndpointState({ endpoint }: { endpoint: Endpoint }) {
  const [kind, words] = STATES[endpoint.status];
  return endpoint.status === 'ENABLED' && endpoint.failingSince ? (
    <Tag kind="warn">Failing</Tag>
  ) : (
    <Tag kind={kind}>{words}</Tag>
  );
}

/** Of a chat room the host alone is known. */
export const shortUrl = (url: string): string => url.replace(/^https:\/\//, '');

export default function Webhooks() {
  const endpoints = usePages('GET /webhook-endpoints');
  const [adding, setAdding] = useState(false);
  return (
    <Page
      title="Webhooks"
      actions={
        <Button primary icon="add" onClick={() => setAdding(true)}>
          Add an endpoint
        </Button>
      }
    >
      {adding && <NewEndpointDialog onClose={() => setAdding(false)} />}
      <Card>
        <Loaded of={{ ...endpoints, data: endpoints.items }}>
          {(rows) =>
            rows.length === 0 ? (
              <Blank title="Nobody is notified yet">
                <p>
                  An endpoint gets what happens as signed JSON; a chat room or a mailbox gets
                  sentences. The operator's hear of everything, a brand's of its campaigns.
                </p>
              </Blank>
            ) : (
              <Table
                caption="Webhook endpoints"
                columns={COLUMNS}
                rows={rows}
                rowId={({ endpointId }) => endpointId}
                more={endpoints}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

const FORMS = { standard: 'signed JSON', slack: 'Slack', discord: 'Discord', email: 'e-mail' };

const COLUMNS: readonly Column<Endpoint>[] = [
  {
    header: 'Endpoint',
    name: true,
    cell: ({ endpointId, url, form }) => (
      <span class="two-lines">
        <a class="url" href={`/console/webhooks/${endpointId}`}>
          {shortUrl(url)}
        </a>
        <small class="muted">{FORMS[form]}</small>
      </span>
    ),
  },
  { header: 'Of', cell: ({ brandId }) => (brandId ? <BrandLink id={brandId} /> : 'the operator') },
  { header: 'State', cell: (endpoint) => <EndpointState endpoint={endpoint} /> },
  {
    header: 'Last delivery',
    cell: ({ lastSuccessAt, failingSince }) => (
      <span class="two-lines">
        <span>
          {lastSuccessAt ? <When at={lastSuccessAt} /> : <span class="muted">none yet</span>}
        </span>
        {failingSince && (
          <small class="warn-text">
            fails since <When at={failingSince} as="minute" />
          </small>
        )}
      </span>
    ),
  },
  { header: 'Types', figures: true, cell: ({ types }) => types.length },
];
