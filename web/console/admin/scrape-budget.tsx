import { useNow } from '../../ui/clock.js';
import { Notice, Tag, type Kind } from '../../ui/controls.js';
import { number, percent, platformName } from '../../ui/format.js';
import { LOCALE, money } from '../../ui/money.js';
import { Blank, Loaded } from '../../ui/states.js';
import { Table, type Column } from '../../ui/table.js';
import { When } from '../../ui/when.js';
import { useGet } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { Answer } from '../app/routes.js';

type Budget = Answer<'GET /scrape-budget'>;
type Run = Budget['runs'][number];

const amount = (minor: number) => money(minor, 'USD');
/** Less than a cent too. */
const small = new Intl.NumberFormat(LOCALE, {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 4,
});
const micro = (microUsd: number | null) => (microUsd === null ? '–' : small.format(microUsd / 1e6));

/** What scraping has cost beside what it may, and what the scheduler has planned. */
export default function ScrapeBudget() {
  const budget = useGet('GET /scrape-budget');
  return (
    <Page title="Scrape budget">
      <Loaded of={budget} lines={8}>
        {(known) => (
          <>
            <Spent budget={known} />
            <Sources budget={known} />
            <Runs runs={known.runs} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Spent({ budget: { cycle, today, pace, accounts, ...more } }: { budget: Budget }) {
  const now = useNow();
  const ending = pace.expectedEnd !== null && Date.parse(pace.expectedEnd) > now;
  const stopped = accounts.find(({ state }) => state === 'hard_stop');
  return (
    <>
      {stopped && (
        <Notice kind="bad">
          The account {stopped.account} has stopped: until{' '}
          <When at={stopped.cycleEndsAt} as="day" /> only scrapes that cost nothing are asked for.
          Raise its limit there.
        </Notice>
      )}
      {!stopped && pace.expectedEnd !== null && (
        <Notice kind="warn">
          {ending ? (
            <>
              At this pace the budget is used up <When at={pace.expectedEnd} as="minute" />, before
              the cycle ends. The scheduler asks for fewer scrapes in time.
            </>
          ) : (
            'The budget of this cycle is used up: only scrapes that cost nothing are asked for.'
          )}
        </Notice>
      )}
      <div class="figures-row four">
        <Figure label="This cycle" value={amount(cycle.spent)}>
          {cycle.budget === null || cycle.remaining === null ? (
            'no run has said its budget yet'
          ) : (
            <>
              of {amount(cycle.budget)}; {amount(cycle.remaining)} remain
              <Bar label="Spent of the cycle's budget" part={cycle.spent} whole={cycle.budget} />
            </>
          )}
        </Figure>
        <Figure label="Today (UTC)" value={amount(today.spent)}>
          {today.allowance === null ? (
            'no allowance yet'
          ) : (
            <>
              of {amount(today.allowance)}, an even share
              <Bar label="Spent of today's share" part={today.spent} whole={today.allowance} />
            </>
          )}
        </Figure>
        <Figure label="Pace" value={`${amount(pace.perDay)} a day`}>
          {amount(pace.atCycleEnd)} by <When at={cycle.endsAt} as="day" />
          {pace.expectedEnd === null && cycle.budget !== null && ', so that it lasts'}
        </Figure>
        <Figure label="A thousand paid views" value={micro(more.perThousandViewsMicroUsd)}>
          {more.paidViews === 0
            ? 'no view was settled in this cycle'
            : `${number(more.paidViews)} views were settled`}
        </Figure>
      </div>
    </>
  );
}

interface FigureProps {
  label: string;
  value: string;
  children: preact.ComponentChildren;
}

const Figure = ({ label, value, children }: FigureProps) => (
  <div class="figure">
    <span class="muted">{label}</span>
    <strong>{value}</strong>
    <small class="muted">{children}</small>
  </div>
);

function Bar({ label, part, whole }: { label: string; part: number; whole: number }) {
  const share = whole === 0 ? 1 : Math.min(1, part / whole);
  return (
    <meter
      min={0}
      max={1}
      low={0.8}
      high={0.95}
      optimum={0}
      value={share}
      aria-label={`${label}: ${percent(share)}`}
    />
  );
}

const ACCOUNT_STATES: Record<Budget['accounts'][number]['state'], readonly [Kind, string]> = {
  open: ['good', 'open'],
  soft_limit: ['warn', 'near its limit'],
  hard_stop: ['bad', 'stopped'],
};

const SOURCES: readonly Column<Budget['sources'][number]>[] = [
  {
    header: 'Source',
    name: true,
    cell: ({ source, platform }) => (
      <span class="two-lines">
        {source}
        <small class="muted">{platformName(platform)}</small>
      </span>
    ),
  },
  { header: 'Today', figures: true, cell: ({ today }) => amount(today.spent) },
  { header: 'Cycle', figures: true, cell: ({ cycle }) => amount(cycle.spent) },
  {
    header: 'Answered',
    figures: true,
    cell: ({ cycle: { recorded, scrapes } }) => `${number(recorded)} of ${number(scrapes)}`,
  },
  {
    header: 'A scrape',
    figures: true,
    cell: ({ perScrapeMicroUsd }) => micro(perScrapeMicroUsd),
  },
];

const ACCOUNTS: readonly Column<Budget['accounts'][number]>[] = [
  {
    header: 'Account',
    name: true,
    cell: ({ account, state }) => (
      <span class="row tight">
        {account} <Tag kind={ACCOUNT_STATES[state][0]}>{ACCOUNT_STATES[state][1]}</Tag>
      </span>
    ),
  },
  { header: 'Used', figures: true, cell: ({ used }) => amount(used) },
  { header: 'Limit', figures: true, cell: ({ limit }) => amount(limit) },
  { header: 'Remains', figures: true, cell: ({ remaining }) => amount(remaining) },
  { header: 'Cycle ends', cell: ({ cycleEndsAt }) => <When at={cycleEndsAt} as="day" /> },
  { header: 'It said so', cell: ({ measuredAt }) => <When at={measuredAt} /> },
];

const Sources = ({ budget: { sources, accounts } }: { budget: Budget }) => (
  <>
    <Card title="Sources">
      {sources.length === 0 ? (
        <Blank title="No source has billed anything">
          <p>Each batch of scrapes says what it has cost once it is collected.</p>
        </Blank>
      ) : (
        <Table
          caption="Sources by what they have cost in the cycle"
          columns={SOURCES}
          rows={sources}
          rowId={({ source, platform }) => `${source} ${platform}`}
        />
      )}
    </Card>
    {accounts.length > 0 && (
      <Card title="Accounts that pay, by their own word">
        <Table
          caption="Accounts that pay for scrapes"
          columns={ACCOUNTS}
          rows={accounts}
          rowId={({ account }) => account}
        />
      </Card>
    )}
  </>
);

const RUNS: readonly Column<Run>[] = [
  {
    header: 'Run',
    name: true,
    cell: ({ slot, policy }) => (
      <span class="two-lines">
        <When at={slot} as="minute" />
        <small class="muted">{policy}</small>
      </span>
    ),
  },
  {
    header: 'Requested',
    figures: true,
    cell: ({ requested, due, candidates }) => (
      <span class="two-lines">
        {due === null ? number(requested) : `${number(requested)} of ${number(due)} due`}
        <small class="muted">{number(candidates)} weighed</small>
      </span>
    ),
  },
  {
    header: 'Estimate',
    figures: true,
    cell: ({ estimatedMicroUsd, shareMicroUsd }) => (
      <span class="two-lines">
        {micro(estimatedMicroUsd)}
        {shareMicroUsd !== null && <small class="muted">of {micro(shareMicroUsd)}</small>}
      </span>
    ),
  },
  { header: 'Left out', cell: (run) => <LeftOut run={run} /> },
];

function LeftOut({ run: { leftOut, heldBackBy } }: { run: Run }) {
  return (
    <span class="two-lines left-out">
      {heldBackBy && (
        <Tag kind={ACCOUNT_STATES[heldBackBy][0]}>account {ACCOUNT_STATES[heldBackBy][1]}</Tag>
      )}
      {leftOut === null ? (
        <span class="muted">not said</span>
      ) : leftOut.length === 0 ? (
        <span class="muted">none</span>
      ) : (
        leftOut.map(({ reason, scrapes, sentence }) => (
          <span key={reason}>
            <strong>{number(scrapes)}</strong> <small class="muted">{sentence}</small>
          </span>
        ))
      )}
    </span>
  );
}

const Runs = ({ runs }: { runs: readonly Run[] }) => (
  <Card title="The last tracking runs">
    {runs.length === 0 ? (
      <Blank title="No tracking run yet">
        <p>The scheduler plans one for each slot, and says here what it left out and why.</p>
      </Blank>
    ) : (
      <Table
        caption="Tracking runs, newest first"
        columns={RUNS}
        rows={runs}
        rowId={({ runId }) => runId}
      />
    )}
  </Card>
);
