import { platformName } from '../../ui/format.js';
import { useState } from 'preact/hooks';
import { Button } from '../../ui/controls.js';
import { Loaded } from '../../ui/states.js';
import { useGet } from '../app/data.js';
import { Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { ClipPanel } from './clip-panel.js';
import { outbox, type Decision } from './outbox.js';
import { useCampaigns } from '../app/campaigns.js';
import type { Submission } from './parts.js';
import { ReasonDialog } from './reason-dialog.js';
import { Sending } from './sending.js';

/** One clip, in each of the brand's campaigns. */
export default function ClipScreen({ params }: ScreenProps) {
  const id = params['id']!;
  const clip = useGet('GET /clips/{id}', { id });
  const campaigns = useCampaigns();
  const [said, setSaid] = useState('');
  return (
    <Page
      title={`${platformName(id.slice(0, id.indexOf('-')))} clip`}
      back={{ href: '/console/campaigns', label: 'Campaigns' }}
    >
      <Sending said={said} onUndo={() => setSaid(outbox.undo())} />
      <Loaded of={clip} lines={8}>
        {(known) => (
          <>
            {known.campaigns.map((entry) => (
              <div class="card" key={entry.campaignId}>
                <ClipPanel
                  of={{ clip: known, entry }}
                  campaign={campaigns?.get(entry.campaignId)}
                  actions={<Actions of={{ clip: known, entry }} onDone={setSaid} />}
                />
              </div>
            ))}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Actions({ of, onDone }: { of: Submission; onDone: (words: string) => void }) {
  const [asking, setAsking] = useState<'reject' | 'hold' | null>(null);
  const { status, hold } = of.entry;
  const decide = (decision: Decision, words: string) => {
    outbox.decide([{ clipId: of.clip.clipId, campaignId: of.entry.campaignId }], decision);
    onDone(words);
  };
  const mayReject = hold !== null || status === 'PENDING';
  if (status === 'REJECTED') return null;
  return (
    <div class="row">
      {hold && (
        <Button primary onClick={() => decide({ kind: 'release' }, 'Released.')}>
          Release
        </Button>
      )}
      {!hold && status === 'PENDING' && (
        <Button primary icon="check" onClick={() => decide({ kind: 'approve' }, 'Approved.')}>
          Approve
        </Button>
      )}
      {!hold && <Button onClick={() => setAsking('hold')}>Hold</Button>}
      {mayReject && (
        <Button danger onClick={() => setAsking('reject')}>
          Reject
        </Button>
      )}
      {asking && (
        <ReasonDialog
          kind={asking}
          count={1}
          onClose={() => setAsking(null)}
          onReason={(reason) => {
            setAsking(null);
            decide({ kind: asking, reason }, asking === 'hold' ? 'Put on hold.' : 'Rejected.');
          }}
        />
      )}
    </div>
  );
}
