import { useState } from 'preact/hooks';
import * as z from 'zod/mini';
import { Dialog } from '../../ui/dialog.js';
import { Form, Select, TextField, useForm } from '../../ui/form.js';
import { usePost } from '../app/data.js';
import { Secret } from './secret.js';
import { Types, isAddress, WRONG_ADDRESS } from './webhook-fields.js';

const FORMS = [
  ['standard', 'A program: signed JSON'],
  ['slack', 'A Slack channel: sentences'],
  ['discord', 'A Discord channel: sentences'],
  ['email', 'A mailbox: sentences'],
] as const;

export function NewEndpointDialog({ onClose }: { onClose: () => void }) {
  const add = usePost('POST /webhook-endpoints');
  const [types, setTypes] = useState<ReadonlySet<string>>(new Set());
  const [secret, setSecret] = useState<string | null>(null);
  const form = useForm({
    initial: { form: 'standard', url: '', brandId: '' },
    schema: z
      .object({
        form: z.string(),
        url: z.string().check(z.trim(), z.minLength(1, 'Where to send it.'), z.maxLength(2048)),
        brandId: z.string().check(z.trim()),
      })
      .check(
        z.refine(({ form: kind, url }) => isAddress(kind, url), {
          path: ['url'],
          error: WRONG_ADDRESS,
        }),
      ),
    send: async ({ form: kind, url, brandId }, key) => {
      const body = {
        form: kind,
        url,
        ...(brandId && { brandId }),
        ...(types.size > 0 && { types: [...types] }),
      };
      const made = await add.mutateAsync({ body, key });
      if (kind === 'standard') setSecret(made.secret);
      else onClose();
    },
  });
  if (secret !== null)
    return (
      <Dialog title="The endpoint's secret" onClose={onClose}>
        <Secret secret={secret} onDone={onClose} />
      </Dialog>
    );
  const mail = form.values.form === 'email';
  return (
    <Dialog title="Add an endpoint" onClose={onClose}>
      <Form of={form} action="Add it" onCancel={onClose}>
        <Select of={form} name="form" label="What it is" options={FORMS} />
        <TextField
          of={form}
          name="url"
          label={mail ? 'Mailbox' : 'Address'}
          type="url"
          placeholder={mail ? 'mailto:money@example.com' : 'https://'}
          hint={mail ? 'Needs a mail server.' : 'Of the public Internet, with https.'}
          autocomplete="off"
        />
        <TextField
          of={form}
          name="brandId"
          label="Brand"
          hint="Hears of its own campaigns alone. Empty: the operator, who hears of all."
          autocomplete="off"
        />
        <Types chosen={types} onChange={setTypes} none="Gets what is usual for it" />
      </Form>
    </Dialog>
  );
}
