import { object, string, trim, minLength, maxLength } from 'zod/mini';
import { Dialog } from '../../ui/dialog.js';
import { Form, TextArea, useForm } from '../../ui/form.js';
import { usePost } from '../app/data.js';

const MOST = 1_000;
const Appeal = object({
  text: string().check(
    trim(),
    minLength(1, 'Say why the decision should change.'),
    maxLength(MOST, `At most ${MOST} characters.`),
  ),
});

interface AppealProps {
  clipId: string;
  campaignId: string;
  onClose: () => void;
}

/** A creator objects to a rejection or a hold, once. */
export function AppealDialog({ clipId, campaignId, onClose }: AppealProps) {
  const appeal = usePost('POST /clips/{id}/appeal');
  const form = useForm({
    initial: { text: '' },
    schema: Appeal,
    send: async ({ text }, key) => {
      await appeal.mutateAsync({ id: clipId, key, body: { campaignId, text } });
      onClose();
    },
  });
  return (
    <Dialog title="Appeal the decision" onClose={onClose}>
      <Form of={form} action="Send the appeal" onCancel={onClose}>
        <TextArea
          of={form}
          name="text"
          label="Why should it change?"
          hint="The brand or an admin reads this. You can appeal once."
          maxLength={MOST}
        />
      </Form>
    </Dialog>
  );
}
