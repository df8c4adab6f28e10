import type { ChaosState, Fault, FaultKind } from '@cliptally/contracts/api';
import { useRef, useState } from 'preact/hooks';
import { Button, Choice, Notice } from '../../../ui/controls.js';
import { plural } from '../../../ui/format.js';
import { Loading } from '../../../ui/states.js';
import { Card, Page } from '../../app/page.js';
import { useChaos, usePress } from './control.js';
import { FaultTable } from './fault-table.js';
import { LagChart } from './lag-chart.js';
import { Judgement, Verdict } from './verdict.js';
import { KINDS } from './words.js';

const LENGTHS = [
  ['5', '5 s'],
  ['15', '15 s'],
  ['30', '30 s'],
] as const;

export default function Chaos() {
  const { data, error } = useChaos();
  const press = usePress();
  const under = data?.faults.some(({ overAt }) => overAt === null) ?? false;
  const quiet = data?.ready && !under && data.awaited === null;
  return (
    <Page
      title="Chaos"
      actions={
        <Button
          busy={press.busy === 'check'}
          disabled={!quiet || error !== null}
          onClick={() => void press.check()}
        >
          Check the log now
        </Button>
      }
    >
      {error && (
        <Notice kind="bad">
          {error.message} What is disturbed ends by itself, also if this page is closed. This page
          goes on as soon as <code>npm start</code> answers.
        </Notice>
      )}
      {press.refused && !error && <Notice kind="warn">{press.refused}</Notice>}
      {data ? <Content state={data} press={press} down={error !== null} /> : !error && <Loading />}
    </Page>
  );
}

interface ContentProps {
  state: ChaosState;
  press: ReturnType<typeof usePress>;
  down: boolean;
}

function Content({ state, press, down }: ContentProps) {
  const { faults, lag, verdict } = state;
  return (
    <>
      <Card title="Exactly once?">
        <Verdict state={state} />
      </Card>
      <Card title="Disturb it">
        <Buttons state={state} press={press} down={down} />
      </Card>
      <Card title="What waits, and who is behind">
        <LagChart lag={lag} faults={faults} now={state.now} />
      </Card>
      {faults.length > 0 && (
        <Card title="What was done">
          <FaultTable faults={faults} />
        </Card>
      )}
      {verdict && verdict.checks.length > 0 && (
        <Card title="How the log was judged">
          <Judgement verdict={verdict} />
        </Card>
      )}
    </>
  );
}

function Buttons({ state, press, down }: ContentProps) {
  const [seconds, setSeconds] = useState<(typeof LENGTHS)[number][0]>('15');
  // A press without an answer, pressed again, is the same fault.
  const ids = useRef<Partial<Record<FaultKind, string>>>({});
  async function disturb(kind: FaultKind) {
    const id = (ids.current[kind] ??= crypto.randomUUID());
    await press.disturb({ id, kind, seconds: Number(seconds) });
  }
  const running = (kind: FaultKind): Fault | undefined => {
    const fault = state.faults.findLast((one) => one.kind === kind);
    if (fault && fault.id === ids.current[kind]) delete ids.current[kind];
    return fault?.overAt === null ? fault : undefined;
  };
  return (
    <>
      <div class="row">
        <span>For</span>
        <Choice label="For how long" value={seconds} options={LENGTHS} onChange={setSeconds} />
      </div>
      <ul class="chaos-buttons">
        {(Object.keys(KINDS) as FaultKind[]).map((kind) => {
          const fault = running(kind);
          return (
            <li key={kind}>
              <Button
                danger
                busy={press.busy === kind}
                disabled={fault !== undefined || !state.ready || down}
                onClick={() => void disturb(kind)}
              >
                {KINDS[kind].button}
              </Button>
              <span class={fault ? 'warn-text' : 'muted'}>
                {fault ? leftOf(fault, state.now) : KINDS[kind].words}
              </span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function leftOf({ beganAt, seconds }: Fault, now: number): string {
  const left = Math.ceil(seconds - (now - beganAt) / 1_000);
  return left > 0 ? `Under way, for ${plural(left, 'second')} more.` : 'Being mended.';
}
