import { Button, Notice } from '../../ui/controls.js';
import { plural } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { useStore } from '../../ui/store.js';
import { outbox, type Kept } from './outbox.js';

const DONE: Record<Kept['decision']['kind'], string> = {
  approve: 'approved',
  reject: 'rejected',
  hold: 'held',
  release: 'released',
};

/** What has been decided and is on its way, in one line that readers hear. */
export function Sending({ said, onUndo }: { said: string; onUndo: () => void }) {
  const all = useStore(outbox);
  const count = (...states: Kept['state'][]) =>
    all.filter(({ state }) => states.includes(state)).length;
  const [kept, under, waits] = [count('kept'), count('sending'), count('waits')];
  const refused = all.filter(({ state }) => state === 'refused');
  return (
    <div class={all.length > 0 || said ? 'sending' : 'hidden'} role="status" aria-live="polite">
      {said && refused.length === 0 && <span>{said}</span>}
      {kept > 0 && (
        <>
          <span class="muted">Sent in a moment.</span>
          <Button onClick={onUndo}>
            Undo <kbd>u</kbd>
          </Button>
        </>
      )}
      {under > 0 && <span class="muted">{plural(under, 'decision')} on the way…</span>}
      {waits > 0 && (
        <span class="warn-words">
          <Icon name="warning" />
          {plural(waits, 'decision has', 'decisions have')} no answer yet: kept here, and sent again
          by itself. Leave this page open.
        </span>
      )}
      {refused.map((one) => (
        <Notice kind="bad" key={one.key}>
          <p>
            {one.clipId} was not {DONE[one.decision.kind]}: {one.fault}
          </p>
          <Button plain onClick={() => outbox.dismiss(one)}>
            I have read it
          </Button>
        </Notice>
      ))}
    </div>
  );
}
