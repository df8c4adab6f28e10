import type { Fault, LagSample } from '@cliptally/contracts/api';
import { useMemo, useState } from 'preact/hooks';
import { number, plural, short } from '../../../ui/format.js';
import { Legend } from '../../../ui/legend.js';
import { Plot } from '../../../ui/plot.js';
import { Blank } from '../../../ui/states.js';
import { clockTime } from './words.js';

interface Props {
  lag: readonly LagSample[];
  faults: readonly Fault[];
  now: number;
}
const SHOWN_MS = 180_000;
const farthest = ({ behind }: LagSample) => Math.max(0, ...Object.values(behind));

const lagOf = ({ head, behind }: LagSample): string => {
  const each = Object.entries(behind).map(([name, events]) => `${name} ${number(events)}`);
  return `without an outcome; behind the log at ${number(head)}: ${each.join(', ')}`;
};

/** The last three minutes: scrapes that wait, the follower that is farthest behind, and faults. */
export function LagChart({ lag, faults, now }: Props) {
  const [index, setIndex] = useState<number | null>(null);
  const shown = useMemo(() => lag.filter(({ at }) => at > now - SHOWN_MS), [lag]);
  const data = useMemo(() => {
    const most = Math.max(1, ...shown.flatMap((one) => [one.waiting, farthest(one)]));
    const isDisturbed = (at: number) =>
      faults.some(({ beganAt, overAt }) => beganAt <= at && at <= (overAt ?? Infinity));
    return [
      shown.map(({ at }) => at),
      shown.map(({ at }) => (isDisturbed(at) ? most * 1.1 : null)),
      shown.map(({ waiting }) => waiting),
      shown.map(farthest),
    ] as [number[], (number | null)[], number[], number[]];
  }, [shown, faults]);
  const sample = shown[index ?? shown.length - 1];
  if (!sample || shown.length < 2)
    return (
      <Blank title="No curve yet">
        <p>It begins with the second measurement, a second from now.</p>
      </Blank>
    );
  const mostWaiting = Math.max(...shown.map(({ waiting }) => waiting));
  return (
    <>
      <p class="readout" aria-live="off">
        <span class="muted">{clockTime(sample.at)}</span>{' '}
        <strong>{plural(sample.waiting, 'scrape')}</strong> {lagOf(sample)}
      </p>
      <Plot
        label={`The last three minutes: at most ${plural(mostWaiting, 'scrape')} without an outcome, ${number(Math.max(...shown.map(farthest)))} events behind the log`}
        height={200}
        zone="viewer"
        data={data}
        points={{
          index,
          choose: setIndex,
          say: (nth) => {
            const one = shown[nth]!;
            return `${clockTime(one.at)}: ${plural(one.waiting, 'scrape')} ${lagOf(one)}`;
          },
        }}
        options={(colour) => ({
          x: clockTime,
          y: short,
          scales: { y: { range: (_, __, max) => [0, Math.max(max, 1)] } },
          series: [
            {},
            {
              stroke: 'transparent',
              fill: `color-mix(in srgb, ${colour('bad')} 18%, transparent)`,
              points: { show: false },
            },
            {
              stroke: colour('accent'),
              width: 2,
              fill: `color-mix(in srgb, ${colour('accent')} 14%, transparent)`,
              points: { show: false },
            },
            { stroke: colour('warn'), width: 1.5, dash: [5, 4], points: { show: false } },
          ],
        })}
      />
      <p class="legend">
        <Legend
          marks={[
            ['accent', 'scrapes without an outcome'],
            ['warn', 'events that the last follower is behind'],
            ['bad', 'a fault'],
          ]}
        />
      </p>
    </>
  );
}
