import { Notice } from '../../ui/controls.js';
import { plural } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Loaded } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { useGet } from '../app/data.js';
import { Card } from '../app/page.js';
import type { Answer } from '../app/routes.js';
import type { Campaign } from '../app/campaigns.js';

/** What the campaign still waits for on its way to the last cent, and what goes back. */
export function CloseOut({ campaign }: { campaign: Campaign }) {
  const closeOut = useGet('GET /campaigns/{id}/close-out', { id: campaign.campaignId });
  return (
    <Card title="Close-out report">
      <Loaded of={closeOut}>{(report) => <Report report={report} />}</Loaded>
    </Card>
  );
}

type ReportOf = Answer<'GET /campaigns/{id}/close-out'>;

function waitsFor({ campaignId, waiting }: ReportOf) {
  const { end, pending, held, appeals, unsettled, scrapes } = waiting;
  const of = `?campaign=${campaignId}`;
  return [
    end && <>the campaign is not over</>,
    pending > 0 && (
      <a href={`/console/review${of}`}>{plural(pending, 'clip waits', 'clips wait')} for review</a>
    ),
    held > 0 && (
      <a href={`/console/suspicious${of}`}>{plural(held, 'clip is', 'clips are')} on hold</a>
    ),
    appeals > 0 && (
      <a href={`/console/appeals${of}`}>
        {plural(appeals, 'appeal has', 'appeals have')} no answer
      </a>
    ),
    unsettled > 0 && (
      <>{plural(unsettled, 'clip is', 'clips are')} due money; it settles by itself</>
    ),
    scrapes > 0 && <>{plural(scrapes, 'scrape is', 'scrapes are')} under way</>,
  ].filter((one) => one !== false);
}

function Report({ report }: { report: ReportOf }) {
  const { closed, currency, budget, spent, fees, remaining, endedAt } = report;
  const open = waitsFor(report);
  return (
    <div class="stack">
      {closed ? (
        <Notice kind="good">
          <p>
            <strong>Closed.</strong> Nothing can change any more: {money(remaining, currency)}{' '}
            {remaining === 0 ? 'remain' : 'go back to you'}.
          </p>
        </Notice>
      ) : (
        <Notice kind="info">
          <p>Not closed yet:</p>
          <ul class="follows">
            {open.map((what, nth) => (
              <li key={nth}>{what}</li>
            ))}
          </ul>
        </Notice>
      )}
      <dl class="terms">
        <Sum name="Budget">{money(budget, currency)}</Sum>
        <Sum name="Spent">{money(spent, currency)}</Sum>
        {fees > 0 && <Sum name="Platform fees">{money(fees, currency)}</Sum>}
        <Sum name={closed ? 'Goes back to you' : 'Remaining'}>{money(remaining, currency)}</Sum>
        {endedAt && (
          <Sum name="Over">
            <When at={endedAt} as="minute" />
          </Sum>
        )}
      </dl>
    </div>
  );
}

const Sum = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
