import { minorDigits } from '@cliptally/contracts/currencies';
import { useMemo, useState } from 'preact/hooks';
import { Choice } from '../../ui/controls.js';
import { number, short } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { Plot } from '../../ui/plot.js';
import { Blank } from '../../ui/states.js';
import { minuteOf } from '../../ui/when.js';
import { tick } from '../../ui/ticks.js';
import type { Line } from './csv.js';

interface Point {
  at: number;
  spent: number;
  views: number;
}

/** The sums after each instant at which money moved. */
function pointsOf(lines: readonly Line[]): Point[] {
  const points: Point[] = [];
  let views = 0;
  for (const { at, sum, fromViews, toViews } of lines) {
    views += (toViews ?? 0) - (fromViews ?? 0);
    const point = { at: Date.parse(at), spent: sum, views };
    if (points.at(-1)?.at === point.at) points.pop();
    points.push(point);
  }
  return points;
}

const wordsOf = ({ at, spent, views }: Point, currency: string): string =>
  `${minuteOf(at)}: ${money(spent, currency)} for ${number(views)} views`;

/** Spend and paid views over time, by the campaign's own lines. */
export function SpendChart({ lines, currency }: { lines: readonly Line[]; currency: string }) {
  const [shown, setShown] = useState<'spent' | 'views'>('spent');
  const [index, setIndex] = useState<number | null>(null);
  const points = useMemo(() => pointsOf(lines), [lines]);
  const data = useMemo(
    () => [points.map(({ at }) => at), points.map((point) => point[shown])] as [number[], number[]],
    [points, shown],
  );
  if (points.length < 2)
    return (
      <Blank title="No curve yet">
        <p>It begins with the second time that views are paid.</p>
      </Blank>
    );
  const point = points[index ?? points.length - 1]!;
  const last = points.at(-1)!;
  return (
    <>
      <div class="row spread">
        <p class="readout">
          <span class="muted">{minuteOf(point.at)}</span>{' '}
          <strong>{money(point.spent, currency)}</strong> for <strong>{number(point.views)}</strong>{' '}
          views
        </p>
        <Choice
          label="What the curve shows"
          value={shown}
          onChange={setShown}
          options={[
            ['spent', 'Spend'],
            ['views', 'Views'],
          ]}
        />
      </div>
      <Plot
        key={shown}
        label={
          shown === 'spent'
            ? `Spend over time, up to ${money(last.spent, currency)}`
            : `Paid views over time, up to ${number(last.views)}`
        }
        height={220}
        zone="viewer"
        data={data}
        points={{ index, choose: setIndex, say: (nth) => wordsOf(points[nth]!, currency) }}
        options={(colour) => ({
          x: tick,
          y: (value) => short(shown === 'views' ? value : value / 10 ** minorDigits(currency)),
          scales: { y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] } },
          series: [
            {},
            {
              stroke: colour('accent'),
              width: 2,
              fill: `color-mix(in srgb, ${colour('accent')} 14%, transparent)`,
              points: { show: false },
            },
          ],
        })}
      />
    </>
  );
}
