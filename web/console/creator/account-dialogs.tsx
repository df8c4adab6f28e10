import { enum as oneOf, maxLength, minLength, object, string, trim } from 'zod/mini';
import { Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Form, Select, TextField, useForm } from '../../ui/form.js';
import { PLATFORMS, platformName } from '../../ui/format.js';
import { usePost } from '../app/data.js';
import { accountName, type Account } from './account-parts.js';

const SITES = Object.keys(PLATFORMS);
const Claim = object({
  platform: oneOf(SITES, 'Choose the platform.'),
  handle: string().check(
    trim(),
    minLength(1, 'Say which account it is.'),
    maxLength(300, 'At most 300 characters.'),
  ),
});

interface ClaimProps {
  id: string;
  platform: string | undefined;
  onClose: () => void;
}

export function ClaimDialog({ id, platform = '', onClose }: ClaimProps) {
  const claim = usePost('POST /creators/{id}/accounts');
  const form = useForm({
    initial: { platform: SITES.includes(platform) ? platform : '', handle: '' },
    schema: Claim,
    send: async (body, key) => {
      await claim.mutateAsync({ id, key, body });
      onClose();
    },
  });
  return (
    <Dialog title="Claim an account" onClose={onClose}>
      <Form of={form} action="Claim it" onCancel={onClose}>
        <Select
          of={form}
          name="platform"
          label="Platform"
          options={[
            ['', 'Choose one'],
            ...SITES.map((site) => [site, platformName(site)] as const),
          ]}
        />
        <TextField
          of={form}
          name="handle"
          label="Account"
          hint="Its name, such as @ann.clips, or the address of its page."
          autocomplete="off"
        />
        <p class="muted">You get a code for its bio. Only who can write there can prove it.</p>
      </Form>
    </Dialog>
  );
}

interface WithdrawProps {
  account: Account;
  onClose: () => void;
}

export function WithdrawDialog({ account, onClose }: WithdrawProps) {
  const release = usePost('POST /accounts/{id}/release');
  const form = useForm({
    initial: { reason: '' },
    schema: object({ reason: string().check(trim(), maxLength(500, 'At most 500 characters.')) }),
    send: async (body, key) => {
      await release.mutateAsync({ id: account.accountId, key, body });
      onClose();
    },
  });
  const proved = account.status === 'VERIFIED';
  return (
    <Dialog title={proved ? 'Give the account up' : 'Withdraw the claim'} onClose={onClose}>
      <p>
        <strong>{accountName(account)}</strong> on {platformName(account.platform)}
      </p>
      {proved && (
        <Notice kind="warn">
          Clips of it are held in campaigns that ask for a proof. What they were paid stays paid.
        </Notice>
      )}
      <Form of={form} action={proved ? 'Give it up' : 'Withdraw it'} onCancel={onClose}>
        <TextField of={form} name="reason" label="Reason, if you like" autocomplete="off" />
      </Form>
    </Dialog>
  );
}
