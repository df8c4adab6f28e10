import type { ErasureAnswer } from '@cliptally/contracts/api';
import { useState } from 'preact/hooks';
import * as z from 'zod/mini';
import { Button, Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Form, Select, TextField, Tick, useForm } from '../../ui/form.js';
import { When } from '../../ui/when.js';
import { usePost } from '../app/data.js';

const REASONS = [
  ['requested', 'The creator asks for it'],
  ['inactive', 'It has not been active for long'],
  ['terminated', 'Its contract has ended'],
  ['unlawful', 'The data may not be kept'],
] as const;

interface Props {
  creatorId: string;
  onClose: () => void;
}

/** Destroys the keys of a creator's texts; sums stay. Asked again, the answer is the same. */
export function EraseDialog({ creatorId, onClose }: Props) {
  const erase = usePost('POST /creators/{id}/erase');
  const [done, setDone] = useState<ErasureAnswer | null>(null);
  const form = useForm({
    initial: { reason: 'requested', keepTaxProfile: false, forfeit: false, id: '' },
    schema: z.object({
      reason: z.string(),
      keepTaxProfile: z.boolean(),
      forfeit: z.boolean(),
      id: z.string().check(
        z.refine((typed) => typed.trim() === creatorId, {
          error: `Write ${creatorId}, as it stands here.`,
        }),
      ),
    }),
    send: async ({ reason, keepTaxProfile, forfeit }, key) => {
      const body = { reason, keepTaxProfile, forfeit };
      setDone(await erase.mutateAsync({ id: creatorId, body, key }));
    },
  });
  if (done) return <Erased answer={done} onClose={onClose} />;
  return (
    <Dialog title={`Erase ${creatorId}`} onClose={onClose}>
      <p>
        <strong>This cannot be undone.</strong> Lost for ever, here and in the log:
      </p>
      <ul class="bullets">
        <li>links as it gave them, its accounts, and whose account a clip is on</li>
        <li>reasons, appeals and answers about its clips</li>
        <li>where its payouts went, and the references of transfers</li>
        <li>its tax profile, unless it is kept below</li>
      </ul>
      <p>
        Ids, amounts, dates and views stay: they prove what was earned and paid. From then on
        nothing can be submitted, claimed or paid in its name.
      </p>
      <Form of={form} action="Erase it for good" danger onCancel={onClose}>
        <Select of={form} name="reason" label="Reason" options={REASONS} />
        <Tick
          of={form}
          name="keepTaxProfile"
          label="Keep its tax profile, sealed"
          hint="The tax office may ask for years."
        />
        <Tick
          of={form}
          name="forfeit"
          label="It gives up the money that it has"
          hint="Else it has to be paid out first."
        />
        <TextField
          of={form}
          name="id"
          label={`Write ${creatorId} to confirm`}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
        />
      </Form>
    </Dialog>
  );
}

interface ErasedProps {
  answer: ErasureAnswer;
  onClose: () => void;
}

const Erased = ({ answer: { creatorId, erasedAt }, onClose }: ErasedProps) => (
  <Dialog title={`${creatorId} is erased`} onClose={onClose}>
    <Notice kind="good">
      {erasedAt === null ? (
        'It is in the log. Its texts can be read for a minute more at most.'
      ) : (
        <>
          Nobody can read its texts since <When at={erasedAt} as="minute" />.
        </>
      )}
    </Notice>
    <p>
      Delete files about it that you have downloaded, and tell those who get your webhooks: neither
      can be reached from here.
    </p>
    <div class="row">
      <Button primary onClick={onClose}>
        Close
      </Button>
    </div>
  </Dialog>
);
