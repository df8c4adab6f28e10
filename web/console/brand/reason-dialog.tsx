import { maxLength, minLength, object, string, trim } from 'zod/mini';
import { Button } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { plural } from '../../ui/format.js';
import { Form, TextField, useForm } from '../../ui/form.js';

interface ReasonProps {
  kind: 'reject' | 'hold';
  /** Of how many clips. */
  count: number;
  onClose: () => void;
  onReason: (reason: string) => void;
}

const MOST = 500;
const Reason = object({
  reason: string().check(
    trim(),
    minLength(1, 'Say why: the creator reads it.'),
    maxLength(MOST, `At most ${MOST} characters.`),
  ),
});

/** Reasons of this sitting, the last one first: most clips are rejected for the same few. */
const used: Record<ReasonProps['kind'], string[]> = { reject: [], hold: [] };
const MOST_OFFERED = 4;

export function ReasonDialog({ kind, count, onClose, onReason }: ReasonProps) {
  const words = kind === 'reject' ? 'Reject' : 'Hold';
  const clips = count === 1 ? 'the clip' : plural(count, 'clip');
  const form = useForm({
    initial: { reason: '' },
    schema: Reason,
    send: async ({ reason }) => {
      used[kind] = [reason, ...used[kind].filter((one) => one !== reason)].slice(0, MOST_OFFERED);
      onReason(reason);
    },
  });
  return (
    <Dialog title={`${words} ${clips}`} onClose={onClose}>
      <p class="muted">
        {kind === 'reject'
          ? 'It earns nothing more. Its creator can appeal once.'
          : 'It earns nothing until somebody releases it; its views are counted still. It is reviewed in three days.'}
      </p>
      <Form of={form} action={`${words} ${clips}`} onCancel={onClose}>
        <TextField
          of={form}
          name="reason"
          label="Reason"
          hint="The creator reads it."
          maxLength={MOST}
          autocomplete="off"
        />
        {used[kind].length > 0 && (
          <div class="row" role="group" aria-label="Reasons that you have used">
            {used[kind].map((reason) => (
              <Button key={reason} onClick={() => form.set('reason', reason)}>
                {reason}
              </Button>
            ))}
          </div>
        )}
      </Form>
    </Dialog>
  );
}
