import type { ComponentChildren } from 'preact';
import { daysLeft, percent, plural } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { When } from '../../ui/when.js';
import type { Answer } from '../app/routes.js';
import type { Campaign } from '../app/campaigns.js';

type Pace = NonNullable<Answer<'GET /campaigns/{id}'>['pace']>;

/** From this share on the budget is nearly used, as webhooks say it too. */
const NEARLY = 0.8;

/** How much of the budget is used, as a bar and in words. */
export function Budget({ campaign }: { campaign: Campaign }) {
  const { budget, spent, remaining, currency } = campaign;
  const share = budget === 0 ? 1 : spent / budget;
  const words = `${money(spent, currency)} of ${money(budget, currency)} spent`;
  return (
    <div class="budget">
      <p class="budget-words">
        <span>
          <strong>{money(spent, currency)}</strong>{' '}
          <span class="muted">of {money(budget, currency)}</span>
        </span>
        <span>
          <strong>{money(remaining, currency)}</strong> <span class="muted">remaining</span>
        </span>
      </p>
      <meter
        aria-label={`Budget: ${words}, ${percent(share)}`}
        min={0}
        max={1}
        high={NEARLY}
        optimum={0}
        value={share}
      />
    </div>
  );
}

export const perDay = ({ perDay: minor }: Pace, currency: string): string =>
  `${money(minor, currency)} a day`;

/** Until the budget is spent, with the range that the last week's pace allows. */
export function lasts({ daysLeft: { expected, soonest, latest } }: Pace): string {
  if (expected === 0) return 'The budget is used up';
  if (soonest === null) return 'No money has moved in the last 7 days';
  return `Lasts ${daysLeft({ low: soonest, high: latest })} at the pace of the last 7 days`;
}

/** What a thousand views have cost so far; null before there are any. */
export const costPerThousand = (campaign: Answer<'GET /campaigns/{id}'>): string | null =>
  campaign.views
    ? money(Math.round((campaign.spent * 1_000) / campaign.views), campaign.currency)
    : null;

/** When the campaign is over. */
export function End({ campaign }: { campaign: Campaign & { pace?: Pace | undefined } }) {
  const { endedAt, pace, status } = campaign;
  if (endedAt) return <When at={endedAt} as="day" />;
  if (status === 'PAUSED') return <>Paused</>;
  return pace?.expectedEnd ? <When at={pace.expectedEnd} as="day" /> : <>Not in sight</>;
}

/** What ends it, or has. */
export function endsBy({ endedAt, endsAt, pace, status }: Answer<'GET /campaigns/{id}'>): string {
  if (endedAt) return 'it has ended';
  if (status === 'PAUSED') return 'until you resume it';
  if (!pace?.expectedEnd) return 'it has no date, and hardly spends';
  return pace.expectedEnd === endsAt ? 'by its date' : 'when the budget is used up, at this pace';
}

interface FigureProps {
  label: string;
  value: ComponentChildren;
  children?: ComponentChildren;
}

export const Figure = ({ label, value, children }: FigureProps) => (
  <div class="figure">
    <span class="muted">{label}</span>
    <strong>{value}</strong>
    <small class="muted">{children}</small>
  </div>
);

export const hours = (n: number): string =>
  n >= 48 && n % 24 === 0 ? plural(n / 24, 'day') : plural(n, 'hour');
