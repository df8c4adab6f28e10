import { useMemo, useState } from 'preact/hooks';
import { number, short } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Plot } from '../../ui/plot.js';
import { Blank } from '../../ui/states.js';
import { tick } from '../../ui/ticks.js';
import { minuteOf } from '../../ui/when.js';
import type { Answer, Item } from '../app/routes.js';

interface ChartProps {
  observations: Answer<'GET /clips/{id}/observations'>['items'];
  lines: readonly Item<'GET /clips/{id}/statement'>[];
  currency: string;
}

/** Views at each scrape, and the sum earned by then. */
export function ViewsChart({ observations, lines, currency }: ChartProps) {
  const [point, setPoint] = useState<number | null>(null);
  const points = useMemo(() => pointsOf(observations, lines), [observations, lines]);
  const data = useMemo(
    () => [points.map(({ at }) => at), points.map(({ views }) => views)] as [number[], number[]],
    [points],
  );
  if (points.length < 2)
    return (
      <Blank title="No curve yet">
        <p>It begins with the second scrape.</p>
      </Blank>
    );
  const shown = points[point ?? points.length - 1]!;
  return (
    <>
      <p class="readout" aria-live="off">
        <span class="muted">{minuteOf(shown.at)}</span> <strong>{number(shown.views)}</strong> views
        {shown.sum !== null && (
          <>
            {' '}
            · <strong>{money(shown.sum, currency)}</strong> earned
          </>
        )}
      </p>
      <Plot
        label={`Views over time: from ${number(points[0]!.views)} to ${number(points.at(-1)!.views)}`}
        height={220}
        zone="viewer"
        data={data}
        onPoint={setPoint}
        options={(colour) => ({
          x: tick,
          y: short,
          scales: { y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] } },
          series: [
            {},
            {
              stroke: colour('accent'),
              width: 2,
              fill: `color-mix(in srgb, ${colour('accent')} 14%, transparent)`,
              points: { show: points.length < 40, size: 6, fill: colour('accent') },
            },
          ],
        })}
      />
    </>
  );
}

interface Point {
  at: number;
  views: number;
  sum: number | null;
}

/**
 * From the oldest on: the API has the newest first. An observation that earned something is named
 * by its line; the sum stays until the next one.
 */
function pointsOf(observations: ChartProps['observations'], lines: ChartProps['lines']): Point[] {
  const sums = new Map(lines.map(({ observation, sum }) => [observation, sum]));
  let sum: number | null = null;
  return observations.toReversed().map(({ observation, observedAt, views }) => {
    sum = sums.get(observation) ?? sum;
    return { at: Date.parse(observedAt), views, sum };
  });
}
