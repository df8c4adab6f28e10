import { useState } from 'preact/hooks';
import { Button, Notice } from '../../ui/controls.js';
import { number, plural } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { getText } from '../app/api.js';
import { Card } from '../app/page.js';
import { readChain, type Chain } from './chain.js';
import type { Why } from './line.js';
import type { Recomputation, Step } from './recompute.js';

type Outcome =
  { kind: 'failed'; words: string } | { kind: 'done'; chain: Chain; result: Recomputation | null };

/** Computes the line anew, in this browser, from the events that the log has of it. */
export function Recompute({ why }: { why: Why }) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);
  const { line, chain } = why;
  const ofClip = line.clipId !== undefined;
  async function run() {
    setBusy(true);
    try {
      const read = await readChain(await getText(why.export));
      const { recompute } = await import('./recompute.js');
      const result = ofClip ? recompute(read.events, line.eventId, line.clipId!) : null;
      setOutcome({ kind: 'done', chain: read, result });
    } catch (error) {
      setOutcome({ kind: 'failed', words: (error as Error).message });
    }
    setBusy(false);
  }
  return (
    <Card title="Recompute from the log">
      <div class="stack">
        <p>
          This page can get the {plural(chain.events, 'event')} of the line, and compute the amount
          from them with a small program of its own, which shares nothing with the service.
        </p>
        <div class="row">
          <Button primary busy={busy} onClick={() => void run()}>
            Recompute from the log
          </Button>
        </div>
        {outcome?.kind === 'failed' && <Notice kind="bad">{outcome.words}</Notice>}
        {outcome?.kind === 'done' && <Done why={why} outcome={outcome} />}
        <dl class="chain">
          <dt>Head of the hash chain</dt>
          <dd>
            <code>{chain.head}</code>
          </dd>
        </dl>
      </div>
    </Card>
  );
}

interface DoneProps {
  why: Why;
  outcome: Outcome & { kind: 'done' };
}

function Done({ why, outcome: { chain, result } }: DoneProps) {
  const { currency } = why;
  const figure = ({ unit }: Step, value: bigint) =>
    unit === 'views' ? `${number(Number(value))} views` : money(Number(value), currency);
  const known = chain.head === why.chain.head && chain.broken === null;
  return (
    <div class="stack" role="status">
      {result?.difference ? (
        <Notice kind="bad">
          The first difference is in "{result.difference.name}": the events give{' '}
          {figure(result.difference, result.difference.found)}, the line says{' '}
          {figure(result.difference, result.difference.said!)}.
        </Notice>
      ) : result && result.open === null ? (
        <Notice kind="good">
          The same amount: {money(why.line.amount, currency)}, from {plural(result.read, 'event')}{' '}
          up to position {number(result.upTo)}.
        </Notice>
      ) : (
        <Notice kind="info">
          {result?.open ?? 'A step of a payout is not computed: it is what was asked for.'}
        </Notice>
      )}
      {result && result.steps.length > 0 && (
        <table class="table recomputed">
          <caption class="hidden">Figures from the events and from the line</caption>
          <thead>
            <tr>
              <th scope="col">Figure</th>
              <th scope="col" class="figures">
                From the events
              </th>
              <th scope="col" class="figures">
                In the line
              </th>
            </tr>
          </thead>
          <tbody>
            {result.steps.map((step) => (
              <tr key={step.name} class={step === result.difference ? 'differs' : undefined}>
                <th scope="row" data-label="Figure">
                  {step.name}
                </th>
                <td class="figures" data-label="From the events">
                  {figure(step, step.found)}
                </td>
                <td class="figures" data-label="In the line">
                  {step.said === null ? '–' : figure(step, step.said)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {chain.broken !== null ? (
        <Notice kind="bad">
          Event {chain.broken} does not follow from those before it: somebody has changed, removed
          or added one.
        </Notice>
      ) : chain.head === null ? (
        <Notice kind="info">This browser computes hashes on https alone.</Notice>
      ) : known ? (
        <Notice kind="good">
          The hash over the {plural(chain.events.length, 'event')} is the one that the service names
          below.
        </Notice>
      ) : (
        <Notice kind="warn">
          The service names another hash: the log has gone on meanwhile. Load the page again.
        </Notice>
      )}
    </div>
  );
}
