import { useMemo, useState } from 'preact/hooks';
import { number } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Blank } from '../../ui/states.js';
import { minuteOf } from '../../ui/when.js';
import type { Answer, Item } from '../app/routes.js';
import { ViewsPlot } from '../app/views-plot.js';

interface ChartProps {
  observations: Answer<'GET /clips/{id}/observations'>['items'];
  lines: readonly Item<'GET /clips/{id}/statement'>[];
  currency: string;
}

/** Views at each scrape, and the sum earned by then. */
export function ViewsChart({ observations, lines, currency }: ChartProps) {
  const [point, setPoint] = useState<number | null>(null);
  const points = useMemo(() => pointsOf(observations, lines), [observations, lines]);
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
      <ViewsPlot
        points={points}
        height={220}
        filled
        shown={{ index: point, choose: setPoint, say: (nth) => wordsOf(points[nth]!, currency) }}
      />
    </>
  );
}

const wordsOf = ({ at, views, sum }: Point, currency: string): string =>
  `${minuteOf(at)}: ${number(views)} views${sum === null ? '' : `, ${money(sum, currency)} earned`}`;

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
