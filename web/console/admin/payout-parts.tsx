import { useState } from 'preact/hooks';
import { Button, Notice, Tag, type Kind } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { money } from '../../ui/money.js';
import { When } from '../../ui/when.js';
import { useGet, usePost } from '../app/data.js';
import type { Item } from '../app/routes.js';
import { ReasonDialog } from './parts.js';

export type Payout = Item<'GET /payouts'>;

const STATES: Record<Payout['status'], [Kind, string]> = {
  REQUESTED: ['warn', 'To approve'],
  APPROVED: ['info', 'To pay'],
  PAID: ['good', 'Paid'],
  REJECTED: ['bad', 'Rejected'],
  FAILED: ['bad', 'Failed'],
};
export function PayoutState({ status }: Pick<Payout, 'status'>) {
  const [kind, words] = STATES[status];
  return <Tag kind={kind}>{words}</Tag>;
}

/**
 * Where the money would go, or has gone, and where the last payment to the creator went: a change
 * in between, or since the request, is what an account that was taken over looks like.
 */
export function useDestination(payout: Payout) {
  const { creatorId, destination, payoutId, requestedAt } = payout;
  const account = useGet('GET /creators/{id}/payout-account', { id: creatorId });
  const paid = useGet('GET /payouts', { query: { creatorId, status: 'PAID', limit: 2 } });
  const last = paid.data?.items.find((one) => one.payoutId !== payoutId && one.destination);
  const to = destination ?? account.data;
  const known = to !== undefined && paid.data !== undefined;
  const before = last?.destination ?? null;
  const changed =
    known && before !== null && (before.account !== to.account || before.provider !== to.provider);
  const setAt = account.data?.setAt ?? null;
  const setSince = setAt !== null && Date.parse(setAt) > Date.parse(requestedAt) ? setAt : null;
  // The approval has fixed another account than the creator has now.
  const now =
    destination && account.data && account.data.account !== destination.account
      ? account.data
      : null;
  return { to, before, changed, known, setSince, now };
}

const isOpen = ({ status }: Payout) => status === 'REQUESTED' || status === 'APPROVED';

/** What is odd about where an open payout goes, in sentences. */
function AccountWarnings({ payout }: { payout: Payout }) {
  const { before, changed, setSince, now } = useDestination(payout);
  const { status, destination, waitsUntil } = payout;
  if (!isOpen(payout)) return null;
  return (
    <>
      {waitsUntil && (
        <small class="warn-text">
          Cannot be approved until <When at={waitsUntil} as="minute" />
        </small>
      )}
      {status === 'REQUESTED' && setSince && (
        <small class="warn-text">
          Changed <When at={setSince} />, after the request
        </small>
      )}
      {changed && (
        <small class="warn-text">Changed; the last payment went to {before!.account}</small>
      )}
      {destination && <small class="muted">Fixed when it was asked for</small>}
      {now && (
        <small class="warn-text">
          The creator has another account since: {now.account ?? 'none'}. This payout keeps its own.
        </small>
      )}
    </>
  );
}

export function Destination({ payout }: { payout: Payout }) {
  const { to } = useDestination(payout);
  if (!to) return <span class="muted">…</span>;
  return (
    <span class="two-lines">
      <span>
        {to.account ?? (to.provider === 'manual' ? 'No account given' : '–')}{' '}
        {to.provider === 'stripe' && <Tag kind="quiet">Stripe</Tag>}
      </span>
      <AccountWarnings payout={payout} />
    </span>
  );
}

export function Actions({ payout }: { payout: Payout }) {
  const [asking, setAsking] = useState<'approve' | 'reject' | 'paid' | 'failed' | null>(null);
  const close = () => setAsking(null);
  const { payoutId, status, destination } = payout;
  const byHand = destination?.provider !== 'stripe';
  return (
    <span class="row tight end">
      {status === 'REQUESTED' && (
        <>
          <Button aria-label={`Approve ${payoutId}`} onClick={() => setAsking('approve')}>
            Approve
          </Button>
          <Button danger aria-label={`Reject ${payoutId}`} onClick={() => setAsking('reject')}>
            Reject
          </Button>
        </>
      )}
      {status === 'APPROVED' && byHand && (
        <Button aria-label={`Mark ${payoutId} as paid`} onClick={() => setAsking('paid')}>
          Paid
        </Button>
      )}
      {(status === 'APPROVED' || status === 'PAID') && byHand && (
        <Button
          danger
          aria-label={status === 'PAID' ? `Came back: ${payoutId}` : `Mark ${payoutId} as failed`}
          onClick={() => setAsking('failed')}
        >
          {status === 'PAID' ? 'Came back' : 'Failed'}
        </Button>
      )}
      {status === 'APPROVED' && !byHand && <span class="muted">Stripe sends it</span>}
      {asking === 'approve' && <ApproveDialog payout={payout} onClose={close} />}
      {asking === 'reject' && <RejectDialog payout={payout} onClose={close} />}
      {asking === 'paid' && <PaidDialog payout={payout} onClose={close} />}
      {asking === 'failed' && <FailedDialog payout={payout} onClose={close} />}
    </span>
  );
}

