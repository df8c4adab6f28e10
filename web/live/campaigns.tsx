import type { CampaignLine, CampaignsSection } from '@cliptally/monitor/live';
import { day, daysLeft, number, percent, plural } from '../ui/format.js';

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
