import { Fragment } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import type {
  CampaignLine,
  CampaignsSection,
  ClipLine,
  ClipsSection,
  NewestSection,
} from '../../src/live/sections.js';
import {
  PLATFORMS,
  ago,
  day,
  daysLeft,
  instant,
  number,
  percent,
  plural,
  short,
  time,
  until,
} from './format.js';
import { useNow } from './live.js';
import { Plot, Sparkline, type Colour } from './plot.js';

export function Campaigns({ campaigns }: { campaigns: CampaignsSection }) {
  const { lines, total } = campaigns;
  return (
    <section class="card" id="campaigns" aria-label="Campaigns">
      <header>
        <h2>Campaigns</h2>
        <p class="readout">
          {lines.length < total
            ? `${number(lines.length)} of ${number(total)}`
            : plural(total, 'campaign')}
        </p>
      </header>
      {lines.length === 0 ? (
        <p class="empty">
          No campaign has been launched yet. The first one appears here as soon as it is.
        </p>
      ) : (
        <ul class="campaigns">
          {lines.map((line) => (
            <Campaign key={line.campaignId} line={line} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Campaign({ line }: { line: CampaignLine }) {
  const tone = line.exhausted ? 'used' : line.share >= 0.9 ? 'near' : '';
  return (
    <li class={line.status.toLowerCase()}>
      <div class="row">
        <span class="name">
          {line.name}
          {line.status !== 'ACTIVE' && <span class="chip">{line.status.toLowerCase()}</span>}
          {line.exhausted && <span class="chip warn">budget used up</span>}
        </span>
        <span class="n">
          {line.spent} <span class="faint">of {line.budget}</span>
        </span>
      </div>
      <div
        class={`bar ${tone}`}
        role="img"
        aria-label={`${percent(line.share)} of the budget is spent`}
      >
        <i style={{ width: `${Math.min(100, line.share * 100)}%` }} />
      </div>
      <div class="row faint">
        <span>
          {percent(line.share)}, {plural(line.clips, 'clip')}
        </span>
        <span>{outlook(line)}</span>
      </div>
    </li>
  );
}

function outlook({ status, exhausted, daysLeft: days, endsAt, left }: CampaignLine): string {
  const end = endsAt === null ? '' : `, ends ${day(endsAt)}`;
  if (status !== 'ACTIVE' || exhausted) return `${left} left`;
  return days ? `${daysLeft(days)} left${end}` : `no forecast yet${end}`;
}

export function PlatformMark({ platform }: { platform: string }) {
  const { name, mark } = PLATFORMS[platform] ?? { name: platform, mark: '?' };
  return (
    <abbr class={`platform ${platform}`} title={name}>
      {mark}
    </abbr>
  );
}

export function ClipName({ clipId, url }: { clipId: string; url: string | null }) {
  const name = clipId.slice(clipId.indexOf('-') + 1);
  return url?.startsWith('https://') ? (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {name}
    </a>
  ) : (
    <span>{name}</span>
  );
}

/** Clips shown before somebody asks for more. */
const FEW = 12;

export function Clips({ clips }: { clips: ClipsSection }) {
  const [open, setOpen] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const { lines, total, neverLooked } = clips;
  const shown = all ? lines : lines.slice(0, FEW);
  return (
    <section class="card" id="clips" aria-label="Clips">
      <header>
        <h2>Clips</h2>
        <p class="readout">
          {shown.length < total
            ? `the ${number(shown.length)} fastest growing of ${number(total)}`
            : plural(total, 'clip')}
          {neverLooked > 0 && `, ${number(neverLooked)} not looked at yet`}
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
              <th class="n w-look hide-s">Last and next look</th>
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
  asked: () => 'It has been asked for.',
  run: (at) => `In the run at ${instant(at!)}, if the money reaches and nothing is more urgent.`,
  usual: (at) => `About ${instant(at!)}, if it is looked at as often as of late.`,
  none: () => 'It is approved in no active campaign, or no run was ever seen.',
};

function Clip({ clip, open, toggle }: { clip: ClipLine; open: boolean; toggle: () => void }) {
  const now = useNow();
  const { entries, curve, lookedAt, growth, next } = clip;
  const chips = entries.flatMap(({ campaign, status, held }) => [
    ...(status === 'APPROVED' ? [] : [{ campaign, text: status.toLowerCase(), tone: '' }]),
    ...(held ? [{ campaign, text: 'held', tone: 'warn' }] : []),
  ]);
  const soon =
    next.how === 'asked'
      ? 'being looked at'
      : next.at === null
        ? 'no next look'
        : `next ${until(now, next.at)}`;
  const looked = lookedAt === null ? 'never' : ago(now, lookedAt);
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
              <span class="faint line">
                {[...clip.creators, ...entries.map((entry) => entry.campaign)].join(' · ')}
              </span>
              <span class="faint line only-s">
                looked at {looked}, next {soon}
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
              label={`Curve of ${clip.clipId}: ${plural(curve.length, 'look')}`}
            />
          </button>
        </td>
        <td class="n hide-s money">
          {entries.map((entry) => (
            <span key={entry.campaign}>{entry.earned}</span>
          ))}
        </td>
        <td class="n hide-s">
          <span title={lookedAt === null ? '' : instant(lookedAt)}>{looked}</span>
          <span
            class={`line ${next.how === 'asked' ? 'good' : 'faint'}`}
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
  const [at, views] = curve[point ?? curve.length - 1]!;
  return (
    <>
      <p class="readout">
        {instant(at * 1000)}: <strong>{plural(views, 'view')}</strong>
      </p>
      <Plot
        height={170}
        data={data}
        options={options}
        onPoint={setPoint}
        label={`Views of ${clip.clipId} at its last ${plural(curve.length, 'look')}`}
      />
    </>
  );
}

const KINDS: [string, string][] = [
  ['', 'All'],
  ['money', 'Money'],
  ['change', 'Changes'],
  ['run', 'Runs'],
  ['look', 'Looks'],
  ['failure', 'Failures'],
];
const SHOWN = 40;

export function Newest({ newest }: { newest: NewestSection }) {
  const now = useNow();
  const [kind, setKind] = useState('');
  const lines = newest.lines.filter((line) => kind === '' || line.kind === kind).slice(0, SHOWN);
  return (
    <section class="card" id="newest" aria-label="Newest events">
      <header>
        <h2>Newest events</h2>
        <div class="choice" role="group" aria-label="Which events">
          {KINDS.map(([id, name]) => (
            <button key={id} aria-pressed={kind === id} onClick={() => setKind(id)}>
              {name}
            </button>
          ))}
        </div>
      </header>
      {lines.length === 0 ? (
        <p class="empty">Nothing of this kind has happened yet.</p>
      ) : (
        <ol class="newest">
          {lines.map((line) => (
            <li key={line.position}>
              <i class={line.kind} aria-hidden="true" />
              <span>{line.words}</span>
              <time dateTime={new Date(line.time).toISOString()} title={instant(line.time)}>
                {ago(now, line.time)}
              </time>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
