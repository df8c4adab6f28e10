import type { ClipLine, ClipsSection } from '@cliptally/monitor/live';
import { Fragment } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { ago, day, instant, number, plural, short, time, until } from '../ui/format.js';
import { Plot, Sparkline, type Colour } from '../ui/plot.js';
import { ClipName, PlatformMark } from './clip-name.js';
import { useNow } from './live.js';

/** Clips shown before somebody asks for more. */
const FEW = 12;

export function Clips({ clips }: { clips: ClipsSection }) {
  const [open, setOpen] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const { lines, total, neverScraped } = clips;
  const shown = all ? lines : lines.slice(0, FEW);
  return (
    <section class="card" id="clips" aria-label="Clips">
      <header>
        <h2>Clips</h2>
        <p class="readout">
          {shown.length < total
            ? `the ${number(shown.length)} fastest growing of ${number(total)}`
            : plural(total, 'clip')}
          {neverScraped > 0 && `, ${number(neverScraped)} not scraped yet`}
        </p>
      </header>
      {lines.length === 0 ? (
        <p class="empty">
          No clip is tracked yet. Creators submit them to a campaign; each appears here at once.
        </p>
      ) : (
        <table class="clips">
          <thead>
            <tr>
              <th>Clip</th>
              <th class="n w-views">Views</th>
              <th class="n w-hour hide-s">An hour</th>
              <th class="w-curve">Curve</th>
              <th class="n w-earned hide-s">Earned</th>
              <th class="n w-scrape hide-s">Last and next scrape</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((clip) => (
              <Clip
                key={clip.clipId}
                clip={clip}
                open={open === clip.clipId}
                toggle={() => setOpen(open === clip.clipId ? null : clip.clipId)}
              />
            ))}
          </tbody>
        </table>
      )}
      {lines.length > FEW && (
        <button class="more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show ${number(lines.length)}`}
        </button>
      )}
    </section>
  );
}

const WHY_NEXT: Record<ClipLine['next']['how'], (at: number | null) => string> = {
  requested: () => 'It has been requested.',
  run: (at) =>
    `In the tracking run at ${instant(at!)}, if the scrape budget allows and no clip is more urgent.`,
  usual: (at) => `About ${instant(at!)}, if it is scraped as often as of late.`,
  none: () => 'It is approved in no active campaign, or there was no tracking run yet.',
};

function Clip({ clip, open, toggle }: { clip: ClipLine; open: boolean; toggle: () => void }) {
  const now = useNow();
  const { entries, curve, lastOutcomeAt, growth, next } = clip;
  const chips = entries.flatMap(({ campaign, status, held }) => [
    ...(status === 'APPROVED' ? [] : [{ campaign, text: status.toLowerCase(), tone: '' }]),
    ...(held ? [{ campaign, text: 'held', tone: 'warn' }] : []),
  ]);
  const parties = [...clip.creators, ...entries.map((entry) => entry.campaign)].join(' · ');
  const soon =
    next.how === 'requested'
      ? 'being scraped'
      : next.at === null
        ? 'no next scrape'
        : `next ${until(now, next.at)}`;
  const last = lastOutcomeAt === null ? 'never' : ago(now, lastOutcomeAt);
  return (
    <Fragment>
      <tr>
        <td>
          <div class="clip">
            <PlatformMark platform={clip.platform} />
            <div>
              <ClipName clipId={clip.clipId} url={clip.url} />
              {chips.map(({ campaign, text, tone }) => (
                <span class={`chip ${tone}`} key={`${campaign} ${text}`} title={campaign}>
                  {text}
                </span>
              ))}
              <span class="faint line" title={parties}>
                {parties}
              </span>
              <span class="faint line only-s">
                last scrape {last}, {soon}
              </span>
            </div>
          </div>
        </td>
        <td class="n">
          {clip.views === null ? <span class="faint">–</span> : number(clip.views)}
          {growth > 0 && <span class="good line only-s">+{short(growth)}/h</span>}
        </td>
        <td class="n hide-s">
          {growth > 0 ? <span class="good">+{short(growth)}</span> : <span class="faint">0</span>}
        </td>
        <td>
          <button class="plain" aria-expanded={open} onClick={toggle} disabled={curve.length < 2}>
            <Sparkline
              curve={curve}
              label={`Curve of ${clip.clipId}: ${plural(curve.length, 'observation')}`}
            />
          </button>
        </td>
        <td class="n hide-s money">
          {entries.map((entry) => (
            <span key={entry.campaign}>{entry.earned}</span>
          ))}
        </td>
        <td class="n hide-s">
          <span title={lastOutcomeAt === null ? '' : instant(lastOutcomeAt)}>{last}</span>
          <span
            class={`line ${next.how === 'requested' ? 'good' : 'faint'}`}
            title={WHY_NEXT[next.how](next.at)}
          >
            {soon}
          </span>
        </td>
      </tr>
      {open && (
        <tr class="detail">
          <td colSpan={6}>
            <Curve clip={clip} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function Curve({ clip }: { clip: ClipLine }) {
  const [point, setPoint] = useState<number | null>(null);
  const { curve } = clip;
  const data = useMemo<uPlot.AlignedData>(
    () => [curve.map(([at]) => at * 1000), curve.map(([, views]) => views)],
    [curve],
  );
  const options = (colour: Colour) => ({
    series: [
      {},
      {
        stroke: colour('accent'),
        width: 2,
        fill: colour('accent-soft'),
        points: { show: true, size: 5 },
      },
    ],
    x: (ms: number) => (ms % 86_400_000 === 0 ? day(ms) : time(ms)),
    y: short,
  });
  const wordsOf = (nth: number) => plural(curve[nth]![1], 'view');
  const timeOf = (nth: number) => instant(curve[nth]![0] * 1000);
  const shown = point ?? curve.length - 1;
  return (
    <>
      <p class="readout">
        {timeOf(shown)}: <strong>{wordsOf(shown)}</strong>
      </p>
      <Plot
        height={170}
        data={data}
        options={options}
        points={{
          index: point,
          choose: setPoint,
          say: (nth) => `${timeOf(nth)}: ${wordsOf(nth)}`,
        }}
        label={`Views of ${clip.clipId} at its last ${plural(curve.length, 'observation')}`}
      />
    </>
  );
}
