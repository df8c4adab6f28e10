import type { CostSection } from '@cliptally/monitor/live';
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { day, percent, usd } from '../ui/format.js';
import { Plot, type Colour } from '../ui/plot.js';
import { useNow } from './live.js';

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
          high > 0 ? high * 1.1 : 1,
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
