import { useMemo, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { CostSection, StateSection } from '../../src/live/sections.js';
import {
  PLATFORMS,
  ago,
  day,
  instant,
  number,
  percent,
  plural,
  span,
  time,
  usd,
} from './format.js';
import { useNow } from './live.js';
import { Plot, type Colour } from './plot.js';

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
          ? 'no look ended'
          : `${number(state.failed)} of ${plural(state.recorded + state.failed, 'look')} failed`}
      </Tile>
      <Tile name="Looks, 24 h" value={number(state.recorded)}>
        {state.cached > 0 ? `${number(state.cached)} from the cache` : 'brought a count'}
      </Tile>
      <Tile name="Waiting now" value={number(state.waiting)}>
        {state.oldest === null
          ? 'nothing is waiting'
          : `the oldest for ${span((now - state.oldest) / 1000)}`}
      </Tile>
      <Tile name="Runs, 24 h" value={number(state.runsOfDay)}>
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

const { bars } = uPlot.paths as { bars: uPlot.Series.BarsPathBuilderFactory };

export function HoursCard({ hours }: { hours: StateSection['hours'] }) {
  const [point, setPoint] = useState<number | null>(null);
  const data = useMemo<uPlot.AlignedData>(
    () => [
      hours.map((h) => h.hour),
      hours.map((h) => h.recorded + h.failed),
      hours.map((h) => h.recorded),
    ],
    [hours],
  );
  const all = hours.reduce((sum, h) => sum + h.recorded + h.failed, 0);
  const failed = hours.reduce((sum, h) => sum + h.failed, 0);
  const at = point === null ? undefined : hours[point];
  const options = (colour: Colour) => ({
    scales: {
      // Room for the first and the last bar.
      x: {
        range: (_: uPlot, low: number, high: number): [number, number] => [
          low - 1_800_000,
          high + 1_800_000,
        ],
      },
      y: {
        range: (_: uPlot, __: number, high: number): [number, number] => [
          0,
          Math.max(4, high * 1.1),
        ],
      },
    },
    series: [
      {},
      {
        fill: colour('bad'),
        width: 0,
        paths: bars({ size: [0.7, 28], radius: 0.15 }),
        points: { show: false },
      },
      {
        fill: colour('accent'),
        width: 0,
        paths: bars({ size: [0.7, 28], radius: 0.15 }),
        points: { show: false },
      },
    ],
    x: time,
    y: (value: number) => (Number.isInteger(value) ? number(value) : ''),
  });
  return (
    <section class="card" aria-label="Looks by the hour">
      <header>
        <h2>Looks by the hour</h2>
        <p class="readout">
          {at ? `${time(at.hour)}: ${number(at.recorded)} counted, ${number(at.failed)} failed` : <Legend marks={[['accent', 'counted'], ['bad', 'failed']]} />}
        </p>
      </header>
      <Plot height={178} data={data} options={options} onPoint={setPoint} label={`${plural(all, 'look')} in 24 hours, ${number(failed)} of them failed`} />
    </section>
  ); // prettier-ignore
}

function Legend({ marks }: { marks: [string, string][] }) {
  return (
    <>
      {marks.map(([colour, words]) => (
        <span class="mark" key={words}>
          <i class={colour} />
          {words}
        </span>
      ))}
    </>
  );
}

export function CostCard({ cost }: { cost: CostSection }) {
  const now = useNow();
  const { forecastUsd: forecast, budgetUsd: budget } = cost;
  // A budget far above everything else would press the curve flat.
  const shown = Math.max(cost.soFarUsd, forecast?.high ?? 0);
  const withBudget = shown > budget * 0.4;
  const data = useMemo<uPlot.AlignedData>(() => costData(cost, now, withBudget), [cost]);
  const line = (stroke: string, more = {}) => ({
    stroke,
    width: 2,
    points: { show: false },
    spanGaps: true,
    ...more,
  });
  const options = (colour: Colour) => ({
    scales: {
      y: {
        range: (_: uPlot, __: number, high: number): [number, number] => [
          0,
          Math.max(0.01, high * 1.1),
        ],
      },
    },
    series: [
      {},
      line(colour('accent'), { fill: colour('accent-soft') }),
      line('transparent'),
      line('transparent'),
      line(colour('accent'), { dash: [4, 4], width: 1.5 }),
      line(colour('bad'), { dash: [2, 4], width: 1.5 }),
    ],
    bands: [{ series: [2, 3] as [number, number], fill: colour('accent-soft') }],
    x: day,
    y: usd,
  });
  const words = forecast
    ? `${usd(forecast.low)} to ${usd(forecast.high)} by ${day(cost.end)} at the pace of the last days.`
    : 'A forecast follows after six hours.';
  return (
    <section class="card" aria-label="Cost this cycle">
      <header>
        <h2>Cost this cycle</h2>
        <p class="readout">
          {percent(cost.soFarUsd / budget)} of {usd(budget)}
        </p>
      </header>
      <Plot
        height={150}
        data={data}
        options={options}
        label={`${usd(cost.soFarUsd)} of ${usd(budget)} spent. ${words}`}
      />
      <p class="note">{words}</p>
    </section>
  );
}

