import { useMemo, useState } from 'preact/hooks';
import { number, short } from '../../ui/format.js';
import { Plot } from '../../ui/plot.js';
import { minuteOf } from '../../ui/when.js';
import { tick } from '../../ui/ticks.js';
import type { Answer } from '../app/routes.js';

type Observations = Answer<'GET /clips/{id}/observations'>['items'];

/** The newest counts of a clip over time. */
export function Curve({ observations }: { observations: Observations }) {
  const [index, setIndex] = useState<number | null>(null);
  const points = useMemo(() => observations.toReversed(), [observations]);
  const data = useMemo(
    () =>
      [
        points.map(({ observedAt }) => Date.parse(observedAt)),
        points.map(({ views }) => views),
      ] as [number[], number[]],
    [points],
  );
  const shown = points[index ?? points.length - 1];
  if (!shown) return <p class="muted">It was not scraped yet: that begins with its approval.</p>;
  const { observedAt, views, likes, comments } = shown;
  return (
    <>
      <p class="readout">
        <span class="muted">{minuteOf(Date.parse(observedAt))}</span>{' '}
        <strong>{number(views)}</strong> views
        {likes !== null && <> · {number(likes)} likes</>}
        {comments !== null && <> · {number(comments)} comments</>}
      </p>
      {points.length > 1 && (
        <Plot
          label={`Views over time: from ${number(points[0]!.views)} to ${number(points.at(-1)!.views)}`}
          height={170}
          zone="viewer"
          data={data}
          onPoint={setIndex}
          options={(colour) => ({
            x: tick,
            y: short,
            scales: { y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] } },
            series: [
              {},
              {
                stroke: colour('accent'),
                width: 2,
                points: { show: true, size: 6, fill: colour('accent') },
              },
            ],
          })}
        />
      )}
    </>
  );
}
