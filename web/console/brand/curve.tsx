import { useMemo, useState } from 'preact/hooks';
import { number } from '../../ui/format.js';
import { minuteOf } from '../../ui/when.js';
import type { Answer } from '../app/routes.js';
import { ViewsPlot } from '../app/views-plot.js';

type Observations = Answer<'GET /clips/{id}/observations'>['items'];

const wordsOf = ({ observedAt, views, likes, comments }: Observations[number]): string =>
  [
    `${minuteOf(Date.parse(observedAt))}: ${number(views)} views`,
    ...(likes === null ? [] : [`${number(likes)} likes`]),
    ...(comments === null ? [] : [`${number(comments)} comments`]),
  ].join(', ');

/** The newest counts of a clip over time. */
export function Curve({ observations }: { observations: Observations }) {
  const [index, setIndex] = useState<number | null>(null);
  const points = useMemo(
    () => observations.map((one) => ({ ...one, at: Date.parse(one.observedAt) })).toReversed(),
    [observations],
  );
  const shown = points[index ?? points.length - 1];
  if (!shown) return <p class="muted">It was not scraped yet: that begins with its approval.</p>;
  const { at, views, likes, comments } = shown;
  return (
    <>
      <p class="readout">
        <span class="muted">{minuteOf(at)}</span> <strong>{number(views)}</strong> views
        {likes !== null && <> · {number(likes)} likes</>}
        {comments !== null && <> · {number(comments)} comments</>}
      </p>
      {points.length > 1 && (
        <ViewsPlot
          points={points}
          height={170}
          shown={{ index, choose: setIndex, say: (nth) => wordsOf(points[nth]!) }}
        />
      )}
    </>
  );
}
