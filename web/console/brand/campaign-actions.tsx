import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { check, maxLength, object, pipe, string, transform, trim } from 'zod/mini';
import { Button, Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Form, TextArea, TextField, useForm } from '../../ui/form.js';
import { minorOf, money } from '../../ui/money.js';
import { usePost } from '../app/data.js';
import type { PostRoute } from '../app/routes.js';
import type { Campaign } from '../app/campaigns.js';

type Doing = 'top-up' | 'pause' | 'resume' | 'end';

/** What the brand can do with a campaign, each after a sentence that says what follows. */
export function CampaignActions({ campaign }: { campaign: Campaign }) {
  const [doing, setDoing] = useState<Doing | null>(null);
  const { status } = campaign;
  if (status === 'ENDED') return null;
  const close = () => setDoing(null);
  const dialog = { campaign, onClose: close };
  return (
    <>
      <Button primary icon="add" onClick={() => setDoing('top-up')}>
        Top up
      </Button>
      {status === 'ACTIVE' ? (
        <Button onClick={() => setDoing('pause')}>Pause</Button>
      ) : (
        <Button onClick={() => setDoing('resume')}>Resume</Button>
      )}
      <Button danger onClick={() => setDoing('end')}>
        End
      </Button>
      {doing === 'top-up' && <TopUp {...dialog} />}
      {doing === 'pause' && (
        <Change
          {...dialog}
          route="POST /campaigns/{id}/pause"
          title="Pause the campaign"
          action="Pause it"
          withReason
        >
          <li>No clip is scraped, and nothing is paid, until you resume it.</li>
          <li>Creators cannot submit new clips meanwhile.</li>
          <li>The days during which views of a clip count go on.</li>
        </Change>
      )}
      {doing === 'resume' && (
        <Change
          {...dialog}
          route="POST /campaigns/{id}/resume"
          title="Resume the campaign"
          action="Resume it"
        >
          <li>Clips are scraped and paid again, as their turn comes.</li>
          <li>Creators can submit new clips.</li>
        </Change>
      )}
      {doing === 'end' && (
        <Change
          {...dialog}
          route="POST /campaigns/{id}/end"
          title="End the campaign for good"
          action="End it for good"
          withReason
        >
          <li>This cannot be undone.</li>
          <li>
            Views that are seen from now on count no more; what was seen before is still paid.
          </li>
          <li>Clips that wait for review can no longer be approved.</li>
          <li>
            Of {money(campaign.remaining, campaign.currency)} that remain, what is not due to
            creators goes back to you. The close-out report says when that is final.
          </li>
        </Change>
      )}
    </>
  );
}

interface DialogProps {
  campaign: Campaign;
  onClose: () => void;
}

interface ChangeProps extends DialogProps {
  route: Extract<PostRoute, `POST /campaigns/{id}/${'pause' | 'resume' | 'end'}`>;
  title: string;
  action: string;
  withReason?: boolean;
  /** What follows, in list items. */
  children: ComponentChildren;
}

const Reason = object({
  reason: string().check(trim(), maxLength(500, 'At most 500 characters.')),
});

function Change({ campaign, onClose, route, title, action, withReason, children }: ChangeProps) {
  const change = usePost(route);
  const form = useForm({
    initial: { reason: '' },
    schema: Reason,
    send: async (value, key) => {
      await change.mutateAsync({ id: campaign.campaignId, key, body: withReason ? value : {} });
      onClose();
    },
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <p>
        <strong>{campaign.name}</strong>
      </p>
      <ul class="follows">{children}</ul>
      <Form of={form} action={action} onCancel={onClose}>
        {withReason && (
          <TextArea of={form} name="reason" label="Reason, if you like" maxLength={500} />
        )}
      </Form>
    </Dialog>
  );
}

/** An amount as it is typed, in minor units above 0. */
const amountIn = (currency: string, words: string) =>
  pipe(
    string().check(
      check(({ value, issues }) => {
        if (!minorOf(value, currency))
          issues.push({ code: 'custom', message: words, input: value });
      }),
    ),
    transform((text: string) => minorOf(text, currency)!),
  );

function TopUp({ campaign, onClose }: DialogProps) {
  const { currency, budget, remaining, exhausted } = campaign;
  const topUp = usePost('POST /campaigns/{id}/top-up');
  const form = useForm({
    initial: { amount: '' },
    schema: object({
      amount: amountIn(
        currency,
        `An amount in ${currency}, such as ${money(50_000, currency)}, without signs.`,
      ),
    }),
    send: async (body, key) => {
      await topUp.mutateAsync({ id: campaign.campaignId, key, body });
      onClose();
    },
  });
  const added = minorOf(form.values.amount, currency);
  return (
    <Dialog title="Top up" onClose={onClose}>
      <p>
        <strong>{campaign.name}</strong>
      </p>
      <Form of={form} action={added ? `Add ${money(added, currency)}` : 'Add'} onCancel={onClose}>
        <TextField
          of={form}
          name="amount"
          label={`Amount in ${currency}`}
          inputMode="decimal"
          autocomplete="off"
        />
        {added ? (
          <Notice kind="info">
            <p>
              The budget becomes <strong>{money(budget + added, currency)}</strong>, of which{' '}
              <strong>{money(remaining + added, currency)}</strong> remain.
            </p>
            {exhausted && <p>Clips that are due money are paid first.</p>}
            <p>A budget can be raised, and not lowered: end the campaign to get the rest back.</p>
          </Notice>
        ) : null}
      </Form>
    </Dialog>
  );
}
