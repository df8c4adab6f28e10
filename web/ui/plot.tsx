import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { useMedia } from './media.js';

export type Colour = (name: string) => string;

interface PlotProps {
  label: string;
  height: number;
  /** Whose days the axis has; UTC if it is left out. */
  zone?: 'viewer' | 'UTC';
  data: uPlot.AlignedData;
  /** Read again when the colour scheme changes. */
  options: (colour: Colour) => Pick<uPlot.Options, 'series' | 'scales' | 'bands'> & {
    y: (value: number) => string;
    x: (ms: number) => string;
  };
  /** If there are words about one point beside the chart. */
  points?: {
    /** Which one; null: none, or the last. */
    index: number | null;
    /** Called with the index under the pointer or at the keyboard's mark, null outside. */
    choose: (index: number | null) => void;
    say: (index: number) => string;
  };
}

/**
 * A chart on a canvas. `label` says in words what it shows, for those who cannot see it; the arrow
 * keys go from point to point, as on a slider, and readers say each.
 */
export function Plot({ label, height, zone = 'UTC', data, options, points }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const point = useRef(points?.choose);
  point.current = points?.choose;
  // What is drawn on a canvas is drawn anew with the other colours.
  const dark = useMedia('(prefers-color-scheme: dark)');
  useEffect(() => {
    const element = box.current!;
    const style = getComputedStyle(document.documentElement);
    const colour: Colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const { x, y, ...more } = options(colour);
    const axis = {
      stroke: colour('muted'),
      font: '11px system-ui, sans-serif',
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
    };
    plot.current = new uPlot(
      {
        width: element.clientWidth,
        height,
        padding: [8, 22, 0, 0],
        legend: { show: false },
        ms: 1,
        tzDate: (ms: number) =>
          zone === 'viewer' ? new Date(ms) : uPlot.tzDate(new Date(ms), 'Etc/UTC'),
        cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 26,
            space: 56,
            values: (_, splits) => splits.map(x),
          },
          { ...axis, size: 52, space: 28, values: (_, splits) => splits.map(y) },
        ],
        hooks: {
          // Outside the plot `idx` is that of the nearest point.
          setCursor: [
            ({ cursor: { left = -1, idx = null } }) => point.current?.(left < 0 ? null : idx),
          ],
        },
        ...more,
      },
      data,
      element,
    );
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height }),
    );
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.current?.destroy();
    };
  }, [dark]);
  useEffect(() => plot.current?.setData(data), [data]);
  const style = { height: `${height}px` };
  if (!points) return <div class="plot" role="img" aria-label={label} ref={box} style={style} />;
  const last = data[0].length - 1;
  const at = Math.min(points.index ?? last, last);
  return (
    <div
      class="plot"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={1}
      aria-valuemax={last + 1}
      aria-valuenow={at + 1}
      aria-valuetext={at < 0 ? 'nothing yet' : points.say(at)}
      ref={box}
      style={style}
      onKeyDown={(event) => {
        const next = stepOf(event, at, last);
        if (next === null || last < 0) return;
        event.preventDefault();
        mark(plot.current, data[0][next]!);
      }}
      onBlur={() => mark(plot.current, null)}
    />
  );
}

/** Where a key leads; null if it is for something else. */
function stepOf(event: KeyboardEvent, at: number, last: number): number | null {
  const { key, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey) return null;
  if (key === 'ArrowLeft') return Math.max(0, at - 1);
  if (key === 'ArrowRight') return Math.min(last, at + 1);
  if (key === 'Home') return 0;
  return key === 'End' ? last : null;
}

const mark = (plot: uPlot | null, x: number | null) =>
  plot?.setCursor({ left: x === null ? -10 : Math.max(0, plot.valToPos(x, 'x')), top: 0 });

/** A curve a line high. */
export function Sparkline({ curve, label }: { curve: readonly [number, number][]; label: string }) {
  const [first, last] = [curve[0], curve.at(-1)];
  if (!first || !last || curve.length < 2)
    return (
      <span class="faint">{curve.length === 1 ? 'one observation' : 'no observation yet'}</span>
    );
  const low = Math.min(...curve.map(([, views]) => views));
  const high = Math.max(...curve.map(([, views]) => views), low + 1);
  const at = ([time, views]: readonly [number, number]) =>
    `${(((time - first[0]) / (last[0] - first[0])) * 96 + 2).toFixed(1)},${(24 - ((views - low) / (high - low)) * 20).toFixed(1)}`;
  const line = curve.map(at).join(' ');
  return (
    <svg
      class="spark"
      viewBox="0 0 100 26"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polygon points={`2,26 ${line} 98,26`} />
      <polyline points={line} />
      <path d={`M${at(last)}h.001`} />
    </svg>
  );
}
