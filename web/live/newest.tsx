import type { NewestSection } from '@cliptally/monitor/live';
import { useState } from 'preact/hooks';
import { ago, instant } from '../ui/format.js';
import { useNow } from './live.js';

const KINDS: [string, string][] = [
  ['', 'All'],
  ['money', 'Money'],
  ['change', 'Changes'],
  ['run', 'Runs'],
  ['observation', 'Observations'],
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
