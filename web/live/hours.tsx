import type { StateSection } from '@cliptally/monitor/live';
import { useMemo, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { number, plural, time } from '../ui/format.js';
import { Legend } from '../ui/legend.js';
import { Plot, type Colour } from '../ui/plot.js';

const { bars } = uPlot.paths as { bars: uPlot.Series.BarsPathBuilderFactory };

type Hour = StateSection['hours'][number];
const wordsOf = ({ hour, recorded, failed }: Hour): string =>
  `${time(hour)}: ${number(recorded)} recorded, ${number(failed)} failed`;

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
    <section class="card" aria-label="Scrapes by the hour">
      <header>
        <h2>Scrapes by the hour</h2>
        <p class="readout">
          {at ? wordsOf(at) : <Legend marks={[['accent', 'recorded'], ['bad', 'failed']]} />}
        </p>
      </header>
      <Plot height={178} data={data} options={options} points={{ index: point, choose: setPoint, say: (nth) => wordsOf(hours[nth]!) }} label={`${plural(all, 'scrape')} in 24 hours, ${number(failed)} of them failed`} />
    </section>
  ); // prettier-ignore
}