/** Spent so far, day by day; from now to the end what is to be expected. */
function costData(
  { start, end, days, soFarUsd, forecastUsd, budgetUsd }: CostSection,
  now: number,
  withBudget: boolean,
): uPlot.AlignedData {
  let sum = 0;
  const spent: [number, number][] = [[start, 0]];
  for (const { day: from, usd: cost } of days) {
    sum += cost;
    if (from + 86_400_000 < now) spent.push([from + 86_400_000, sum]);
  }
  spent.push([Math.max(now, start + 1), soFarUsd]);
  const before = spent.slice(0, -1).map(() => null);
  const ahead = (bound: 'low' | 'likely' | 'high') => [
    ...before,
    forecastUsd ? soFarUsd : null,
    forecastUsd?.[bound] ?? null,
  ];
  return [
    [...spent.map(([at]) => at), end],
    [...spent.map(([, cost]) => cost), null],
    ahead('high'),
    ahead('low'),
    ahead('likely'),
    [...spent, end].map(() => (withBudget ? budgetUsd : null)),
  ];
}

export function Runs({ runs }: { runs: StateSection['runs'] }) {
  const now = useNow();
  return (
    <section class="card" id="runs" aria-label="Last runs">
      <header>
        <h2>Last runs</h2>
      </header>
      {runs.length === 0 ? (
        <p class="empty">No run yet. The scheduler starts one at every interval.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th>Began</th>
              <th class="n">Counted</th>
              <th class="n">Failed</th>
              <th class="n hide-s">Took</th>
              <th class="n hide-s">Cost</th>
              <th class="n">Earned</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.runId}>
                <td
                  title={`${instant(run.startedAt)}, ${run.policy}, ${plural(run.candidates, 'clip')} weighed`}
                >
                  {ago(now, run.startedAt)}
                </td>
                <td class="n">
                  {number(run.recorded)}
                  <span class="faint"> / {number(run.requested)}</span>
                </td>
                <td class={`n ${run.failed > 0 ? 'bad' : 'faint'}`}>{number(run.failed)}</td>
                <td class="n hide-s">{run.seconds === null ? '–' : span(run.seconds)}</td>
                <td class="n hide-s">{usd(run.costUsd)}</td>
                <td class="n earned">
                  {run.earned.length === 0 ? (
                    <span class="faint">–</span>
                  ) : (
                    run.earned.map((text) => <span key={text}>{text}</span>)
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function Scrapes({ scrapes }: { scrapes: StateSection['scrapes'] }) {
  const slowest = Math.max(1, ...scrapes.map((s) => s.p95));
  return (
    <section class="card" id="scrapes" aria-label="Scrape time by platform">
      <header>
        <h2>Scrape time</h2>
        <p class="readout">
          <Legend marks={[['accent', 'mean'], ['accent-soft', '95 % within']]} />
        </p>
      </header>
      {scrapes.length === 0 ? (
        <p class="empty">No batch in the last 24 hours.</p>
      ) : (
        <ul class="scrapes">
          {scrapes.map((s) => (
            <li key={s.platform}>
              <span>{PLATFORMS[s.platform]?.name}</span>
              <span class="bar" aria-hidden="true">
                <i class="soft" style={{ width: `${(s.p95 / slowest) * 100}%` }} />
                <i style={{ width: `${(Math.min(s.mean, s.p95) / slowest) * 100}%` }} />
              </span>
              <span class="n" title={`${plural(s.batches, 'batch', 'batches')} in 24 hours`}>
                {span(s.mean)}
                <span class="faint"> / {span(s.p95)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  ); // prettier-ignore
}
