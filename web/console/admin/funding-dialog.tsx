import { CURRENCIES } from '@cliptally/contracts/currencies';
import * as z from 'zod/mini';
import { Dialog } from '../../ui/dialog.js';
import { Form, Select, TextField, useForm } from '../../ui/form.js';
import { minorOf, money } from '../../ui/money.js';
import { useGet, usePost } from '../app/data.js';

const BRAND = /^[\w-]{1,64}$/;

interface Props {
  brandId?: string;
  onClose: () => void;
}

/** What a brand has paid in for campaigns: the same reference again is the same payment. */
export function FundingDialog({ brandId = '', onClose }: Props) {
  const record = usePost('POST /brands/{id}/funding');
  const form = useForm({
    initial: { brandId, currency: 'USD', amount: '', reference: '' },
    schema: z
      .object({
        brandId: z.string().check(z.trim(), z.regex(BRAND, 'The id of a brand.')),
        currency: z.string(),
        amount: z.string(),
        reference: z
          .string()
          .check(
            z.trim(),
            z.minLength(1, 'What the bank calls the payment, or the number of the invoice.'),
            z.maxLength(200, 'At most 200 letters.'),
          ),
      })
      .check(
        z.refine(({ amount, currency }) => (minorOf(amount, currency) ?? 0) > 0, {
          path: ['amount'],
          error: 'An amount above nothing, such as 1250.00.',
        }),
      ),
    send: async ({ brandId: id, currency, amount, reference }, key) => {
      const body = { currency, amount: minorOf(amount, currency)!, reference };
      await record.mutateAsync({ id, body, key });
      onClose();
    },
  });
  const id = form.values.brandId.trim();
  const funding = useGet('GET /brands/{id}/funding', { id }, { enabled: BRAND.test(id) });
  const own = funding.data?.currencies.find(({ currency }) => currency === form.values.currency);
  return (
    <Dialog title="Record a payment of a brand" onClose={onClose}>
      <p class="muted">
        For money that has arrived. The brand launches campaigns up to what it has paid in, if that
        is a rule here. The same reference again is the same payment.
      </p>
      <Form of={form} action="Record it" onCancel={onClose}>
        <TextField
          of={form}
          name="brandId"
          label="Brand"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
        />
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
              ? `${money(own.funded, own.currency)} paid in so far, ${money(own.left, own.currency)} left.`
              : null
          }
        />
        <TextField of={form} name="reference" label="Reference of the payment" autocomplete="off" />
      </Form>
    </Dialog>
  );
}
