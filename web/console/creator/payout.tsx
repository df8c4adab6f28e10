import {
  enum as oneOf,
  maxLength,
  minLength,
  object,
  pipe,
  refine,
  string,
  transform,
  trim,
} from 'zod/mini';
import { Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Form, Select, TextField, useForm } from '../../ui/form.js';
import { decimalOf, minorOf, money } from '../../ui/money.js';
import { usePost } from '../app/data.js';
import type { Answer } from '../app/routes.js';

type Balance = Answer<'GET /creators/{id}/balance'>['balances'][number];

/** An amount as it is typed, from the least to the most that may be asked for. */
const amountIn = ({ currency, payable, minimumPayout }: Balance) =>
  pipe(
    string().check(
      refine((text) => minorOf(text, currency) !== null, {
        error: `Write an amount such as ${decimalOf(payable, currency)}.`,
        abort: true,
      }),
      refine((text) => minorOf(text, currency)! <= payable, {
        error: `At most ${money(payable, currency)} can be paid out now.`,
      }),
      refine((text) => minorOf(text, currency)! >= Math.max(1, minimumPayout), {
        error: `A payout is of at least ${money(Math.max(1, minimumPayout), currency)}.`,
      }),
    ),
    transform((text) => minorOf(text, currency)!),
  );

interface PayoutProps {
  balance: Balance;
  onClose: () => void;
}

export function PayoutDialog({ balance, onClose }: PayoutProps) {
  const { currency, payable, minimumPayout } = balance;
  const request = usePost('POST /payouts');
  const form = useForm({
    initial: { amount: decimalOf(payable, currency) },
    schema: object({ amount: amountIn(balance) }),
    send: async ({ amount }, key) => {
      await request.mutateAsync({ key, body: { currency, amount } });
      onClose();
    },
  });
  return (
    <Dialog title="Request a payout" onClose={onClose}>
      <Form of={form} action="Request it" onCancel={onClose}>
        <TextField
          of={form}
          name="amount"
          label={`Amount in ${currency}`}
          hint={`Up to ${money(payable, currency)}${
            minimumPayout > 0 ? `, from ${money(minimumPayout, currency)} on` : ''
          }.`}
          inputMode="decimal"
          autocomplete="off"
        />
        <p class="muted">An admin approves it, and then it is sent to your payout account.</p>
      </Form>
    </Dialog>
  );
}

const PayoutAccount = object({
  provider: oneOf(['manual', 'stripe']),
  account: string().check(
    trim(),
    minLength(1, 'Say where payouts go.'),
    maxLength(200, 'At most 200 characters.'),
  ),
});

interface AccountProps {
  id: string;
  account: Answer<'GET /creators/{id}/payout-account'>;
  onClose: () => void;
}

export function AccountDialog({ id, account, onClose }: AccountProps) {
  const save = usePost('POST /creators/{id}/payout-account');
  const form = useForm({
    initial: { provider: account.provider, account: account.account ?? '' },
    schema: PayoutAccount,
    send: async (value, key) => {
      await save.mutateAsync({ id, key, body: value });
      onClose();
    },
  });
  const stripe = form.values.provider === 'stripe';
  return (
    <Dialog title="Where payouts go" onClose={onClose}>
      <Form of={form} action="Save" onCancel={onClose}>
        <Select
          of={form}
          name="provider"
          label="Paid by"
          options={[
            ['manual', 'Hand: bank transfer, PayPal or another way'],
            ['stripe', 'Stripe'],
          ]}
        />
        <TextField
          of={form}
          name="account"
          label={stripe ? 'Stripe account' : 'Account'}
          hint={
            stripe
              ? 'The id of your connected account. It begins with acct_.'
              : 'What the person who pays needs: an IBAN, or the address at PayPal.'
          }
          autocomplete="off"
        />
        <Notice kind="info">It holds for payouts that are approved from now on.</Notice>
      </Form>
    </Dialog>
  );
}
