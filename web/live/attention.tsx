import type { AlertLine, AttentionSection, RiskLine, WaitLine } from '@cliptally/monitor/live';
import { ago, instant, number, plural, span } from '../ui/format.js';
import { useNow } from './live.js';

const WAITS: Record<WaitLine['kind'], string> = {
  payout_approval: 'Payouts for approval',
  payout_transfer: 'Payouts for their transfer',
  hold: 'Held clips',
  appeal: 'Appeals',
  submission: 'Submissions for review',
  skip: 'Skipped events for review',
  scrape: 'Scrapes for their outcome',
};
const RISKS: Record<RiskLine['kind'], string> = {
  beyond_budget: 'Accrued beyond budgets',
  beyond_earnings: 'Paid beyond earnings',
  paid_twice: 'Paid twice',
  unsettled: 'Clips that cannot be settled',
};

/** First on the page: which alerts fire, money at risk, and what waits and since when. */
export function Attention({
  attention: { alerts, waits, risks },
}: {
  attention: AttentionSection;
}) {
  return (
    <section class="card attention" id="attention" aria-label="Needs a person">
      <header>
        <h2>Needs a person</h2>
        <p class="readout">{said(alerts)}</p>
      </header>
      {alerts.lines.length > 0 && (
        <ul class="alerts">
          {alerts.lines.map((line) => (
            <Alert key={`${line.name} ${line.summary} ${line.since}`} line={line} />
          ))}
        </ul>
      )}
      <div class="groups">
        <Group name="Money at risk" none="No amount is other than it must be.">
          {risks.map((line) => (
            <Risk key={line.kind} line={line} />
          ))}
        </Group>
        <Group name="What waits" none="Nothing waits.">
          {waits.map((line) => (
            <Wait key={line.kind} line={line} />
          ))}
        </Group>
      </div>
    </section>
  );
}

function said({ known, lines }: AttentionSection['alerts']): string {
  if (known === 'not_set') return 'alerts are not shown here: ALERTMANAGER_URL is not set';
  if (known === 'no') return 'Alertmanager does not answer: nobody knows whether alerts fire';
  return lines.length === 0 ? 'no alert fires' : `${plural(lines.length, 'alert')} firing`;
}

/** Only a web address becomes a link: the text comes from a file of rules. */
const isWeb = (address: string) => /^https?:\/\//.test(address);

function Alert({ line }: { line: AlertLine }) {
  const now = useNow();
  const { name, critical, since, summary, description, cost, runbook } = line;
  return (
    <li class={critical ? 'critical' : 'warning'}>
      <p class="row">
        <strong>{summary}</strong>
        <span class={`chip ${critical ? 'bad' : 'warn'}`}>{critical ? 'critical' : 'warning'}</span>
        <span class="faint" title={instant(since)}>
          since {span(Math.max(0, now - since) / 1000)}
        </span>
      </p>
      {description && <p>{description}</p>}
      {cost && <p class="faint">If nobody acts: {cost}</p>}
      {runbook && (
        <p class="faint">
          Runbook: {isWeb(runbook) ? <a href={runbook}>{name}</a> : <code>{runbook}</code>}
        </p>
      )}
    </li>
  );
}

function Group({
  name,
  none,
  children,
}: {
  name: string;
  none: string;
  children: preact.ComponentChild[];
}) {
  return (
    <div>
      <h3>{name}</h3>
      {children.length === 0 ? <p class="faint">{none}</p> : <dl>{children}</dl>}
    </div>
  );
}

function Risk({ line: { kind, money, clips, since } }: { line: RiskLine }) {
  const now = useNow();
  return (
    <div class="bad">
      <dt>{RISKS[kind]}</dt>
      <dd>
        <strong>{money.length > 0 ? money.join(', ') : number(clips)}</strong>
        {since !== null && <span>the oldest {ago(now, since)}</span>}
      </dd>
    </div>
  );
}

function Wait({ line: { kind, count, oldest, money } }: { line: WaitLine }) {
  const now = useNow();
  return (
    <div>
      <dt>{WAITS[kind]}</dt>
      <dd>
        <strong>{number(count)}</strong>
        {money.length > 0 && <span>{money.join(', ')}</span>}
        <span title={instant(oldest)}>the oldest for {span(Math.max(0, now - oldest) / 1000)}</span>
      </dd>
    </div>
  );
}
