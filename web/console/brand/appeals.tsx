import { useState } from 'preact/hooks';
import { maxLength, minLength, object, string, trim } from 'zod/mini';
import { Button } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { Form, TextArea, useForm } from '../../ui/form.js';
import { Blank, Loaded } from '../../ui/states.js';
import { usePages, usePost } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { CampaignFilter } from './campaign-filter.js';
import { ClipPanel } from './clip-panel.js';
import { useCampaigns } from '../app/campaigns.js';
import { idOf, type Submission, submissionsOf } from './parts.js';

interface Asking {
  of: Submission;
  granted: boolean;
}

/** What creators say against a rejection or a hold; each is answered once. */
export default function Appeals({ query }: ScreenProps) {
  const campaignId = query['campaign'];
  const clips = usePages('GET /clips', { query: { appealed: true, campaignId, sort: 'oldest' } });
  const campaigns = useCampaigns();
  const [asking, setAsking] = useState<Asking | null>(null);
  const open =
    clips.items &&
    submissionsOf(
      clips.items,
      (entry) =>
        entry.appeal !== null &&
        entry.appeal.answer === null &&
        (campaignId === undefined || entry.campaignId === campaignId),
    );
  return (
    <Page title="Appeals" actions={<CampaignFilter campaigns={campaigns} value={campaignId} />}>
      <Loaded of={{ ...clips, data: open }} lines={8}>
        {(shown) =>
          shown.length === 0 ? (
            <Card>
              <Blank title="No appeal waits for an answer">
                <p>A creator can object once to a rejection or a hold. You read it here.</p>
              </Blank>
            </Card>
          ) : (
            <>
              {shown.map((one) => (
                <div class="card" key={idOf(one)}>
                  <ClipPanel
                    of={one}
                    campaign={campaigns?.get(one.entry.campaignId)}
                    actions={
                      <div class="row">
                        <Button primary onClick={() => setAsking({ of: one, granted: true })}>
                          {one.entry.hold ? 'Grant it and release' : 'Grant it and approve'}
                        </Button>
                        <Button danger onClick={() => setAsking({ of: one, granted: false })}>
                          Turn it down
                        </Button>
                      </div>
                    }
                  />
                </div>
              ))}
              {clips.hasNextPage && (
                <Button busy={clips.isFetchingNextPage} onClick={() => void clips.fetchNextPage()}>
                  Show more
                </Button>
              )}
            </>
          )
        }
      </Loaded>
      {asking && <AnswerDialog {...asking} onClose={() => setAsking(null)} />}
    </Page>
  );
}

const MOST = 500;
const Reason = object({
  reason: string().check(
    trim(),
    minLength(1, 'Say why: the creator reads it.'),
    maxLength(MOST, `At most ${MOST} characters.`),
  ),
});

function AnswerDialog({ of, granted, onClose }: Asking & { onClose: () => void }) {
  const answer = usePost('POST /clips/{id}/appeal/answer');
  const { clip, entry } = of;
  const form = useForm({
    initial: { reason: '' },
    schema: Reason,
    send: async ({ reason }, key) => {
      const { campaignId } = entry;
      await answer.mutateAsync({ id: clip.clipId, key, body: { campaignId, granted, reason } });
      onClose();
    },
  });
  return (
    <Dialog title={granted ? 'Grant the appeal' : 'Turn the appeal down'} onClose={onClose}>
      <p>“{entry.appeal?.text}”</p>
      <p class="muted">
        {!granted
          ? 'The decision stays, and cannot be appealed again.'
          : entry.hold
            ? 'The clip is released, and what it is due is paid.'
            : 'The clip is approved, and its views are paid by the terms.'}
      </p>
      <Form of={form} action={granted ? 'Grant it' : 'Turn it down'} onCancel={onClose}>
        <TextArea
          of={form}
          name="reason"
          label="Your answer"
          hint="The creator reads it."
          maxLength={MOST}
        />
      </Form>
    </Dialog>
  );
}
