import { useEffect, useState } from 'preact/hooks';
import { Button, Field, Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { plural } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { ManyNotice, useMany } from './parts.js';
import { Destination, sumOf, useDestination, type Payout } from './payout-parts.js';

interface Props {
  payouts: readonly Payout[];
  status: Payout['status'];
  onClose: () => void;
}

/** Several payouts, decided one after the other: a refusal of one does not stop the others. */
export const SeveralDialog = (props: Props) =>
  props.status === 'REQUESTED' ? <Approve {...props} /> : <Paid {...props} />;

function Approve({ payouts, onClose }: Props) {
  const { run, busy, progress } = useMany('POST /payouts/{id}/approve');
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const ended = progress !== null && !busy;
  return (
    <Dialog title={`Approve ${plural(payouts.length, 'payout')}`} onClose={busy ? null : onClose}>
      <p>{sumOf(payouts)} in all. Each approval fixes where the money goes.</p>
      <ul class="pay-rows">
        {payouts.map((payout) => (
          <li key={payout.payoutId}>
            <span class="two-lines">
              <strong>{payout.creatorId}</strong>
              <To payout={payout} onChanged={(id) => setChanged((all) => new Set([...all, id]))} />
            </span>
            <span>{money(payout.amount, payout.currency)}</span>
          </li>
        ))}
      </ul>
      {changed.size > 0 && !ended && (
        <Notice kind="warn">
          {plural(changed.size, 'account was', 'accounts were')} changed since the last payment. Ask
          these creators before you approve, or leave them out.
        </Notice>
      )}
      <ManyNotice progress={progress} one="payout" />
      <div class="row">
        {ended ? (
          <Button primary onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button
              primary
              busy={busy}
              onClick={() =>
                void run(payouts.map(({ payoutId: id }) => ({ id, sent: { id } }))).then(
                  (refused) => refused.length === 0 && onClose(),
                )
              }
            >
              Approve {payouts.length}
            </Button>
            <Button disabled={busy} onClick={onClose}>
              Cancel
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}

function To({ payout, onChanged }: { payout: Payout; onChanged: (id: string) => void }) {
  const { changed } = useDestination(payout);
  useEffect(() => {
    if (changed) onChanged(payout.payoutId);
  }, [changed]);
  return <Destination payout={payout} />;
}

function Paid({ payouts, onClose }: Props) {
  const { run, busy, progress } = useMany('POST /payouts/{id}/paid');
  const [references, setReferences] = useState<Record<string, string>>({});
  const filled = payouts.filter(({ payoutId }) => references[payoutId]?.trim());
  const ended = progress !== null && !busy;
  return (
    <Dialog
      title={`Mark ${plural(payouts.length, 'payout')} as paid`}
      onClose={busy ? null : onClose}
    >
      <p>{sumOf(payouts)} in all. Those without a reference are left as they are.</p>
      <ul class="pay-rows stacked">
        {payouts.map(({ payoutId, creatorId, amount, currency, destination }) => (
          <li key={payoutId}>
            <Field
              label={`${creatorId}: ${money(amount, currency)}`}
              hint={destination?.account ?? null}
            >
              {(props) => (
                <input
                  {...props}
                  autocomplete="off"
                  placeholder="Reference of the transfer"
                  maxLength={200}
                  value={references[payoutId] ?? ''}
                  onInput={(event) => {
                    const { value } = event.currentTarget;
                    setReferences((before) => ({ ...before, [payoutId]: value }));
                  }}
                />
              )}
            </Field>
          </li>
        ))}
      </ul>
      <ManyNotice progress={progress} one="payout" />
      <div class="row">
        <Button
          primary
          busy={busy}
          disabled={filled.length === 0 || ended}
          onClick={() =>
            void run(
              filled.map(({ payoutId: id }) => ({
                id,
                sent: { id, body: { externalReference: references[id]!.trim() } },
              })),
            ).then((refused) => refused.length === 0 && onClose())
          }
        >
          Mark {filled.length || ''} as paid
        </Button>
        <Button disabled={busy} onClick={onClose}>
          {ended ? 'Close' : 'Cancel'}
        </Button>
      </div>
    </Dialog>
  );
}