interface DialogProps {
  payout: Payout;
  onClose: () => void;
}
const words = ({ amount, currency, creatorId }: Payout) =>
  `${money(amount, currency)} to ${creatorId}`;

function ApproveDialog({ payout, onClose }: DialogProps) {
  const approve = usePost('POST /payouts/{id}/approve');
  const [key] = useState(() => crypto.randomUUID() as string);
  const { to, before, changed, known, setSince } = useDestination(payout);
  return (
    <Dialog title="Approve the payout" onClose={onClose}>
      <p>
        {words(payout)}
        {to && (
          <>
            {' '}
            on <strong>{to.account ?? 'no account: ask the creator where to pay'}</strong>
          </>
        )}
        {payout.destination ? '.' : '. The approval fixes where it goes.'}
      </p>
      {changed && (
        <Notice kind="warn">
          The account was changed: the last payment went to <strong>{before!.account}</strong>. Ask
          the creator in another way than by e-mail before you approve it.
        </Notice>
      )}
      {setSince && (
        <Notice kind="warn">
          The account was changed <When at={setSince} as="minute" />, after the creator had asked
          for this payout.
          {payout.waitsUntil && (
            <>
              {' '}
              It can be approved from <When at={payout.waitsUntil} as="minute" /> on
              {payout.destination && (
                <>
                  , and then goes to <strong>{payout.destination.account}</strong>
                </>
              )}
              . Reject it to have it asked for again.
            </>
          )}
        </Notice>
      )}
      {approve.error && <Notice kind="bad">{approve.error.message}</Notice>}
      <div class="row">
        <Button
          primary
          busy={approve.isPending}
          disabled={!known || payout.waitsUntil !== null}
          onClick={() =>
            approve.mutate({ id: payout.payoutId, key }, { onSuccess: () => onClose() })
          }
        >
          Approve
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}

function RejectDialog({ payout, onClose }: DialogProps) {
  const reject = usePost('POST /payouts/{id}/reject');
  return (
    <ReasonDialog
      title="Reject the payout"
      label="Reason"
      hint="The creator reads it. The amount is available again at once."
      action="Reject"
      send={(reason, key) => reject.mutateAsync({ id: payout.payoutId, body: { reason }, key })}
      onClose={onClose}
    >
      <p>{words(payout)}</p>
    </ReasonDialog>
  );
}

function PaidDialog({ payout, onClose }: DialogProps) {
  const paid = usePost('POST /payouts/{id}/paid');
  return (
    <ReasonDialog
      title="Mark as paid"
      label="Reference of the transfer"
      hint="As the bank or PayPal names it; the creator finds the payment by it."
      action="Mark as paid"
      short
      send={(externalReference, key) =>
        paid.mutateAsync({ id: payout.payoutId, body: { externalReference }, key })
      }
      onClose={onClose}
    >
      <p>
        {words(payout)}
        {payout.destination && (
          <>
            {' '}
            on <strong>{payout.destination.account}</strong>
          </>
        )}
        . Record it once the money has left.
      </p>
    </ReasonDialog>
  );
}

function FailedDialog({ payout, onClose }: DialogProps) {
  const failed = usePost('POST /payouts/{id}/failed');
  return (
    <ReasonDialog
      title={payout.status === 'PAID' ? 'The money came back' : 'Mark as failed'}
      label="What went wrong"
      hint="The creator reads it. The amount is available again, for another account for example."
      action="Mark as failed"
      send={(reason, key) => failed.mutateAsync({ id: payout.payoutId, body: { reason }, key })}
      onClose={onClose}
    >
      <p>{words(payout)}</p>
    </ReasonDialog>
  );
}

/** "$20.00 and ¥1,500". */
export function sumOf(payouts: readonly Pick<Payout, 'amount' | 'currency'>[]): string {
  const sums = new Map<string, number>();
  for (const { amount, currency } of payouts)
    sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return [...sums].map(([currency, sum]) => money(sum, currency)).join(' and ');
}
