import { useState } from 'preact/hooks';
import * as z from 'zod/mini';
import { Button, Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Form, TextField, useForm } from '../../ui/form.js';
import { decimalOf, minorOf, money } from '../../ui/money.js';
import { usePost } from '../app/data.js';
import type { Answer } from '../app/routes.js';
import { amountUpTo } from './amount-up-to.js';

type Funding = Answer<'GET /brands/{id}/funding'>;
interface RefundProps {
  brandId: string;
  payment: Funding['payments'][number];
  onClose: () => void;
}

/** What has gone back of a payment; the same refund again is the same one. */
export function RefundDialog({ brandId, payment, onClose }: RefundProps) {
  const { reference, currency, amount: paid } = payment;
  const record = usePost('POST /brands/{id}/funding/refunds');
  const form = useForm({
    initial: { amount: decimalOf(paid, currency), refundId: '' },
    schema: z.object({
      amount: amountUpTo(paid, currency, 'the payment'),
      refundId: z
        .string()
        .check(
          z.trim(),
          z.minLength(1, 'What the bank or Stripe calls the refund or the dispute.'),
          z.maxLength(200, 'At most 200 letters.'),
        ),
    }),
    send: async ({ amount, refundId }, key) => {
      const body = { reference, refundId, currency, amount: minorOf(amount, currency)! };
      await record.mutateAsync({ id: brandId, body, key });
      onClose();
    },
  });
  return (
    <Dialog title="Record a refund" onClose={onClose}>
      <p>
        For money of <strong>{reference}</strong> that went back to {brandId}. Campaigns that run
        keep their budgets; with less than nothing left it launches none and tops none up.
      </p>
      <Form of={form} action="Record it" onCancel={onClose}>
        <TextField
          of={form}
          name="amount"
          label={`Amount in ${currency}`}
          inputMode="decimal"
          autocomplete="off"
        />
        <TextField
          of={form}
          name="refundId"
          label="Id of the refund or dispute"
          autocomplete="off"
        />
      </Form>
    </Dialog>
  );
}

interface UndoProps {
  brandId: string;
  refund: Funding['refunds'][number];
  onClose: () => void;
}

/** A refund has failed, or a dispute was won. */
export function UndoRefundDialog({ brandId, refund, onClose }: UndoProps) {
  const { refundId, amount, currency } = refund;
  const undo = usePost('POST /brands/{id}/funding/refunds/undo');
  const [key] = useState(() => crypto.randomUUID() as string);
  return (
    <Dialog title="Undo the refund" onClose={onClose}>
      <p>
        For a refund that has failed, or a dispute that was won: {brandId} has{' '}
        {money(amount, currency)} again, for good.
      </p>
      {undo.error && <Notice kind="bad">{undo.error.message}</Notice>}
      <div class="row">
        <Button
          primary
          busy={undo.isPending}
          onClick={() =>
            undo.mutate({ id: brandId, body: { refundId }, key }, { onSuccess: () => onClose() })
          }
        >
          Undo it
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}
