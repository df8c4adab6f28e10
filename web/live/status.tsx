import type { CostSection, StateSection } from '@cliptally/monitor/live';
import { day, number, percent, plural, span, usd } from '../ui/format.js';
import { useNow } from './live.js';

const TITLES = {
  HEALTHY: 'Tracking is healthy',
  DEGRADED: 'Tracking is degraded',
  UNHEALTHY: 'Tracking is unhealthy',
  UNKNOWN: 'Nothing is known yet',
};

export function Verdict({ state }: { state: StateSection }) {
  return (
    <div class={`verdict ${state.status.toLowerCase()}`} role="status">
      <span class="lamp" aria-hidden="true" />
      <div>
        <h1>{TITLES[state.status]}</h1>
        {state.reasons.map((reason) => (
          <p key={reason}>{reason}</p>
        ))}
      </div>
    </div>
  );
}

function Tile({
  name,
  value,
  children,
  tone = '',
}: {
  name: string;
  value: string;
  children: preact.ComponentChildren;
  tone?: string;
}) {
  return (
    <div class={`tile ${tone}`}>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        <span>{children}</span>
      </dd>
    </div>
  );
}

export function Tiles({ state, cost }: { state: StateSection; cost: CostSection }) {
  const now = useNow();
  const timed = state.runs.filter((run) => run.seconds !== null);
  const mean = timed.reduce((sum, run) => sum + run.seconds!, 0) / timed.length;
  const over = cost.forecastUsd && cost.forecastUsd.likely > cost.budgetUsd;
  return (
    <dl class="tiles">
      <Tile
        name="Success, 24 h"
        value={state.successRate === null ? '–' : percent(state.successRate)}
        tone={state.status.toLowerCase()}
      >
        {state.successRate === null
          ? 'no scrape ended'
          : `${number(state.failed)} of ${plural(state.recorded + state.failed, 'scrape')} failed`}
      </Tile>
      <Tile name="Observations, 24 h" value={number(state.recorded)}>
        {state.recorded === 0
          ? 'none yet'
          : state.cached > 0
            ? `${number(state.cached)} from the cache`
            : 'all from sources'}
      </Tile>
      <Tile name="Outstanding" value={number(state.outstanding)}>
        {state.oldest === null
          ? 'every request has an outcome'
          : `the oldest for ${span((now - state.oldest) / 1000)}`}
      </Tile>
      <Tile name="Tracking runs, 24 h" value={number(state.runsOfDay)}>
        {timed.length > 0 ? `${span(mean)} on average` : 'none finished yet'}
      </Tile>
      <Tile name="Cost this cycle" value={usd(cost.soFarUsd)} tone={over ? 'degraded' : ''}>
        {cost.forecastUsd
          ? `about ${usd(cost.forecastUsd.likely)} by ${day(cost.end)}`
          : `of ${usd(cost.budgetUsd)} until ${day(cost.end)}`}
      </Tile>
    </dl>
  );
}
