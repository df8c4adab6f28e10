import type { ComponentProps } from 'preact';
import { useMemo } from 'preact/hooks';
import { number, short } from '../../ui/format.js';
import { Plot } from '../../ui/plot.js';
import { tick } from '../../ui/ticks.js';

interface ViewsPlotProps {
  /** In the order of their times. */
  points: readonly { at: number; views: number }[];
  height: number;
  /** Whether the space below the line is filled. */
  filled?: boolean;
  /** Which point is shown in words beside it. */
  shown: NonNullable<ComponentProps<typeof Plot>['points']>;
}

/** A clip's views over time. */
export function ViewsPlot({ points, height, filled = false, shown }: ViewsPlotProps) {
  const data = useMemo(
    () => [points.map(({ at }) => at), points.map(({ views }) => views)] as [number[], number[]],
    [points],
  );
  return (
    <Plot
      label={`Views over time: from ${number(points[0]!.views)} to ${number(points.at(-1)!.views)}`}
      height={height}
      zone="viewer"
      data={data}
      points={shown}
      options={(colour) => ({
        x: tick,
        y: short,
        scales: { y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] } },
        series: [
          {},
          {
            stroke: colour('accent'),
            width: 2,
            ...(filled && { fill: `color-mix(in srgb, ${colour('accent')} 14%, transparent)` }),
            points: { show: points.length < 40, size: 6, fill: colour('accent') },
          },
        ],
      })}
    />
  );
}
