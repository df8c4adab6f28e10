import { useState } from 'preact/hooks';
import { Button, Notice } from '../../ui/controls.js';

/** A secret, in the only answer that has it. */
export function Secret({ secret, onDone }: { secret: string; onDone: () => void }) {
  const [copied, setCopied] = useState(false);
  return (
    <>
      <Notice kind="warn">It is shown this once. Keep it where your program reads it.</Notice>
      <code class="secret">{secret}</code>
      <p class="muted">
        Libraries of <span class="nowrap">Standard Webhooks</span> check signatures with it.
      </p>
      <div class="row">
        <Button
          onClick={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}
        >
          {copied ? 'Copied' : 'Copy'}
        </Button>
        <Button primary onClick={onDone}>
          I have kept it
        </Button>
      </div>
    </>
  );
}
