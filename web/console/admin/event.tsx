import { Notice } from '../../ui/controls.js';
import { number } from '../../ui/format.js';
import { Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { useGet } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Answer } from '../app/routes.js';
import type { ScreenProps } from '../app/screen.js';
import { Graph } from './event-graph.js';
import { familyOf } from './event-family.js';

type Trace = Answer<'GET /events/{position}'>;

/** One event: what it says, what it followed from, and what followed from it. */
export default function EventScreen({ params }: ScreenProps) {
  const position = params['position']!;
  const trace = useGet('GET /events/{position}', { params: { position } });
  return (
    <Page
      title={trace.data ? trace.data.event.type : 'Event'}
      back={{ href: '/console/events', label: 'Events' }}
    >
      <Loaded of={trace} lines={8}>
        {(known) => (
          <>
            <About event={known.event} />
            <Family trace={known} />
            <Card title="What it says">
              <pre class="command" tabIndex={0} aria-label="The event's data as JSON">
                {JSON.stringify(known.event.data, null, 2)}
              </pre>
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function About({ event }: { event: Trace['event'] }) {
  const { position, stream, revision, time, version, id, correlationId, causationId, data } = event;
  const at = (of: 'campaign' | 'clip', whose: unknown) =>
    typeof whose === 'string' && (
      <a class="button" href={`/console/at/${of}/${whose}?position=${position}`}>
        The {of} at this position
      </a>
    );
  return (
    <Card>
      <dl class="fact-list">
        <dt>When</dt>
        <dd>
          <When at={time} as="minute" />
        </dd>
        <dt>Position</dt>
        <dd>{number(position)}</dd>
        <dt>Stream</dt>
        <dd>
          {stream} at revision {number(revision)}
        </dd>
        <dt>Version</dt>
        <dd>{version}</dd>
        <dt>Id</dt>
        <dd>
          <code>{id}</code>
        </dd>
        <dt>Correlation</dt>
        <dd>
          <code>{correlationId}</code>
        </dd>
        <dt>Caused by</dt>
        <dd>
          <code>{causationId}</code>
        </dd>
      </dl>
      <div class="row">
        {at('campaign', data['campaignId'])}
        {at('clip', data['clipId'])}
      </div>
    </Card>
  );
}

function Family({ trace }: { trace: Trace }) {
  const family = familyOf(trace);
  return (
    <Card title="Causes and consequences">
      <Graph family={family} />
      {trace.more && (
        <Notice kind="info">There are more events of this correlation than are shown.</Notice>
      )}
      <ul class="family">
        {family.map(({ node, depth, role }) => (
          <li key={node.id} class={role} data-depth={Math.min(depth, 6)}>
            {role === 'self' ? (
              <strong aria-current="true">{node.type}</strong>
            ) : (
              <a href={`/console/events/${node.position}`}>{node.type}</a>
            )}{' '}
            <small class="muted">
              {WORDS[role]}, position {number(node.position)}, {node.stream},{' '}
              <When at={node.time} as="minute" />
            </small>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const WORDS = {
  self: 'this event',
  cause: 'it led to this event',
  consequence: 'it followed from this event',
  related: 'of the same cause',
} as const;
