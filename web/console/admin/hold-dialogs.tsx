import { useState } from 'preact/hooks';
import * as z from 'zod/mini';
import { Button, Choice, Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Form, TextArea, TextField, useForm } from '../../ui/form.js';
import { decimalOf, minorOf, money } from '../../ui/money.js';
import { usePost } from '../app/data.js';
import { amountUpTo } from './amount-up-to.js';
import { MOST_REASON, ReasonDialog, type CaseProps } from './parts.js';

type Props = CaseProps & { onClose: () => void };

export function ReleaseDialog({ clip, entry, onClose }: Props) {
  const release = usePost('POST /clips/{id}/release');
  const [key] = useState(() => crypto.randomUUID() as string);
  const { campaignId } = entry;
  return (
    <Dialog title="Release the clip" onClose={onClose}>
      <p>
        {entry.status === 'APPROVED'
          ? 'It earns again, and is paid all that was seen meanwhile.'
          : 'It goes back to its review.'}{' '}
        The same reasons do not hold it again.
      </p>
      {release.error && <Notice kind="bad">{release.error.message}</Notice>}
      <div class="row">
        <Button
          primary
          busy={release.isPending}
          onClick={() =>
            release.mutate(
              { id: clip.clipId, body: { campaignId }, key },
              { onSuccess: () => onClose() },
            )
          }
        >
          Release
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}

export function RejectDialog({ clip, entry, onClose }: Props) {
  const reject = usePost('POST /clips/{id}/reject');
  const { campaignId } = entry;
  return (
    <ReasonDialog
      title="Reject the clip"
      label="Reason"
      hint={`${entry.creatorId} reads it, and may appeal once.`}
      action="Reject"
      initial={entry.hold?.reason ?? ''}
      send={(reason, key) =>
        reject.mutateAsync({ id: clip.clipId, body: { campaignId, reason }, key })
      }
      onClose={onClose}
    >
      <p>
        It earns nothing more. What it has earned stays: {money(entry.earned, entry.currency)}.
        Taking that back is a step of its own.
      </p>
    </ReasonDialog>
  );
}

const reason = z
  .string()
  .check(
    z.trim(),
    z.minLength(1, 'Say why in a few words.'),
    z.maxLength(MOST_REASON, `At most ${MOST_REASON} letters.`),
  );

export function TakeBackDialog({ clip, entry, onClose }: Props) {
  const reverse = usePost('POST /clips/{id}/reverse');
  const { campaignId, earned, currency, creatorId } = entry;
  const form = useForm({
    initial: { amount: decimalOf(earned, currency), reason: '' },
    schema: z.object({
      amount: amountUpTo(earned, currency, 'what it has'),
      reason,
    }),
    send: async ({ amount, reason: words }, key) => {
      const body = { campaignId, amount: minorOf(amount, currency)!, reason: words };
      await reverse.mutateAsync({ id: clip.clipId, body, key });
      onClose();
    },
  });
  return (
    <Dialog title="Take money back" onClose={onClose}>
      <p>
        It is taken back for good, goes back to the campaign, and comes off what {creatorId} has
        available.
      </p>
      <Form of={form} action="Take it back" onCancel={onClose}>
        <TextField
          of={form}
          name="amount"
          label={`Amount in ${currency}`}
          inputMode="decimal"
          autocomplete="off"
        />
        <TextArea
          of={form}
          name="reason"
          label="Reason"
          hint="It stands in the statement of the creator."
          maxLength={MOST_REASON}
        />
      </Form>
    </Dialog>
  );
}

const ANSWERS = [
  ['yes', 'The creator is right'],
  ['no', 'It stays as it is'],
] as const;

export function AnswerDialog({ clip, entry, onClose }: Props) {
  const answer = usePost('POST /clips/{id}/appeal/answer');
  const { campaignId, appeal, hold, creatorId } = entry;
  const form = useForm({
    initial: { granted: '', reason: '' },
    schema: z.object({
      granted: z.enum(['yes', 'no'], { error: 'Choose an answer.' }),
      reason,
    }),
    send: async ({ granted, reason: words }, key) => {
      const body = { campaignId, granted: granted === 'yes', reason: words };
      await answer.mutateAsync({ id: clip.clipId, body, key });
      onClose();
    },
  });
  const fault = form.fault('granted');
  return (
    <Dialog title="Answer the appeal" onClose={onClose}>
      <blockquote>
        <p>{appeal!.text}</p>
      </blockquote>
      <Form of={form} action="Send the answer" onCancel={onClose}>
        <div class="field">
          <Choice
            label="Answer"
            value={form.values.granted}
            options={ANSWERS}
            onChange={(value) => form.set('granted', value)}
          />
          <p class="hint">
            If the creator is right, the clip is {hold ? 'released' : 'approved'} at once.
          </p>
          <p class="error" role="alert">
            {fault ?? ''}
          </p>
        </div>
        <TextArea
          of={form}
          name="reason"
          label="Reason"
          hint={`${creatorId} reads it. An appeal is answered once.`}
          maxLength={MOST_REASON}
        />
      </Form>
    </Dialog>
  );
}
