import type { FailuresSection } from '@cliptally/monitor/live';
import { useEffect, useState } from 'preact/hooks';
import { ago, instant, number, plural } from '../ui/format.js';
import { useStore } from '../ui/store.js';
import { ClipName, PlatformMark } from './clip-name.js';
import { useNow } from './live.js';
import { token } from './token.js';

interface Admin {
  /** Gives a short answer for each, by request. */
  retry(requestIds: string[]): Promise<Record<string, string>>;
}

export function Failures({ failures }: { failures: FailuresSection }) {
  const now = useNow();
  const [admin, setAdmin] = useState<Admin | null>(null);
  /** The answer to each retry, by request. */
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const { lines, total, reasons } = failures;
  const open = lines.filter(({ requestId }) => answers[requestId] === undefined);
  async function retry(requestIds: string[]): Promise<void> {
    const all = (words: string) => Object.fromEntries(requestIds.map((id) => [id, words]));
    const show = (words: Record<string, string>) =>
      setAnswers((before) => ({ ...before, ...words }));
    show(all('…'));
    show(await admin!.retry(requestIds).catch((error: Error) => all(error.message)));
  }
  return (
    <section class="card" id="failures" aria-label="Failures">
      <header>
        <h2>Failures</h2>
        <p class="readout">{total > 0 && `${plural(total, 'clip')} whose last scrape failed`}</p>
      </header>
      {lines.length === 0 ? (
        <p class="empty">
          No clip is failing. What fails is kept here, with its reason, until a scrape succeeds.
        </p>
      ) : (
        <>
          <ul class="reasons">
            {reasons.map(({ reason, words, clips }) => (
              <li key={reason}>
                <strong>{plural(clips, 'clip')}</strong>: {words}
              </li>
            ))}
          </ul>
          <ul class="failures">
            {lines.map((line) => (
              <li key={line.requestId}>
                <PlatformMark platform={line.platform} />
                <div>
                  <ClipName clipId={line.clipId} url={line.url} />
                  <span class="line">{line.words}</span>
                  <span class="faint line" title={instant(line.failedAt)}>
                    {ago(now, line.failedAt)}, {plural(line.attempts, 'attempt')} by {line.source}
                    {line.times > 1 && `, ${number(line.times)} times in a row`}
                    {line.detail ? `: ${line.detail}` : ''}
                  </span>
                </div>
                {answers[line.requestId] !== undefined ? (
                  <span class="faint said" role="status">
                    {answers[line.requestId]}
                  </span>
                ) : (
                  admin && (
                    <button
                      onClick={() => void retry([line.requestId])}
                      aria-label={`Retry ${line.clipId}`}
                    >
                      Retry
                    </button>
                  )
                )}
              </li>
            ))}
          </ul>
          {admin && lines.length > 1 && open.length > 0 && (
            <button class="more" onClick={() => void retry(open.map(({ requestId }) => requestId))}>
              Retry all {number(open.length)}
            </button>
          )}
          <AdminForm admin={admin} setAdmin={setAdmin} />
        </>
      )}
    </section>
  );
}

/** Shown if there is an earnings API; the token stays in this tab. */
function AdminForm({
  admin,
  setAdmin,
}: {
  admin: Admin | null;
  setAdmin: (admin: Admin | null) => void;
}) {
  const [api, setApi] = useState<string | null>(null);
  const [fault, setFault] = useState('');
  useEffect(() => {
    fetch('config.json')
      .then((response) => response.json() as Promise<{ earningsUrl: string | null }>)
      .then(({ earningsUrl }) => setApi(earningsUrl?.replace(/\/$/, '') ?? null), () => setApi(null)); // prettier-ignore
  }, []);
  const given = useStore(token);
  useEffect(() => {
    if (api !== null && given !== null && !admin)
      connect(api, given).then(setAdmin, (error: Error) => setFault(error.message));
  }, [api, given]);
  if (api === null || admin) return null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget as HTMLFormElement).get('token') as string;
    connect(api, token.trim()).then(setAdmin, (error: Error) => setFault(error.message));
  };
  return (
    <details class="admin">
      <summary>Retry as an admin</summary>
      <form onSubmit={submit}>
        <label>
          Admin token
          <input name="token" type="password" autocomplete="off" required />
        </label>
        <button>Use it</button>
      </form>
      <p class="bad" role="alert">
        {fault}
      </p>
    </details>
  );
}

/** Calls the API once, so that buttons appear only if they work. */
async function connect(api: string, token: string): Promise<Admin> {
  const call = (
    path: string,
    { headers, ...init }: { method?: string; body?: string; headers?: Record<string, string> } = {},
  ) =>
    fetch(api + path, { ...init, headers: { authorization: `Bearer ${token}`, ...headers } }).catch(
      () => {
        throw new Error(`The earnings API at ${api} cannot be reached from this page.`);
      },
    );
  const answer = await call('/failed-scrapes');
  if (answer.status === 401 || answer.status === 403)
    throw new Error('This token is not one of an admin, or it has expired.');
  if (!answer.ok) throw new Error(`The earnings API answered ${answer.status}; try again later.`);
  return {
    async retry(ids) {
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      };
      const response = await call('/failed-scrapes/retry', {
        method: 'POST',
        headers,
        body: JSON.stringify({ ids }),
      });
      if (!response.ok) throw new Error(`not possible (${response.status})`);
      const { items } = (await response.json()) as {
        items: { id: string; requestId: string | null; code: string | null }[];
      };
      const words = ({ requestId, code }: (typeof items)[number]) =>
        requestId
          ? 'requested again'
          : code === 'not_found'
            ? 'scraped again since'
            : 'not possible any more';
      return Object.fromEntries(items.map((item) => [item.id, words(item)]));
    },
  };
}
