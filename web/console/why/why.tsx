import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { useGet } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { EventLink } from './event-link.js';
import { Explanation } from './explanation.js';
import { Recompute } from './recompute-card.js';
import type { Why } from './line.js';
import { What } from './what.js';

/** Where one amount comes from: its line, and all that the line rests on. */
export default function WhyScreen({ params }: ScreenProps) {
  const { of, id = '', line = '' } = params;
  if (of === 'creator') return <OfCreator id={id} line={line} />;
  if (of === 'campaign') return <OfCampaign id={id} line={line} />;
  return (
    <Page title="Why this amount">
      <Blank title="There is no such line" />
    </Page>
  );
}

interface Props {
  id: string;
  line: string;
}

function OfCreator({ id, line }: Props) {
  const why = useGet('GET /creators/{id}/statement/{line}/why', { id, params: { line } });
  return <Explained of="creator" id={id} why={why} />;
}

function OfCampaign({ id, line }: Props) {
  const why = useGet('GET /campaigns/{id}/statement/{line}/why', { id, params: { line } });
  return <Explained of="campaign" id={id} why={why} />;
}

interface ExplainedProps {
  of: 'creator' | 'campaign';
  id: string;
  why: ReturnType<typeof useGet<'GET /creators/{id}/statement/{line}/why'>>;
}

function Explained({ of, id, why }: ExplainedProps) {
  return (
    <Page
      title="Why this amount"
      back={{ href: `/console/statement/${of}/${id}`, label: `Statement of ${id}` }}
    >
      <Loaded of={why} lines={8}>
        {(known) => (
          <>
            <Card>
              <div class="why-head">
                <strong class={known.line.amount < 0 ? 'bad' : undefined}>
                  {money(known.line.amount, known.currency)}
                </strong>
                <What line={known.line} of={of} />
                <span class="muted">
                  <When at={known.line.at} as="minute" />
                </span>
              </div>
            </Card>
            <Explanation line={known.line} share={known.share} />
            <Events why={known} />
            <Recompute why={known} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

const ROLES: Record<string, string> = {
  terms: 'The terms of the campaign',
  submission: 'The clip was submitted',
  approval: 'It was approved: views count from here',
  baseline: 'The first observation: these views do not count',
  observation: 'The observation that was paid for',
  line: 'The settlement that this line is in',
};

function Events({ why: { events } }: { why: Why }) {
  if (events.length === 0) return null;
  return (
    <Card title="Events that it rests on">
      <ol class="why-events">
        {events.map(({ id, role, type, position, time }) => (
          <li key={id}>
            <span>
              <strong>{ROLES[role] ?? type}</strong>
              <small class="muted">
                {type}, position {position}, <When at={time} as="minute" />
              </small>
            </span>
            <EventLink id={id} position={position} />
          </li>
        ))}
      </ol>
    </Card>
  );
}
