import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import * as z from 'zod/mini';
import { Button, Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Form, TextField, useForm } from '../../ui/form.js';
import { usePost } from '../app/data.js';
import { Secret } from './secret.js';
import { Types, WRONG_ADDRESS, isAddress } from './webhook-fields.js';
import { shortUrl, type Endpoint } from './webhooks.js';

interface Props {
  endpoint: Endpoint;
  onClose: () => void;
}

/** Another address, or other types. */
export function ChangeDialog({ endpoint, onClose }: Props) {
  const { endpointId: id, form: kind, url: known } = endpoint;
  const change = usePost('POST /webhook-endpoints/{id}/change');
  const [types, setTypes] = useState<ReadonlySet<string>>(new Set(endpoint.types));
  // Of a chat room the API says the host alone: what stays empty stays as it is.
  const secret = kind === 'slack' || kind === 'discord';
  const form = useForm({
    initial: { url: secret ? '' : known },
    schema: z.object({ url: z.string().check(z.trim(), z.maxLength(2048)) }).check(
      z.refine(({ url }) => (secret && url === '') || isAddress(kind, url), {
        path: ['url'],
        error: WRONG_ADDRESS,
      }),
    ),
    send: async ({ url }, key) => {
      const body = { ...(url && url !== known && { url }), types: [...types] };
      await change.mutateAsync({ id, key, body });
      onClose();
    },
  });
  return (
    <Dialog title="Change the endpoint" onClose={onClose}>
      <Form of={form} action="Change it" onCancel={onClose}>
        <TextField
          of={form}
          name="url"
          label={kind === 'email' ? 'Mailbox' : 'Address'}
          type="url"
          hint={secret ? 'Empty: the channel stays.' : 'What waits is sent there too.'}
          autocomplete="off"
        />
        <Types chosen={types} onChange={setTypes} none="Gets nothing" />
      </Form>
    </Dialog>
  );
}

export function DeleteDialog({ endpoint: { endpointId: id, url }, onClose }: Props) {
  const { route } = useLocation();
  const remove = usePost('POST /webhook-endpoints/{id}/delete');
  return (
    <Dialog title="Delete the endpoint" onClose={onClose}>
      <p>
        <strong class="url">{shortUrl(url)}</strong> gets nothing any more. Its secrets and all that
        waits for it go too.
      </p>
      <Notice kind="warn">This cannot be undone. Switch it off instead to keep what waits.</Notice>
      {remove.error && <Notice kind="bad">{remove.error.message}</Notice>}
      <div class="row">
        <Button
          danger
          busy={remove.isPending}
          onClick={() => remove.mutate({ id }, { onSuccess: () => route('/console/webhooks') })}
        >
          Delete it for good
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}

export function RotateDialog({ endpoint: { endpointId: id }, onClose }: Props) {
  const rotate = usePost('POST /webhook-endpoints/{id}/rotate');
  const [key] = useState(() => crypto.randomUUID() as string);
  return (
    <Dialog title="Replace the secret" onClose={onClose}>
      {rotate.data ? (
        <Secret secret={rotate.data.secret} onDone={onClose} />
      ) : (
        <>
          <p>Both secrets sign for 24 hours, so that nothing is lost while you exchange them.</p>
          {rotate.error && <Notice kind="bad">{rotate.error.message}</Notice>}
          <div class="row">
            <Button primary busy={rotate.isPending} onClick={() => rotate.mutate({ id, key })}>
              Replace it
            </Button>
            <Button onClick={onClose}>Cancel</Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
