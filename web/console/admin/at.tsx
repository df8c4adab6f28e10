import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../ui/controls.js';
import { number } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { useGet } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Answer } from '../app/routes.js';
import type { ScreenProps } from '../app/screen.js';

const ROUTES = {
  campaign: 'GET /campaigns/{id}/at/{position}',
  clip: 'GET /clips/{id}/at/{position}',
} as const;
type CampaignAt = Answer<(typeof ROUTES)['campaign']>;
type ClipAt = Answer<(typeof ROUTES)['clip']>;
/** Beyond the end of any log: the state as it is now. */
const NEWEST = '999999999999999';
const PAUSE_MS = 120;

/** What a campaign or a clip was at any position of the log, with a slider. */
export default function At({ params, query }: ScreenProps) {
  const { of, id = '' } = params;
  const given = query['position'] ?? NEWEST;
  if (of === 'campaign')
    return (
      <Moving
        key={`${of} ${id}`}
        route={ROUTES[of]}
        title={`Campaign ${id}`}
        id={id}
        given={given}
      />
    );
  if (of === 'clip')
    return (
      <Moving key={`${of} ${id}`} route={ROUTES[of]} title={`Clip ${id}`} id={id} given={given} />
    );
  return (
    <Page title="State">
      <Blank title="There is no such state" />
    </Page>
  );
}

interface Props {
  route: (typeof ROUTES)[keyof typeof ROUTES];
  title: string;
  id: string;
  given: string;
}

function Moving({ route, title, id, given }: Props) {
  const [position, setPosition] = useState(given);
  const asked = useSettled(position);
  const then = useGet(route, { id, params: { position: asked } });
  const previous = then.data?.previous ?? null;
  const before = useGet(
    route,
    { id, params: { position: String(previous) } },
    { enabled: previous !== null },
  );
  return (
    <Page title={`${title} at a position`}>
      <Loaded of={then} lines={8}>
        {(known) => (
          <State
            at={known}
            position={position}
            onMove={setPosition}
            now={factsOf(known)}
            before={previous !== null && before.data ? factsOf(before.data) : null}
          />
        )}
      </Loaded>
    </Page>
  );
}

/** The value once it has stayed for a moment: a slider passes many. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

type Fact = readonly [name: string, value: string];

interface StateProps {
  at: Pick<CampaignAt, 'position' | 'at' | 'event' | 'first' | 'previous' | 'next' | 'last'>;
  position: string;
  onMove: (position: string) => void;
  now: readonly Fact[];
  before: readonly Fact[] | null;
}

function State({ at, position, onMove, now, before }: StateProps) {
  const { first, last, previous, next, event, at: time } = at;
  const shown = Math.min(Math.max(Number(position), first), last);
  const then = new Map(before ?? []);
  const move = (to: number | null) => to !== null && onMove(String(to));
  return (
    <>
      <Card>
        <label class="field slider">
          <span>
            Position {number(shown)} of {number(last)}
          </span>
          <input
            type="range"
            min={first}
            max={last}
            value={shown}
            onInput={(input) => onMove(input.currentTarget.value)}
          />
        </label>
        <div class="row">
          <Button disabled={shown <= first} onClick={() => move(first)}>
            First
          </Button>
          <Button disabled={previous === null} onClick={() => move(previous)}>
            Change before
          </Button>
          <Button disabled={next === null} onClick={() => move(next)}>
            Change after
          </Button>
          <Button disabled={shown >= last} onClick={() => move(last)}>
            Now
          </Button>
        </div>
        <p role="status">
          After <a href={`/console/events/${event.position}`}>{event.type}</a> at position{' '}
          {number(event.position)}, <When at={time} as="minute" />
        </p>
      </Card>
      <Card title="What it was">
        <dl class="fact-list">
          {now.map(([name, value]) => {
            const was = then.get(name);
            const changed = before !== null && was !== value;
            return (
              <>
                <dt>{name}</dt>
                <dd class={changed ? 'changed' : undefined}>
                  <strong>{value}</strong>
                  {changed && <small class="muted"> before: {was ?? 'nothing'}</small>}
                </dd>
              </>
            );
          })}
        </dl>
      </Card>
    </>
  );
}

const factsOf = (known: CampaignAt | ClipAt): Fact[] =>
  'campaign' in known ? factsOfCampaign(known) : factsOfClip(known);

function factsOfCampaign({ campaign }: CampaignAt): Fact[] {
  const { status, budget, accrued, reversed, fees, spent, remaining, exhausted, currency, name } =
    campaign;
  const amount = (minor: number) => money(minor, currency);
  return [
    ['Name', name],
    ['State', exhausted ? `${status.toLowerCase()}, budget used up` : status.toLowerCase()],
    ['Budget', amount(budget)],
    ['Accrued', amount(accrued)],
    ['Reversed', amount(reversed)],
    ['Platform fees', amount(fees)],
    ['Spent', amount(spent)],
    ['Remaining', amount(remaining)],
  ];
}

function factsOfClip({ views, campaigns }: ClipAt): Fact[] {
  return [
    ['Views', views === null ? 'not seen yet' : number(views)],
    ...campaigns.flatMap((entry): Fact[] => {
      const { campaignId, status, hold, retired, highWater, earned, due, currency } = entry;
      const of = campaigns.length > 1 ? ` in ${campaignId}` : '';
      return [
        [`Creator${of}`, entry.creatorId],
        [`State${of}`, hold ? `${status.toLowerCase()}, on hold` : status.toLowerCase()],
        [`Held because${of}`, hold?.reason ?? '–'],
        [`Retired${of}`, retired ?? 'no'],
        [`Counted views${of}`, highWater === null ? '–' : number(highWater)],
        [`Earned${of}`, money(earned, currency)],
        [`Due${of}`, money(due, currency)],
      ];
    }),
  ];
}
