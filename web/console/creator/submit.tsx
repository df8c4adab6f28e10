import { platformName } from '../../ui/format.js';
import { identifyClip } from '@cliptally/contracts/clip-links';
import { useLocation } from 'preact-iso';
import { useEffect, useRef, useState } from 'preact/hooks';
import { minLength, object, string, trim } from 'zod/mini';
import { Button, Notice } from '../../ui/controls.js';
import { Form, Select, TextField, useForm } from '../../ui/form.js';
import { Blank, Loaded } from '../../ui/states.js';
import { useStore } from '../../ui/store.js';
import { examples } from '../app/config.js';
import { useAll, usePost, usePreview } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import type { Campaign } from '../app/campaigns.js';
import { CampaignTermsList } from './terms.js';

const Submission = object({
  url: string().check(trim(), minLength(1, 'Paste the link of your clip.')),
  campaignId: string().check(minLength(1, 'Choose the campaign that it is for.')),
});

export default function Submit({ query }: ScreenProps) {
  const campaigns = useAll('GET /campaigns', { query: { status: 'ACTIVE' } });
  return (
    <Page title="Submit a clip">
      <Loaded of={campaigns}>
        {(open) =>
          open.length === 0 ? (
            <Card>
              <Blank title="No campaign takes clips just now">
                <p>Come back when a brand has launched one.</p>
              </Blank>
            </Card>
          ) : (
            <SubmitForm campaigns={open} chosen={query['campaign']} />
          )
        }
      </Loaded>
    </Page>
  );
}

function SubmitForm({
  campaigns,
  chosen,
}: {
  campaigns: readonly Campaign[];
  chosen: string | undefined;
}) {
  const { route } = useLocation();
  const submit = usePost('POST /clips');
  const [waits, setWaits] = useState<string | null>(null);
  const known = campaigns.some(({ campaignId }) => campaignId === chosen);
  const form = useForm({
    initial: {
      url: '',
      campaignId: known ? chosen! : campaigns.length === 1 ? campaigns[0]!.campaignId : '',
    },
    schema: Submission,
    send: async (value, key) => {
      setWaits(null);
      const answer = await submit.mutateAsync({ key, body: value });
      // A short link whose site does not answer is kept, and is no clip yet.
      if (isShortLink(answer)) {
        setWaits(answer.detail ?? 'It is followed again soon.');
        form.set('url', '');
      } else route(`/console/clips/${answer.clipId}`);
    },
  });
  const campaign = campaigns.find(({ campaignId }) => campaignId === form.values.campaignId);
  return (
    <div class="two-columns">
      <Card>
        <Form of={form} action="Submit">
          <TextField
            of={form}
            name="url"
            label="Link of the clip"
            hint="As you copy it from TikTok, YouTube, Instagram, X or Facebook."
            type="url"
            inputMode="url"
            autocomplete="off"
            autofocus
          />
          <Example onUse={(url) => form.set('url', url)} />
          <LinkAnswer url={form.values.url} campaign={campaign} />
          <Select
            of={form}
            name="campaignId"
            label="Campaign"
            options={[
              ['', 'Choose one'],
              ...campaigns.map((one) => [one.campaignId, optionOf(one)] as const),
            ]}
          />
          {waits && (
            <Notice kind="info">
              <p>The link is kept, and waits. {waits}</p>
              <p>
                <a href="/console/clips">See it beside your clips</a>
              </p>
            </Notice>
          )}
        </Form>
      </Card>
      {campaign && (
        <Card title={`What “${campaign.name}” pays`}>
          <CampaignTermsList campaign={campaign} />
        </Card>
      )}
    </div>
  );
}

/** Whose it is, and whether there is anything left to earn. */
const optionOf = ({ name, brandId, exhausted }: Campaign): string =>
  `${name}, of ${brandId}${exhausted ? ' (its budget is used up)' : ''}`;

/** Who only wants to see how it works has no clip. */
function Example({ onUse }: { onUse: (url: string) => void }) {
  const links = useStore(examples);
  const nth = useRef(Math.floor(Math.random() * links.length));
  if (links.length === 0) return null;
  return (
    <p class="muted">
      This is a sample world: the views of any clip are made up.{' '}
      <Button plain onClick={() => onUse(links[nth.current++ % links.length]!)}>
        Use an example
      </Button>
    </p>
  );
}

const isShortLink = (answer: object): answer is { linkId: string; detail?: string | null } =>
  'linkId' in answer;

/**
 * What the link is, said while it is typed: at once by the rules that the API has as well, and then
 * by the API, which knows the campaign and the clips that are there.
 */
function LinkAnswer({ url, campaign }: { url: string; campaign: Campaign | undefined }) {
  const settled = useSettled(url.trim());
  const link = settled === '' ? null : identifyClip(settled);
  const { data: preview } = usePreview(
    'POST /clips/preview',
    { url: settled, ...(campaign && { campaignId: campaign.campaignId }) },
    { enabled: link?.kind === 'clip' },
  );
  if (!link) return null;
  if (link.kind === 'refused') return <Notice kind="warn">{link.message}</Notice>;
  if (link.kind === 'short-link')
    return <Notice kind="info">This is a short link. It is followed when you submit it.</Notice>;
  // The answer to what was typed before says nothing about this.
  const refusal = preview?.clip?.clipId === link.clipId ? preview.refusal : null;
  return (
    <Notice kind={refusal ? 'warn' : 'good'}>
      <p>A clip on {platformName(link.platform)}. It is kept as</p>
      <p class="url">{link.url}</p>
      {refusal && <p>{refusal.detail}</p>}
    </Notice>
  );
}

/** The text once nobody has typed for a moment, so that half a link is not called wrong. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 300);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
