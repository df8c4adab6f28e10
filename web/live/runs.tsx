import type { StateSection } from '@cliptally/monitor/live';
import { ago, instant, number, plural, span, usd } from '../ui/format.js';
import { useNow } from './live.js';

export function Runs({ runs }: { runs: StateSection['runs'] }) {
  const now = useNow();
  return (
    <section class="card" id="runs" aria-label="Tracking runs">
      <header>
        <h2>Tracking runs</h2>
      </header>
      {runs.length === 0 ? (
        <p class="empty">No tracking run yet. The scheduler starts one at every interval.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th>Began</th>
              <th class="n">Recorded</th>
              <th class="n">Failed</th>
              <th class="n hide-s">Took</th>
              <th class="n hide-s">Cost</th>
              <th class="n">Earned</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.runId}>
                <td
                  title={`${instant(run.startedAt)}, ${run.policy}, ${plural(run.candidates, 'clip')} ranked`}
                >
                  {ago(now, run.startedAt)}
                </td>
                <td class="n">
                  {number(run.recorded)}
                  <span class="faint"> / {number(run.requested)}</span>
                </td>
                <td class={`n ${run.failed > 0 ? 'bad' : 'faint'}`}>{number(run.failed)}</td>
                <td class="n hide-s">{run.seconds === null ? '–' : span(run.seconds)}</td>
                <td class="n hide-s">{usd(run.costUsd)}</td>
                <td class="n earned">
                  {run.earned.length === 0 ? (
                    <span class="faint">–</span>
                  ) : (
                    run.earned.map((text) => <span key={text}>{text}</span>)
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
