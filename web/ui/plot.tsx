import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Changes with the colour scheme, so that what is drawn on a canvas is drawn anew. */
function useScheme(): string {
  const [scheme, setScheme] = useState(dark.matches ? 'dark' : 'light');
  useEffect(() => {
    const change = () => setScheme(dark.matches ? 'dark' : 'light');
    dark.addEventListener('change', change);
    return () => dark.removeEventListener('change', change);
  }, []);
  return scheme;
}

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
  /** Called with the index under the pointer, null outside. */
  onPoint?: (index: number | null) => void;
}

/** A chart on a canvas; what it says in words is in `label`, for those who cannot see it. */
export function Plot({ label, height, zone = 'UTC', data, options, onPoint }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const point = useRef(onPoint);
  point.current = onPoint;
  const scheme = useScheme();
  useEffect(() => {
    const element = box.current!;
    const style = getComputedStyle(document.documentElement);
    const colour: Colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const { x, y, ...rest } = options(colour);
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
        ...rest,
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
  }, [scheme]);
  useEffect(() => plot.current?.setData(data), [data]);
  return (
    <div class="plot" role="img" aria-label={label} ref={box} style={{ height: `${height}px` }} />
  );
}

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
