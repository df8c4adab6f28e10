import type { StateSection } from '@cliptally/monitor/live';
import { PLATFORMS, plural, span } from '../ui/format.js';
import { Legend } from '../ui/legend.js';

export function Batches({ times }: { times: StateSection['scrapes'] }) {
  const slowest = Math.max(1, ...times.map((s) => Math.max(s.mean, s.p95)));
  return (
    <section class="card" id="scrapes" aria-label="Batch time by platform">
      <header>
        <h2>Batch time</h2>
        <p class="readout">
          {times.length > 0 && <Legend marks={[['accent', 'mean'], ['accent-mid', '95 % within']]} />}
        </p>
      </header>
      {times.length === 0 ? (
        <p class="empty">No batch in the last 24 hours.</p>
      ) : (
        <ul class="scrapes">
          {times.map((s) => (
            <li key={s.platform}>
              <span>{PLATFORMS[s.platform]?.name}</span>
              <span class="bar" aria-hidden="true">
                <i class="mid" style={{ width: `${(Math.max(s.mean, s.p95) / slowest) * 100}%` }} />
                <i style={{ width: `${(s.mean / slowest) * 100}%` }} />
              </span>
              <span class="n" title={`${plural(s.batches, 'batch', 'batches')} in 24 hours`}>
                {span(s.mean)}
                {/* Above the last bound nobody knows by how much. */}
                <span class="faint">
                  {' '}
                  / {s.p95Above && 'more than '}
                  {span(s.p95)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  ); // prettier-ignore
}
