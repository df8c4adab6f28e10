import { CURRENCIES } from '@cliptally/contracts/currencies';
import * as z from 'zod/mini';
import { Dialog } from '../../ui/dialog.js';
import { Form, Select, TextField, useForm } from '../../ui/form.js';
import { decimalOf, minorOf, money } from '../../ui/money.js';
import { useGet, usePost } from '../app/data.js';

interface Props {
  creatorId?: string;
  onClose: () => void;
}

/** A payment that somebody has made by hand: it takes from what the creator has available. */
export function OutsideDialog({ creatorId = '', onClose }: Props) {
  const record = usePost('POST /creators/{id}/payments');
  const form = useForm({
    initial: { creatorId, currency: 'USD', amount: '', externalReference: '' },
    schema: z
      .object({
        creatorId: z.string().check(z.trim(), z.regex(/^[\w-]{1,64}$/, 'The id of a creator.')),
        currency: z.string(),
        amount: z.string(),
        externalReference: z
          .string()
          .check(
            z.trim(),
            z.minLength(1, 'What the bank or PayPal calls the transfer.'),
            z.maxLength(200, 'At most 200 letters.'),
          ),
      })
      .check(
        z.refine(({ amount, currency }) => (minorOf(amount, currency) ?? 0) > 0, {
          path: ['amount'],
          error: 'An amount above nothing, such as 12.50.',
        }),
      ),
    send: async ({ creatorId: id, currency, amount, externalReference }, key) => {
      const body = { currency, amount: minorOf(amount, currency)!, externalReference };
      await record.mutateAsync({ id, body, key });
      onClose();
    },
  });
  const id = form.values.creatorId.trim();
  const balance = useGet(
    'GET /creators/{id}/balance',
    { id },
    { enabled: /^[\w-]{1,64}$/.test(id) },
  );
  const own = balance.data?.balances.find(({ currency }) => currency === form.values.currency);
  return (
    <Dialog title="Record a payment made outside" onClose={onClose}>
      <p class="muted">
        For money that has left already, by hand. It is one step: the payment is recorded as paid,
        and the same reference again is the same payment.
      </p>
      <Form of={form} action="Record it" onCancel={onClose}>
        <TextField of={form} name="creatorId" label="Creator" autocomplete="off" />
        <Select
          of={form}
          name="currency"
          label="Currency"
          options={CURRENCIES.map((code) => [code, code] as const)}
        />
        <TextField
          of={form}
          name="amount"
          label="Amount"
          inputMode="decimal"
          autocomplete="off"
          hint={
            own
              ? `${money(own.available, own.currency)} are available (${decimalOf(Math.max(0, own.available), own.currency)}).`
              : null
          }
        />
        <TextField
          of={form}
          name="externalReference"
          label="Reference of the transfer"
          autocomplete="off"
        />
      </Form>
    </Dialog>
  );
}
